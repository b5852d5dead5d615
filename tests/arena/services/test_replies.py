"""When witnesses are asked anew after a pause."""

import datetime as dt

from arena import database, services
from arena.services import replies
from tests.kit.factories import make_rooms
from tests.kit.people import go_live, scripted


async def test_no_witness_answers_in_the_first_instant_of_a_room_that_goes_on() -> None:
    """Both rows of a room are drawn alike, and no two of twenty rooms have the same moment."""
    waits: dict[str, list[float]] = {"human": [], "machine": []}
    made = await database.run(make_rooms, 20, machines=scripted("hm"))
    for each in made:
        live = await go_live(each)
        await live.ask("well?", pane="A")
        await live.ask("well?", pane="B")
        await database.run(services.pause, each.room, host="host", reason="")
        await database.run(services.resume, each.room, host="host", reason="")
        [resumed] = await live.log("resumed")
        rows = [timer for timer in await live.timers() if timer.done_at is None]
        kinds = dict(await database.run(list, each.room.seats.values_list("id", "kind")))
        assert len(rows) == 2
        for row in rows:
            wait = row.due_at - resumed.at - replies.LISTEN
            assert dt.timedelta(0) < wait <= dt.timedelta(seconds=replies._SEES_S)
            waits[kinds[row.seat_id]].append(wait.total_seconds())
        await live.decide()
    for drawn in waits.values():
        assert len(set(drawn)) == 20
        assert sum(wait > 1 for wait in drawn) >= 10
