"""The person of a matched pair: says what the machine says, when the study's own rule says so."""

import asyncio
import random

from arena import pacing
from arena.leaktest.observing import Listener
from arena.leaktest.words import reply_to
from arena.rehearsal.connection import Frame
from arena.rules import Phase
from arena.witnesses.listening import AS_PEOPLE

#: The share of people who write again after a silence of their own, and from when (s): 45 % of
#: 257 people of the MeetUp dialogues that no fit has seen re-opened after more than 15 s.
REOPENS, REOPENS_AFTER_S = 0.45, 15.0


async def get_ready(line: Listener) -> None:
    """Consent, and wait until the room is live."""
    while not line.room:
        await news(line)
    consent = line.room.get("consent")
    if consent is not None and line.phase == Phase.LOBBY:
        await line.do("ready", consent=consent["sha256"])
    while line.phase in ("", Phase.LOBBY):
        await news(line)


async def news(line: Listener) -> None:
    """Wait until another frame has come."""
    line.news.clear()
    await line.news.wait()
    line.check()


class MatchedPerson:
    """A scripted person whose waits, cuts and gaps are drawn from the study's pacing rule."""

    def __init__(self, line: Listener, *, rule: str, speed: float, seed: str) -> None:
        self.line, self._rule, self._speed = line, rule, speed
        self._rng = random.Random(seed)
        self._persona_seed = self._rng.getrandbits(32)
        self._has_spoken = False
        self.re_opens = self._rng.random() < REOPENS

    async def play(self) -> None:
        """Answer until the room is over: one answer at a time, then to the newest question."""
        await get_ready(self.line)
        n_answered = 0
        while not self.line.is_over:
            asked = self._asked()
            if len(asked) > n_answered:
                n_answered = await self._answer(asked[-1])
            else:
                await news(self.line)

    async def re_open(self, *, within_s: float) -> None:
        """Perhaps write without being asked, at some moment of a silence."""
        if self.re_opens and within_s > REOPENS_AFTER_S:
            await self._pass(self._rng.uniform(REOPENS_AFTER_S, within_s))
            await self.line.do("say", text="still there?")

    def _asked(self) -> list[str]:
        return [str(f["text"]) for f in self.line.shown.values() if _is_question(f)]

    async def _answer(self, question: str) -> int:
        """Say what there is to be said; return how many questions that covers."""
        parts = self._parts(reply_to(question))
        await self._pass(self._wait_s(n_in=len(question), n_out=len(parts[0].text)))
        asked = self._asked()
        if asked[-1] != question:  # Who is still typing answers what was written last.
            parts = self._parts(reply_to(asked[-1]))
        for part in parts:
            await self._pass(part.gap_s)
            if self.line.is_over:
                break
            await self.line.do("say", text=part.text)
        self._has_spoken = True
        return len(asked)

    def _parts(self, text: str) -> tuple[pacing.BurstPart, ...]:
        if self._rule not in AS_PEOPLE:
            return (pacing.BurstPart(text=text, gap_s=0.0),)
        return pacing.bursts(text, rng=self._rng, persona_seed=self._persona_seed)

    def _wait_s(self, *, n_in: int, n_out: int) -> float:
        return pacing.delay_s(
            self._rule,
            n_in=n_in,
            n_out=n_out,
            first=not self._has_spoken,
            persona_seed=self._persona_seed,
            rng=self._rng,
        )

    async def _pass(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


def _is_question(frame: Frame) -> bool:
    return bool(frame["kind"] == "message" and frame["from"] == "them")
