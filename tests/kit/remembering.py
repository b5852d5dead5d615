"""A room that is filled without waiting, and an extractor that does its job."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from arena import clock, database
from arena.event_kinds import Message
from arena.events import Decision, Draft, append
from arena.models import Event, Room, Seat, Timer
from arena.rules import TimerKind
from arena.witnesses.memory.keeping import keep, memory_timer
from tests.kit.factories import MadeRoom
from tests.kit.fake_provider import Answer, completion
from tests.kit.people import OPENAI, Live

PERSONA = "You are Kim, 34, a nurse. You write short messages without capitals."


def remembering(window: int = 16_000, *, model: str = "ok", extractor: str = "keeper") -> str:
    """The machines of a study whose one machine has a memory."""
    kept = f"{{window_tokens: {window}, extractor: {extractor}}}"
    plain = OPENAI.format(model=model, timeout="5 s", pacing="none")
    return (
        plain.replace("memory: none", f"memory: {kept}")
        .replace('persona: ""', f"persona: {PERSONA}")
        .replace("calls: 1000, tokens: 1000000", "calls: 100000, tokens: 100000000")
    )


def keeper(request: Mapping[str, Any]) -> Answer:
    """An extractor that keeps every sentence about a life and every passage with a name in it."""
    material = json.loads(request["messages"][1]["content"])
    if "record" in material:
        kept = {"claims": [claim for m in material["messages"] for claim in _claims(m)]}
    else:
        quotes = [
            {"message": m["message"], "quote": m["text"][:200]}
            for m in material["messages"]
            if re.search(r"\b(?:my|our) \w+ .*\b[A-Z]\w+", m["text"])
        ]
        kept = {"points": [*({"point": p["point"]} for p in material["points"]), *quotes]}
    return Answer(body=completion(json.dumps(kept), dict(request)))


def _claims(message: Mapping[str, str]) -> list[dict[str, object]]:
    sentences = re.split(r"(?<=[.!?])\s+", message["text"])
    return [
        {
            "message": message["message"],
            "subject": "pets" if "cat" in sentence else "habit",
            "quote": sentence,
            "lasting": True,
            "replaces": None,
        }
        for sentence in sentences
        if re.match(r"i (?:have|am|live|work|like)\b", sentence)
    ]


@dataclass(slots=True)
class Filled:
    """A live room whose log is written to directly, at told times."""

    live: Live
    seat: Seat
    at: dt.datetime = field(default_factory=clock.now)

    @classmethod
    async def of(cls, live: Live) -> "Filled":
        seats = Seat.objects.select_related("room", "profile__study")
        made = live.made
        seat = await database.run(
            lambda: seats.get(room=made.room, name=made.machine_pane, stand_in=False)
        )
        return cls(live=live, seat=seat)

    @property
    def made(self) -> MadeRoom:
        return self.live.made

    async def talk(self, *texts: str) -> None:
        """Store messages of the machine's pane, the interrogator's and the machine's by turns."""
        pane = self.made.machine_pane
        await self.store(
            *(
                Draft(
                    seat=pane if n % 2 else "interrogator",
                    pane=pane,
                    body=Message(text=text),
                )
                for n, text in enumerate(texts)
            )
        )

    async def store(self, *drafts: Draft) -> None:
        await append(self.made.room.id, lambda room, now: Decision(events=drafts))

    async def due(self) -> Timer:
        """The memory timer that is open now, planned if it was not."""

        def decide(room: Room, now: dt.datetime) -> Decision:
            return Decision(timers=(memory_timer(room, self.seat, now),))

        await append(self.made.room.id, decide)
        rows = Timer.objects.filter(
            room=self.made.room, kind=TimerKind.MEMORY, done_at__isnull=True
        )
        [timer] = await database.run(list, rows)
        return timer

    async def keep(self) -> None:
        await keep(await self.due())

    async def log(self, *kinds: str) -> list[Event]:
        return await self.live.log(*kinds)
