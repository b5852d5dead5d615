"""Makes a room of 400 days for each number of messages; prints how its interrogator enters it.

Runs in a process of its own, as a server does that was stopped afterwards. What was said is spread
over 390 days. A belief of 90 % for A is the first that the interrogator does, and it has tagged
every tenth message of its own. Pane B has a hundredth of the messages, the oldest.
"""

import asyncio
import datetime as dt
import json
import os
import sys
from pathlib import Path

import django
from product_rooms import STUDY

AT_ONCE = 400
DAYS = 390


def main(sizes: list[int]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
    django.setup()
    from arena import events

    json.dump([_room(n) for n in sizes], sys.stdout)
    events.stop()


def _room(n_messages: int) -> dict[str, object]:
    from arena import clock, services
    from arena.services import playing

    told, back = clock.now, dt.timedelta(days=DAYS)
    begun = told() - back
    passed = dt.timedelta()
    clock.now = lambda: begun + passed
    text = STUDY.replace("duration: 1 h", "duration: 400 days")
    _, [new] = services.create_rooms(text.replace("bench", f"bench-{n_messages}"), 1)
    seats = []
    for token in (new.interrogator, new.witness):
        claim = services.claim_seat(token, None)
        seat = services.seat_for(claim.room_code, claim.secret)
        seats.append((seat, claim.secret))
        consent = seat.room.consent_sha256
        asyncio.run(playing.ready(seat, command_id="ready", consent=consent))
    [(asker, secret), _] = seats
    asyncio.run(playing.belief(asker, command_id="belief", p=0.9))
    for k in range(0, n_messages, AT_ONCE):
        passed = back * k / n_messages
        _say(asker.room_id, k, upto=min(k + AT_ONCE, n_messages), of=n_messages)
    clock.now = told
    return {"n": n_messages, "code": asker.room.code, "secret": secret}


def _say(room_id: int, k: int, *, upto: int, of: int) -> None:
    """The messages from the k-th on, then the tags of some of them."""
    from arena.event_kinds import Message, Tag
    from arena.events import Decision, Draft, append_now
    from arena.models import Event

    def pane(n: int) -> str:
        return "B" if n < of // 100 else "A"

    said = tuple(
        Draft(
            seat=pane(n) if n % 2 else "interrogator",
            pane=pane(n),
            body=Message(text=f"Message {n + 1:,}. Where were you when it rained so much?"),
        )
        for n in range(k, upto)
    )
    append_now(room_id, lambda room, now: Decision(events=said))
    mine = Event.objects.filter(room=room_id, kind="message", seat="interrogator").order_by("-seq")
    ids = list(mine.values_list("public_id", flat=True)[: len(said) // 2])[::10]
    tags = tuple(
        Draft(seat="interrogator", body=Tag(event=each, strategies=("logic",))) for each in ids
    )
    append_now(room_id, lambda room, now: Decision(events=tags))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main([int(each) for each in sys.argv[1:]])
