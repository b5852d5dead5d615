"""Leaks that are put into a server from outside, to see that the leak test finds them.

Each breaks the product in the process of one server and nowhere else, where `arena.management`
puts it in (`python -m arena.management.planted <name> <port>`). Nothing in the product knows of
them.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from arena.errors import ArenaError
from arena.leaktest.families import Family
from arena.leaktest.latency import Latency


class Plant(StrEnum):
    EXTRA_FIELD = "extra_field"
    SORTABLE_ID = "sortable_id"
    POLLING_TICK = "polling_tick"
    FLOOR = "floor"
    SLOW_MODEL = "slow_model"
    STRIPPED_MARKDOWN = "stripped_markdown"
    PROBE_WORK = "probe_work"
    SHORT_KILL = "short_kill"
    HEADER_ORDER = "header_order"
    CANARY = "canary"
    ADMIN_LOOKUP = "admin_lookup"


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutPlant:
    """What a plant does, and the family that has to name it."""

    does: str
    caught_by: Family


PLANTS: dict[Plant, AboutPlant] = {
    Plant.EXTRA_FIELD: AboutPlant(
        does="frames of a machine's messages have one field more",
        caught_by=Family.FRAMES,
    ),
    Plant.SORTABLE_ID: AboutPlant(
        does="ids of a machine's messages begin with the time, and grow",
        caught_by=Family.IDS,
    ),
    Plant.POLLING_TICK: AboutPlant(
        does="a machine's messages are released on the full second",
        caught_by=Family.GRAIN,
    ),
    Plant.FLOOR: AboutPlant(
        does="no machine answers within 0.7 s",
        caught_by=Family.WAITS,
    ),
    Plant.SLOW_MODEL: AboutPlant(
        does="the model takes 3 s, and no delay hides it",
        caught_by=Family.WAITS,
    ),
    Plant.STRIPPED_MARKDOWN: AboutPlant(
        does="marks such as ** and # are taken out of a machine's words",
        caught_by=Family.ECHO,
    ),
    Plant.PROBE_WORK: AboutPlant(
        does="the server works for 40 ms, 0.7 s after a question to a machine",
        caught_by=Family.PONGS,
    ),
    Plant.SHORT_KILL: AboutPlant(
        does="what a machine owes after a restart of 4 s is said at once",
        caught_by=Family.RESTARTS,
    ),
    Plant.HEADER_ORDER: AboutPlant(
        does="pages of a room whose pane A is a machine have their headers in reverse",
        caught_by=Family.PAGES,
    ),
    Plant.CANARY: AboutPlant(
        does="a word such as canaries of other rooms is never said by a machine",
        caught_by=Family.ECHO,
    ),
    Plant.ADMIN_LOOKUP: AboutPlant(
        does="the repair pages take any column as a look-up, and list what opens seals",
        caught_by=Family.LOOKUPS,
    ),
}
#: The stand-in model of SLOW_MODEL, and the study's keys that would hide its time.
SLOW = Latency.read("3s")
#: Keys of the study that are set so that no delay hides the model's time.
WITHOUT_DELAY: dict[str, str | None] = {"delay": "0 s"}


class PlantUnknown(ArenaError):
    code: ClassVar[str] = "leaktest.plant"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no planted leak {name!r}. Expected one of: {', '.join(Plant)}. "
            "--planted without a name says what each of them does."
        )


def plant_named(name: str) -> Plant:
    """The plant of a name; raise if there is none."""
    try:
        return Plant(name)
    except ValueError:
        raise PlantUnknown(name) from None


def listed() -> str:
    """Every plant, what it does and the family that has to find it, one a line."""
    return "\n".join(
        f"{plant:<18} {about.does} (found by: {about.caught_by})" for plant, about in PLANTS.items()
    )


def server_command(plant: Plant, port: int) -> Sequence[str]:
    """The command of a server with a plant in it."""
    return (sys.executable, "-m", "arena.management.planted", plant, str(port))
