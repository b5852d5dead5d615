"""Makes a study of ended rooms in the database that the environment names: material for exports.

Runs in a process of its own, so that the benchmark itself needs neither Django nor a database.
Events go through the arena's own writer, hundreds in one decision; nothing is told to any socket.
"""

import asyncio
import datetime as dt
import os
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import django
from product_rooms import STUDY

#: Events that one decision stores.
AT_ONCE = 400
_TALK = """
so what did you do on the weekend then i think it rained all day here but my sister came by and we
cooked something "special" 🙂 don't ask = + - it's a long story honestly, über alles
"""
_WORDS = _TALK.split()


def main(slug: str, n_rooms: int, n_events: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
    django.setup()
    from arena import events, services

    study, _ = services.create_rooms(STUDY.replace("study: bench", f"study: {slug}"), n_rooms)
    asyncio.run(_fill(list(study.rooms.values_list("id", flat=True)), n_events // n_rooms))
    events.stop()


async def _fill(room_ids: list[int], n_events: int) -> None:
    # A few rooms at a time: what waits is held in memory.
    for start in range(0, len(room_ids), 20):
        await asyncio.gather(*(_play(each, n_events) for each in room_ids[start : start + 20]))


async def _play(room_id: int, n_events: int) -> None:
    from arena import events
    from arena.event_kinds import Started, Verdict
    from arena.events import Decision, Draft
    from arena.queries import study_file
    from arena.rules import EndReason, Phase
    from arena.services.ending import ending, time_up_timer

    def starting(room: events.LiveRoom, now: dt.datetime) -> Decision:
        ends_at = now + dt.timedelta(seconds=study_file(room).duration_s)
        values = {"phase": Phase.LIVE, "started_at": now, "ends_at": ends_at}
        timers = (time_up_timer(room, ends_at),)
        return Decision(events=(Draft(body=Started()),), room=values, timers=timers)

    async def store(*drafts: Draft) -> None:
        decision = Decision(events=drafts)
        await events.append(room_id, lambda _room, _now: decision)

    await events.append(room_id, lambda room, now: starting(room, now))
    talk = _talk(random.Random(room_id))
    # The first event sealed the room; four more are written here.
    left = n_events - 5
    while left > 0:
        drafts = tuple(islice(talk, min(left, AT_ONCE)))
        left -= len(drafts)
        await store(*drafts)
    verdict = Verdict(human="A", confidence=0.9, reason="It knew what rain is.")
    given = Draft(seat="interrogator", body=verdict)
    await events.append(
        room_id,
        lambda room, now: ending(
            room, now, reason=EndReason.VERDICT, first=(given,), by="interrogator"
        ),
    )


def _talk(rng: random.Random) -> "Iterator[object]":
    """Questions and answers in both panes, calls to the model, now and then a belief."""
    from arena.event_kinds import Belief, Message
    from arena.events import Draft

    while True:
        for _ in range(4):
            for pane in "AB":
                yield Draft(seat="interrogator", pane=pane, body=Message(text=_text(rng)))
                if pane == "B":
                    yield Draft(seat="B", body=_call(rng))
                yield Draft(seat=pane, pane=pane, body=Message(text=_text(rng)))
        yield Draft(seat="interrogator", body=Belief(p=round(rng.random(), 2)))


def _text(rng: random.Random) -> str:
    return " ".join(rng.choices(_WORDS, k=rng.randint(3, 25)))


def _call(rng: random.Random) -> object:
    from arena import clock
    from arena.event_kinds import MachineCall, Purpose, Shown

    digest = f"{rng.getrandbits(256):064x}"
    return MachineCall(
        profile="eliza",
        purpose=Purpose.REPLY,
        backend="openai",
        model="some-model-2026-11-01",
        parameters={"temperature": 1.0, "max_tokens": 200, "timeout": 60},
        prompt_sha256=digest,
        n_turns=rng.randint(1, 100),
        latency_ms=rng.randint(300, 6000),
        tokens_in=rng.randint(300, 6000),
        tokens_out=rng.randint(3, 200),
        cost_usd=rng.random() / 100,
        request_id=f"req_{digest[:24]}",
        outcome="ok",
        error="",
        shown=Shown(
            persona_sha256=digest,
            turns_from=1,
            turns_upto=rng.randint(1, 100),
            answered=rng.randint(1, 100),
            claims=None,
            summary=None,
            calendar_sha256=None,
            advice="",
            canary=False,
            now=clock.now(),
            zone="Europe/Vienna",
            tokens=rng.randint(300, 6000),
        ),
        due_at=clock.now(),
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
