"""People who play through the services themselves, for tests that need no socket."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from arena import backends, database, services, witnesses
from arena.events import Appended
from arena.models import Event, Seat, Timer
from arena.services import deadlines, playing
from arena.timers import loop
from tests.kit.factories import MadeRoom
from tests.kit.stubborn import turns

SCRIPTED = """\
  - name: scripted
    weight: 1
    backend: scripted
    model: lines
    persona: ""
    options: {{lines: [{lines}], at_end: {at_end}}}
    pacing: {{rule: {pacing}}}
    initiative: none
    life: none
    memory: none
    budget: {{calls: {calls}, tokens: 1000000, cost_usd: 5}}
"""


def scripted(*lines: str, pacing: str = "none", calls: int = 1000, at_end: str = "repeat") -> str:
    """The machines of a study whose one machine says these lines."""
    quoted = ", ".join(f'"{line}"' for line in lines)
    return SCRIPTED.format(lines=quoted, pacing=pacing, calls=calls, at_end=at_end)


OPENAI = """\
  - name: model-{model}
    weight: 1
    backend: openai
    model: {model}
    persona: ""
    options: {{temperature: 1.0, max_tokens: 100, timeout: {timeout}, max_retries: 0}}
    pacing: {{rule: {pacing}}}
    initiative: none
    life: none
    memory: none
    budget: {{calls: 1000, tokens: 1000000, cost_usd: 5}}
"""


def openai(model: str, *, timeout: str = "5 min", pacing: str = "none") -> str:
    """The machines of a study whose one machine is a model of the fake provider."""
    return OPENAI.format(model=model, timeout=timeout, pacing=pacing)


def never_tried(machines: str) -> str:
    """The same machines under names that none had before: what is known of one goes by its hash."""
    return machines.replace("- name: ", f"- name: {secrets.token_hex(4)}-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A live room and its people."""

    made: MadeRoom
    asker: Seat
    witness: Seat

    async def ask(self, text: str, *, pane: str | None = None) -> Appended:
        where = pane or self.made.machine_pane
        return await playing.say(self.asker, command_id=_id(), text=text, pane=where)

    async def answer(self, text: str) -> Appended:
        return await playing.say(self.witness, command_id=_id(), text=text)

    async def decide(self) -> None:
        human: str | bool = self.made.human_pane or False
        if self.made.study.format == "two_party":
            human = self.made.human_pane is not None
        await playing.verdict(self.asker, command_id=_id(), human=human, confidence=1.0, reason="")

    async def log(self, *kinds: str) -> list[Event]:
        return await database.run(
            lambda: [e for e in self._events() if not kinds or e.kind in kinds]
        )

    def _events(self) -> list[Event]:
        return list(Event.objects.filter(room=self.made.room).order_by("seq"))

    async def said(self) -> list[str]:
        """What the machine has said."""
        return [
            str(event.data["text"])
            for event in await self.log("message")
            if event.seat == self.made.machine_pane
        ]

    async def timers(self, kind: str = "reply") -> list[Timer]:
        rows = Timer.objects.filter(room=self.made.room, kind=kind).order_by("id")
        return await database.run(list, rows)

    async def is_settled(self) -> bool:
        """Whether no reply is due."""
        return all(timer.done_at is not None for timer in await self.timers())

    async def settled(self) -> None:
        """Wait until no reply is due."""
        waits = turns("the replies")
        while not await self.is_settled():
            await asyncio.sleep(next(waits))


async def go_live(made: MadeRoom) -> Live:
    """Seat both people and have them agree."""
    asker = await database.run(services.seat_by_token, made.code, made.interrogator)
    witness = await database.run(services.seat_by_token, made.code, made.witness)
    for seat in (asker, witness):
        await playing.ready(seat, command_id=_id(), consent=made.room.consent_sha256)
    return Live(made=made, asker=asker, witness=witness)


async def wait_for(condition: Callable[[], Any]) -> Any:
    """Wait until an async condition is true; return it."""
    waits = turns("a condition")
    while not (found := await condition()):
        await asyncio.sleep(next(waits))
    return found


@contextlib.asynccontextmanager
async def loops(n: int = 1) -> AsyncIterator[None]:
    """`n` timer loops, as so many processes would run them."""
    handlers = deadlines.HANDLERS | witnesses.HANDLERS
    tasks = [asyncio.create_task(loop.Loop(handlers).run()) for _ in range(n)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await backends.close()


def _id() -> str:
    return secrets.token_hex(8)
