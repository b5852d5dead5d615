"""Live time in the tables is without pauses."""

import datetime as dt
from pathlib import Path

from arena import queries, services
from arena.models import Event, Room
from tests.arena.export.playing_rooms import asker, believe, say, start, tag
from tests.arena.export.reading_back import exported, read
from tests.kit.factories import make_room

MS = dt.timedelta(milliseconds=1)


def test_pauses_do_not_count_as_live_time(tmp_path: Path) -> None:
    room = make_room()
    start(room)
    message = say(asker(room), "Hello?", "A")
    services.pause(room.room, host="host", reason="a break")
    tag(asker(room), message, queries.study_file(room.study).strategies[0].id)
    services.resume(room.room, host="host", reason="back")
    believe(asker(room), 0.5)
    services.pause(room.room, host="host", reason="again")
    services.end(room.room, host="host", reason="the room is needed")

    folder = exported(room.study, tmp_path)

    at: dict[str, list[dt.datetime]] = {}
    for event in Event.objects.filter(room=room.room):
        at.setdefault(event.kind, []).append(event.at)
    [started], [ended], [resumed] = at["started"], at["ended"], at["resumed"]
    first_pause, last_pause = at["paused"]
    paused = resumed - first_pause
    [row], [tagged], [belief] = (read(folder, t) for t in ("rooms", "strategies", "beliefs"))
    assert tagged["elapsed_ms"] == (first_pause - started) // MS
    assert belief["elapsed_ms"] == (at["belief"][0] - started - paused) // MS
    assert row["elapsed_ms"] == (last_pause - started - paused) // MS
    assert row["paused_ms"] == (paused + (ended - last_pause)) // MS
    assert row["paused_ms"] == Room.objects.get(id=room.room.id).paused_ms
