"""Under which conditions a forked process of the product lives; its environment says so.

Nothing here is product code: a condition replaces a part of the product in the process that asks
for it, before it serves.
"""

import os
import random
import time

PLANT = "LABORATORY_PLANT"
NO_POLL = "LABORATORY_NO_POLL"
LYING_CLOCK = "LABORATORY_LYING_CLOCK"
LOST_REPLIES = "LABORATORY_LOST_REPLIES"
DATABASE_PORT = "LABORATORY_DATABASE_PORT"
#: A file in the data directory with a byte for each reply that was lost.
N_LOST_REPLIES = "lost-replies"
#: How often (s) a lying clock is set, and by how much (s) at most.
LIE_EVERY_S = 0.7
LIE_S = 900.0


def set_up() -> None:
    """Give this process the conditions that its environment names."""
    from tests.faults.laboratory import plants

    if os.environ.get(NO_POLL):
        _stop_polling()
    if seed := os.environ.get(LYING_CLOCK):
        _lie(random.Random(seed))
    if share := os.environ.get(LOST_REPLIES):
        _lose_replies(float(share))
    if port := os.environ.get(DATABASE_PORT):
        _reach_database_over(port)
    if plant := os.environ.get(PLANT):
        plants.PLANTS[plants.Plant(plant)]()


def _stop_polling() -> None:
    """Nothing heals a ring that was lost or came too early."""
    from arena.live import runtime

    runtime.POLL_S = 3600.0


def _lie(rng: random.Random) -> None:
    """The system clock is set forth and back all the time; it is right at the start."""
    from arena import clock

    began = time.monotonic()
    lies = [0.0]

    def wall() -> float:
        while len(lies) <= (time.monotonic() - began) / LIE_EVERY_S:
            lies.append(rng.uniform(-LIE_S, LIE_S))
        return time.time() + lies[-1]

    clock.system = clock.ProcessClock(rate=clock.system.rate, wall=wall)


def _lose_replies(share: float) -> None:
    """A commit is done, and this process hears that it failed (SQLite; else a proxy does that)."""
    from django.conf import settings
    from django.db import OperationalError
    from django.db.backends.sqlite3.base import DatabaseWrapper

    commit, rng = DatabaseWrapper._commit, random.Random(os.getpid())

    def lossy(self: DatabaseWrapper) -> None:
        commit(self)
        if rng.random() < share:
            with (settings.DATA_DIR / N_LOST_REPLIES).open("ab") as count:
                count.write(b".")
            raise OperationalError("The reply to a COMMIT was lost.")

    DatabaseWrapper._commit = lossy


def _reach_database_over(port: str) -> None:
    """The database is not where the settings, which were read before, say that it is."""
    from django.db import connections

    connections.settings["default"]["PORT"] = port
