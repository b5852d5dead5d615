"""One matched room: its interrogator with a stopwatch, its person, and its end."""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass

from arena.leaktest.observing import PANES, Listener, PutQuestion, Seen
from arena.leaktest.witness import MatchedPerson, get_ready, news
from arena.rehearsal.stage import Stage

#: How long (real s) the reveal is waited for.
END_S = 20.0
#: How long an answer of either kind is waited for, and the quiet after it in which more may come.
PATIENCE_S, QUIET_S = 60.0, 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRoom:
    """A room that is to be played: its code and the tokens of its seats."""

    code: str
    interrogator: str
    witness: str
    rule: str


class MatchedRoom:
    """A room under way; seconds are those of the rooms' clock."""

    def __init__(self, stage: Stage, room: OpenRoom, *, seed: str) -> None:
        self.stage, self.token = stage, room.interrogator
        self.rng = random.Random(seed)
        url, speed = stage.ws(room.code), stage.rate.speed
        self.asker = Listener(url, room.interrogator, rate=stage.rate)
        line = Listener(url, room.witness, rate=stage.rate)
        self.person = MatchedPerson(line, rule=room.rule, speed=speed, seed=f"person-{seed}")
        self._before = dict.fromkeys(PANES, 0)
        #: What the person does all the while.
        self.plays: Callable[[], Coroutine[None, None, None]] = self.person.play
        self.seen = Seen(code=room.code, speed=speed, listener=self.asker)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["MatchedRoom"]:
        """Both people are in, the person answers; at the end the room is over and told."""
        tasks = [asyncio.create_task(line.run()) for line in (self.asker, self.person.line)]
        tasks.append(asyncio.create_task(self.plays()))
        try:
            await get_ready(self.asker)
            yield self
            await self._end()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @contextlib.contextmanager
    def span(self, name: str) -> Iterator[None]:
        """A stretch of the room that is looked at under a name."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seen.spans[name] = (began, time.monotonic())

    async def ask_both(self, n: int, text: str) -> None:
        """Put a question to both panes, in an order that says nothing."""
        self._before = {pane: len(self.asker.messages(pane)) for pane in PANES}
        for pane in self.rng.sample(PANES, 2):
            await self.ask(pane, n, text=text)

    async def ask(self, pane: str, n: int, *, text: str) -> None:
        """Put a question to a pane and wait until it is acknowledged."""
        sent_s = time.monotonic()
        answer = await self.asker.do("say", pane=pane, text=text)
        if answer["is"] == "ack":
            self.seen.asked.append(
                PutQuestion(pane=pane, n=n, text=text, sent_s=sent_s, acked_s=time.monotonic())
            )

    async def both_answered(
        self, *, patience_s: float = PATIENCE_S, quiet_s: float = QUIET_S
    ) -> None:
        """Wait until both panes have answered and have been quiet for a while, or patience ends."""
        before = self._before
        deadline = time.monotonic() + patience_s / self.seen.speed
        while time.monotonic() < deadline and not self.asker.is_over:
            said = {pane: self.asker.messages(pane) for pane in PANES}
            if all(len(said[pane]) > before[pane] for pane in PANES):
                last_s = max(said[pane][-1].at_s for pane in PANES)
                left_s = last_s + quiet_s / self.seen.speed - time.monotonic()
                if left_s <= 0:
                    return
            else:
                left_s = deadline - time.monotonic()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(min(left_s, deadline - time.monotonic()), 0.001)):
                    await news(self.asker)

    async def rest(self, seconds: float) -> None:
        """Let some time go by."""
        await asyncio.sleep(seconds / self.seen.speed)

    async def _end(self) -> None:
        """Decide by a coin, and hear who was who."""
        if not self.asker.is_over:
            human = self.rng.choice(PANES)
            await self.asker.do("verdict", human=human, confidence=0.5, reason="a leak test")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_S):
                while not self._told():
                    await asyncio.sleep(0.02)
        self.seen.human = self._told()

    def _told(self) -> str:
        frames = (each.frame for each in self.asker.heard if each.frame["is"] == "reveal")
        return next((str(frame["human"]) for frame in frames), "")
