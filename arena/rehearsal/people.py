"""Scripted people of several temperaments, who play a whole room over its sockets.

They live in simulated time, so that the same person plays five minutes or ninety days: an
interrogator's questions are spread over the room by temperament, a witness answers after a while.
"""

import asyncio
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from arena.clock import Rate
from arena.rehearsal.attacks import ATTACKS, BAD_FRAMES
from arena.rehearsal.connection import Frame, SeatConnection
from arena.rehearsal.talk import ANSWERS, QUESTIONS


class Temperament(StrEnum):
    BRISK = "brisk"
    SLOW = "slow"
    BURSTY = "bursty"
    DROPS_OUT = "drops_out"
    COMES_BACK = "comes_back"
    ATTACKS = "attacks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a person plays: questions per room, lines in a row, the share of the room they last."""

    n_questions: int
    n_lines: int
    lasts: float
    answer_s: float
    decides: bool


HABITS = {
    Temperament.BRISK: Habits(n_questions=12, n_lines=1, lasts=0.6, answer_s=8, decides=True),
    Temperament.SLOW: Habits(n_questions=5, n_lines=1, lasts=1.0, answer_s=40, decides=False),
    Temperament.BURSTY: Habits(n_questions=6, n_lines=3, lasts=0.9, answer_s=12, decides=True),
    Temperament.DROPS_OUT: Habits(n_questions=3, n_lines=1, lasts=0.3, answer_s=15, decides=False),
    Temperament.COMES_BACK: Habits(n_questions=6, n_lines=1, lasts=0.9, answer_s=20, decides=True),
    Temperament.ATTACKS: Habits(n_questions=12, n_lines=1, lasts=0.8, answer_s=10, decides=True),
}


class Person:
    """A scripted person with a connection, a temperament and a sense of time."""

    def __init__(
        self,
        line: SeatConnection,
        *,
        temperament: Temperament,
        duration_s: float,
        cadence_s: float,
        rate: Rate,
        seed: str,
    ) -> None:
        self.line, self.temperament = line, temperament
        self.habits = HABITS[temperament]
        self._duration_s, self._cadence_s, self._rate = duration_s, cadence_s, rate
        self._rng = random.Random(seed)

    async def get_ready(self) -> None:
        await self._until(lambda: bool(self.line.room))
        consent = self.line.room.get("consent")
        if consent is not None:
            await self.line.do("ready", consent=consent["sha256"])
        await self._until(lambda: self.line.phase not in ("", "lobby"))

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.line.news.clear()
            await self.line.news.wait()

    async def _pass(self, simulated_s: float) -> None:
        await asyncio.sleep(simulated_s / self._rate.speed)

    async def _leave_for_a_while(self) -> None:
        """Close the tab in the middle, as people do, and come back later."""
        if self.temperament == Temperament.COMES_BACK and self._rng.random() < 0.4:
            await self.line.disconnect()
            await self._pass(self._duration_s * 0.05)
            self.line.reconnect()


class ScriptedInterrogator(Person):
    """Asks in every pane, reports beliefs, tags a message, and decides or lets time run out."""

    async def play(self) -> None:
        await self.get_ready()
        stays_s = self._duration_s * self.habits.lasts
        # Keeps the cadence until dropping out.
        n_questions = max(self.habits.n_questions, math.ceil(stays_s / self._cadence_s))
        gap_s = stays_s / n_questions
        for n in range(n_questions):
            await self._pass(gap_s * self._rng.uniform(0.5, 1.0))
            if self.line.is_over:
                return
            await self._leave_for_a_while()
            await self._ask(n)
        if self.habits.decides and not self.line.is_over:
            await self._decide()
        if self.temperament == Temperament.ATTACKS:
            # A `sync` from nowhere has stopped the news of this connection.
            await self.line.disconnect()
            self.line.reconnect()

    async def _ask(self, n: int) -> None:
        for pane in self.line.room["panes"]:
            for _ in range(self.habits.n_lines):
                said = await self.line.do("say", pane=pane, text=self._question())
                if said["is"] == "error":
                    return
        if n % 2:
            await self.line.do("belief", p=round(self._rng.random(), 2))
        elif said.get("event"):
            await self.line.do("tag", event=said["event"], strategies=[])
        if self.temperament == Temperament.ATTACKS:
            await self.line.send_raw(self._rng.choice(BAD_FRAMES))

    def _question(self) -> str:
        lines = ATTACKS if self.temperament == Temperament.ATTACKS else QUESTIONS
        limit = int(self.line.room["limits"]["message_chars"])
        return self._rng.choice(lines)[:limit]

    async def _decide(self) -> None:
        two_party = self.line.room["format"] == "two_party"
        human: object = self._rng.random() < 0.5 if two_party else self._rng.choice("AB")
        await self.line.do("verdict", human=human, confidence=0.8, reason="a rehearsal")


class ScriptedWitness(Person):
    """Answers what is asked, after a while, until losing interest."""

    async def play(self) -> None:
        await self.get_ready()
        answered: set[str] = set()
        patience = self._duration_s * self.habits.lasts / self._rate.speed
        try:
            async with asyncio.timeout(None if self.habits.decides else patience):
                while not self.line.is_over:
                    await self._answer_all(answered)
                    self.line.news.clear()
                    await self.line.news.wait()
        except TimeoutError:
            if self.temperament == Temperament.DROPS_OUT:
                await self.line.disconnect()

    async def _answer_all(self, answered: set[str]) -> None:
        asked = [f["id"] for f in self.line.shown.values() if _is_question(f)]
        if not set(asked) - answered:
            return
        answered |= set(asked)
        await self._pass(self.habits.answer_s * self._rng.lognormvariate(0, 0.5))
        await self._leave_for_a_while()
        if not self.line.is_over:
            await self.line.do("say", text=self._rng.choice(ANSWERS))


def _is_question(frame: Frame) -> bool:
    return bool(frame["kind"] == "message" and frame["from"] == "them")
