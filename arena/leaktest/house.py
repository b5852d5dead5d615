"""The house of a play: a server under test, its open rooms, and the stand-in model."""

import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from arena.clock import Rate
from arena.leaktest import design
from arena.leaktest.model import StandIn
from arena.leaktest.plan import LeakPlan
from arena.leaktest.plants import SLOW, WITHOUT_DELAY, Plant, server_command
from arena.leaktest.room import OpenRoom
from arena.rehearsal.design import with_keys
from arena.rehearsal.provider import provider
from arena.rehearsal.stage import Stage, stage

#: A room of a play in real time lasts at most so long (min).
ROOM_MIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A server under test with its open rooms and its model."""

    stage: Stage
    rooms: tuple[OpenRoom, ...]
    model: StandIn


@asynccontextmanager
async def house(
    plan: LeakPlan, *, n_rooms: int, speed: float, long: bool = False
) -> AsyncIterator[House]:
    """Run a server of the study, with the plan's plant in it, and so many rooms.

    In a `long` one machines keep their lives and people their reminders.
    """
    now = time.time()
    latency = SLOW if plan.plant == Plant.SLOW_MODEL else plan.latency
    model = StandIn(latency=latency, rng=random.Random(plan.seed), speed=speed)
    server = None if plan.plant is None else partial(server_command, plan.plant)
    async with (
        provider(random.Random(plan.seed), answering=model.answer) as address,
        stage(
            _adapted(plan, address, long=long),
            n_rooms=n_rooms,
            rate=Rate(speed=speed, real_start=now, simulated_start=now),
            server=server,
        ) as (own, made),
    ):
        rule, *_ = design.rules(plan.text)
        rooms = tuple(_open_room(room, rule=rule) for room in made["rooms"])
        yield House(stage=own, rooms=rooms, model=model)


def _adapted(plan: LeakPlan, address: str, *, long: bool) -> str:
    if long:
        return design.long_matched(plan.text, provider_url=address)
    changed = design.matched(plan.text, provider_url=address, minutes=ROOM_MIN)
    if plan.plant == Plant.SLOW_MODEL:
        return with_keys(changed, study=WITHOUT_DELAY, machines={})
    return changed


def _open_room(room: dict[str, Any], *, rule: str) -> OpenRoom:
    token = {seat: link.rstrip("/").rsplit("/", 1)[1] for seat, link in room["links"].items()}
    return OpenRoom(
        code=room["code"], interrogator=token["interrogator"], witness=token["witness"], rule=rule
    )
