"""Counts the machines' calls from the log into `MachineHealth`, each event exactly once.

The log is read by id, from the place that `CountedEvents` keeps to where it is settled; that place
moves in the transaction that stores the counts, and only from where the counting began. So any
number of processes may count, a killed one is as if it had never begun, and to count everything
anew the place is set to 0 (`recount`). The write path knows nothing of it.

A room's calls are counted twice: as they come, for those who administer the server, and once more
when it ends, for hosts (`arena.queries.machine_health` says why).
"""

from dataclasses import dataclass

from django.db import transaction

from arena.health.machine_events import COUNTED, rows_of
from arena.health.settled import Horizon
from arena.health.tally import MachineTally, Trouble
from arena.models import CountedEvents, FailedReply, MachineHealth

#: Events that one step takes, a few tenths of a second of work where all are calls.
BATCH_IDS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step of the counting came to, and whether it is worth to go on at once."""

    troubles: tuple[Trouble, ...] = ()
    more: bool = False


class Counter:
    """Counts for one process, which remembers up to where there was nothing to count."""

    def __init__(self) -> None:
        self._horizon = Horizon()
        self._looked = 0, 0  # from the kept place of the first, up to the second

    def step(self) -> Step:
        """Count the next events; those of a step are counted all or not at all."""
        place = CountedEvents.objects.get_or_create(id=1)[0].event_id
        began, looked = self._looked
        start = max(place, looked) if began == place else place
        settled = self._horizon.look()
        upto = min(settled, start + BATCH_IDS)
        if upto <= start:
            return Step()
        rows = rows_of(id__gt=start, id__lte=upto, kind__in=COUNTED)
        if not rows:
            self._looked = place, upto
            return Step(more=upto < settled)
        # Before the transaction, so that on SQLite nobody waits for it: all that is read here
        # changes with the place alone.
        tally = MachineTally()
        tally.take(rows)
        with transaction.atomic():
            if not CountedEvents.objects.filter(id=1, event_id=place).update(event_id=upto):
                return Step(more=True)  # another process was here first
            tally.save()
        return Step(troubles=tuple(tally.troubles), more=upto < settled)

    def count_all(self) -> tuple[Trouble, ...]:
        """Count all that is settled."""
        troubles: list[Trouble] = []
        while (step := self.step()).more:
            troubles += step.troubles
        return (*troubles, *step.troubles)


def recount() -> None:
    """Forget every count and the alarms made of them: the log is counted anew from its begin."""
    with transaction.atomic():
        CountedEvents.objects.get_or_create(id=1)
        CountedEvents.objects.filter(id=1).update(event_id=0)
        FailedReply.objects.all().delete()
        MachineHealth.objects.all().delete()
