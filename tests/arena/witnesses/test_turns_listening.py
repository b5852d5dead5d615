"""An interrogator who never stops typing is answered as often as by a person."""

import asyncio
import math
import random
import sys

import pytest
from django.db.models import Q

from arena import clock, database, pacing
from arena.models import Timer
from arena.queries.personas import room_seed
from arena.witnesses.listening import LISTENS_S
from tests.kit.factories import make_room, make_rooms
from tests.kit.people import Live, go_live, scripted
from tests.kit.quick_time import quick_time

LINE, REPLY = "and why is that so", "i have no idea really"
N_ROOMS = 3
#: How often the same imagined person is drawn to see how many replies it gives.
N_DRAWS = 100


def _person(live: Live, *, seconds: float) -> float:
    """How many replies this imagined person gives on average, one after the other."""
    seat = live.made.room.seats.get(name=live.made.machine_pane)
    persona_seed = int(room_seed(seat)[:8], 16)
    n = 0
    for seed in range(N_DRAWS):
        rng, now, first = random.Random(seed), 0.0, True
        while True:
            now += pacing.delay_s(
                "calibrated",
                n_in=len(LINE),
                n_out=len(REPLY),
                first=first,
                persona_seed=persona_seed,
                rng=rng,
            )
            if now > seconds:
                break
            n, first = n + 1, False
    return n / N_DRAWS


@pytest.mark.parametrize(
    ("seconds", "every_s"),
    [(60, 0.5), (60, 0.25), pytest.param(600, 0.5, marks=pytest.mark.long)],
)
async def test_lines_that_never_stop_are_answered_as_by_a_person(
    seconds: int, every_s: float
) -> None:
    machines = scripted(REPLY, pacing="calibrated")
    async with quick_time() as quick:
        made = await database.run(make_rooms, N_ROOMS, duration="30 min", machines=machines)
        rooms = [await go_live(each) for each in made]
        for _ in range(int(seconds / every_s)):
            await asyncio.gather(*(live.ask(LINE) for live in rooms))
            await quick.pass_time(every_s)
        said = sum([len(await live.said()) for live in rooms])
        persons = sum([await database.run(_person, live, seconds=seconds) for live in rooms])
    sys.stdout.write(f"{said} replies of machines, {persons:.1f} of people\n")
    # Within four standard errors of a count, and what listening costs who answers in a second.
    assert 0.85 * persons - 4 * math.sqrt(persons) <= said <= persons + 4 * math.sqrt(persons)


async def test_first_line_is_listened_to_for_some_seconds_at_most_before_the_model_is_asked() -> (
    None
):
    machines = scripted(REPLY, pacing="calibrated")
    live = await go_live(await database.run(make_room, machines=machines))
    async with quick_time() as quick:
        began = clock.now()
        while not await live.log("machine_call"):
            await live.ask(LINE)
            await quick.pass_time(0.5)
    [call, *_] = await live.log("machine_call")
    assert (call.at - began).total_seconds() <= LISTENS_S[1] + 0.6


async def test_one_question_at_a_time_waits_for_a_reply_that_is_being_typed() -> None:
    """However many lines come meanwhile: the newest stands for all of them."""
    machines = scripted(REPLY, pacing="published")
    live = await go_live(await database.run(make_room, machines=machines))
    async with quick_time() as quick:
        for _ in range(24):
            await live.ask(LINE)
            await quick.pass_time(0.5)
        waiting = Timer.objects.filter(Q(prepared=False), room=live.made.room, done_at=None)
        n_open = await database.run(waiting.filter(seat__kind="machine", kind="reply").count)
    # One that waits, and those of the last moment.
    assert n_open <= 3
