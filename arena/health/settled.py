"""Up to which event the log is settled: nothing with a lower id will be committed any more.

On SQLite one transaction writes at a time, so ids are committed in their order. On PostgreSQL a
transaction may commit after another that took later ids; but whoever has taken an id holds a lock
on the table until it ends. So the newest id of one moment is settled once all those are gone who
held that lock at, or right after, that moment.
"""

from django.db import connection
from django.db.models import Max

from arena.models import Event

_HOLDERS = (
    "SELECT virtualtransaction FROM pg_locks WHERE locktype = 'relation' AND granted "
    "AND mode = 'RowExclusiveLock' AND relation = 'arena_event'::regclass "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Horizon:
    """How far the log is settled, as far as one observer has seen; it only grows."""

    def __init__(self) -> None:
        self._settled = 0
        self._awaited: tuple[int, frozenset[str]] = 0, frozenset()

    def look(self) -> int:
        """The id up to which the log is settled now."""
        if connection.vendor != "postgresql":
            return _newest()
        mark, awaited = self._awaited
        if not awaited or not awaited & _holders():
            self._settled = max(self._settled, mark)
            newest = _newest()  # first: who has taken a lower id is still among the holders
            self._awaited = newest, (holders := _holders())
            if not holders:
                self._settled = max(self._settled, newest)
        return self._settled


def _newest() -> int:
    return Event.objects.aggregate(newest=Max("id"))["newest"] or 0


def _holders() -> frozenset[str]:
    """The transactions that may have taken ids and not committed yet."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS)
        return frozenset(holder for (holder,) in cursor.fetchall())
