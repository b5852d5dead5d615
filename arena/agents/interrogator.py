"""A model in the interrogator's seat: it asks, tags, believes and decides over the wire protocol.

It is one client among others and knows nothing that a person in its seat would not. Whatever fails,
a verdict is given while one is still accepted.
"""

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass

from arena.agents.briefs import Briefing, SaidLine
from arena.agents.minds import AgentSpending, Mind, MindFailed
from arena.agents.moves import Judgement, Move, PaneQuestion, read_move
from arena.backends import Task
from arena.rehearsal.connection import SeatConnection
from arena.rules import Format
from arena.studies.design import StudyFile

#: The verdict is asked for in the grace if that is so long (s), else as long before time is up.
LEAST_GRACE_S = 20.0
#: What must be left (s) of the time in which a verdict is accepted when one is given unasked.
RESERVE_S = 4.0
NO_VERDICT = "No readable verdict came from the model. This is its last belief."


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How an agent times its questions, in seconds."""

    turns: int
    gap_s: float  # between two turns, at least
    patience_s: float  # for answers that do not come
    settle_s: float  # of quiet, after the last answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What an agent made of its room."""

    room: str
    n_questions: int
    belief: float | None
    judgement: Judgement | None
    forced: bool  # the verdict is not the model's own words but its last belief
    ended: str
    spent: AgentSpending


class AgentInterrogator:
    """Plays one room through one connection."""

    def __init__(
        self, line: SeatConnection, mind: Mind, *, design: StudyFile, manners: Manners
    ) -> None:
        self._line, self._mind, self._design, self._manners = line, mind, design, manners
        self._strategies = frozenset(each.id for each in design.strategies)
        self._n_questions = 0
        self._belief: float | None = None
        self._judgement: Judgement | None = None
        self._forced = False

    async def play(self, room: str) -> Played:
        """Play from the lobby to the verdict, or to the end if that comes first."""
        await self._get_ready()
        for _ in range(self._manners.turns):
            if not await self._may_ask():
                break
            began = time.monotonic()
            with contextlib.suppress(MindFailed, TimeoutError):
                await self._act(await self._move())
            if self._judgement is not None or self._mind.spent.exhausted(self._mind.budget):
                break
            await self._wait_for_answers(began)
        await self._decide()
        await self._until(lambda: self._line.is_over, within_s=RESERVE_S)
        return self._played(room)

    async def _get_ready(self) -> None:
        await self._until(lambda: bool(self._line.room))
        if (consent := self._line.room.get("consent")) and not self._line.room.get("ready"):
            await self._line.do("ready", consent=consent["sha256"])
        await self._until(lambda: self._line.phase not in ("", "lobby"))
        if held := self._line.room.get("belief"):  # it has played here before
            self._belief = float(held["p"])

    async def _may_ask(self) -> bool:
        """Wait while the room is paused; whether there is time for another turn."""
        await self._until(lambda: self._line.phase != "paused")
        return not self._line.is_over and self._until_final_s() > 0

    async def _move(self) -> Move:
        # A model that thinks past the end has nothing to ask any more.
        async with asyncio.timeout(max(0.0, self._until_final_s())):
            return await self._asked(final=False)

    async def _asked(self, *, final: bool) -> Move:
        chars = int(self._line.room["limits"]["message_chars"])

        def task(complaint: str) -> Task:
            return self._briefing(final=final, complaint=complaint).task()

        def read(text: str) -> Move:
            format = self._design.format
            move = read_move(text, format=format, strategies=self._strategies, chars=chars)
            if final and move.judgement is None:
                raise ValueError("`verdict` must not be null any more.")
            return move

        return await self._mind.ask(task, read)

    def _briefing(self, *, final: bool, complaint: str) -> Briefing:
        shown = [f for f in self._line.shown.values() if f["kind"] == "message"]
        return Briefing(
            format=self._design.format,
            message_chars=int(self._line.room["limits"]["message_chars"]),
            strategies=self._design.strategies,
            lines=[
                SaidLine(
                    pane=f.get("pane") or "A",
                    mine=f["from"] == "me",
                    at=str(f["at"])[11:19],
                    text=f["text"],
                )
                for f in shown
            ],
            belief=self._belief,
            left_s=self._left_s(),
            final=final,
            complaint=complaint,
        )

    async def _act(self, move: Move) -> None:
        for question in move.questions:
            await self._say(question)
        if move.belief is not None and not self._line.is_over:
            self._belief = move.belief
            await self._line.do("belief", p=round(move.belief, 4))
        if move.judgement is not None and not self._line.is_over:
            await self._judge(move.judgement)

    async def _say(self, question: PaneQuestion) -> None:
        if self._line.is_over:
            return
        said = await self._line.do("say", pane=question.pane, text=question.text)
        if said["is"] != "ack":  # the round is still open, or time is up
            return
        self._n_questions += 1
        if question.strategies:
            await self._line.do("tag", event=said["event"], strategies=list(question.strategies))

    async def _judge(self, judgement: Judgement, *, forced: bool = False) -> None:
        given = await self._line.do(
            "verdict",
            human=judgement.human,
            confidence=judgement.confidence,
            reason=judgement.reason,
        )
        if given["is"] == "ack" or given.get("reason") == "verdict":
            self._judgement, self._forced = judgement, forced

    async def _wait_for_answers(self, began: float) -> None:
        """Wait until every question has its answer and the witnesses are quiet, or for so long."""
        manners = self._manners
        await self._until(
            lambda: self._all_answered() or self._line.is_over,
            within_s=min(manners.patience_s, self._until_final_s()),
        )
        while not self._line.is_over and await self._hears_more():
            pass
        left_s = min(manners.gap_s - (time.monotonic() - began), self._until_final_s())
        await self._until(lambda: self._line.is_over, within_s=left_s)

    async def _hears_more(self) -> bool:
        """Whether somebody says more before it has been quiet for as long as one listens."""
        n_shown, quiet_s = len(self._line.shown), self._manners.settle_s
        return await self._until(
            lambda: len(self._line.shown) > n_shown, within_s=min(quiet_s, self._until_final_s())
        )

    def _all_answered(self) -> bool:
        last = {f.get("pane"): f["from"] for f in self._line.shown.values() if "text" in f}
        return bool(last) and all(sender == "them" for sender in last.values())

    async def _decide(self) -> None:
        """Give a verdict if there is none: the model's, or what it last believed."""
        if self._judgement is not None or self._line.is_over:
            return
        if self._mind.spent.calls and not self._mind.spent.exhausted(self._mind.budget):
            with contextlib.suppress(MindFailed, TimeoutError):
                async with asyncio.timeout(max(0.0, self._until_closed_s())):
                    move = await self._asked(final=True)
                if move.judgement is not None:
                    await self._act(Move(belief=move.belief, judgement=move.judgement))
        await self._until(lambda: self._line.phase != "paused")
        if self._judgement is None and not self._line.is_over:
            await self._judge(self._last_belief(), forced=True)

    def _last_belief(self) -> Judgement:
        p = 0.5 if self._belief is None else self._belief
        right: str | bool = p >= 0.5
        if self._design.format == Format.THREE_PARTY:
            right = "A" if right else "B"
        return Judgement(human=right, confidence=max(p, 1 - p), reason=NO_VERDICT)

    def _left_s(self) -> float:
        """How long the room's clock still runs, by the server's time."""
        room = self._line.room
        if room.get("ends_at") is None:
            return float(self._design.duration_s)
        left = dt.datetime.fromisoformat(room["ends_at"]) - dt.datetime.fromisoformat(room["now"])
        return left.total_seconds() - (time.monotonic() - self._line.room_at)

    def _until_final_s(self) -> float:
        """When the verdict has to be asked for: in the grace, or before the end without one."""
        has_grace = self._design.verdict_grace_s >= LEAST_GRACE_S
        return self._left_s() - (0.0 if has_grace else self._lead_s)

    def _until_closed_s(self) -> float:
        """When a verdict has to be given, whatever the model does."""
        has_grace = self._design.verdict_grace_s >= LEAST_GRACE_S
        return self._left_s() + (self._design.verdict_grace_s if has_grace else 0.0) - RESERVE_S

    @property
    def _lead_s(self) -> float:
        return min(LEAST_GRACE_S, self._design.duration_s / 4)

    async def _until(self, condition: Callable[[], bool], *, within_s: float | None = None) -> bool:
        """Wait for a condition on what the wire has brought; whether it came true in time."""
        try:
            async with asyncio.timeout(None if within_s is None else max(0.0, within_s)):
                while not condition():
                    self._line.check()
                    self._line.news.clear()
                    await self._line.news.wait()
        except TimeoutError:
            return False
        return True

    def _played(self, room: str) -> Played:
        ended = [f["reason"] for f in self._line.frames if f["is"] == "ended"]
        return Played(
            room=room,
            n_questions=self._n_questions,
            belief=self._belief,
            judgement=self._judgement,
            forced=self._forced,
            ended=ended[-1] if ended else "",
            spent=self._mind.spent,
        )
