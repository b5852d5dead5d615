"""What a process does first: it tries again what failed, for its restart may have mended it."""

import datetime as dt
import random

from django.db.models import QuerySet

from arena import clock
from arena.models import Timer
from arena.rules import TimerKind

#: They are spread over this time (s) each, and no longer than that in all.
_EACH_S, _MOST_S = 0.2, 30.0


def try_again(*, rng: random.Random | None = None) -> int:
    """Have questions whose last call failed tried again soon; return how many there are.

    A key that is set in the environment, or a provider's address, is read when a process starts.
    """
    rng, now = rng or random.Random(), clock.now()
    waiting = list(_failing().filter(wake_at__gt=now).values_list("id", "wake_at"))
    spread_s = min(_MOST_S, _EACH_S * len(waiting))
    for id, wake_at in waiting:
        at = now + dt.timedelta(seconds=rng.uniform(0.0, spread_s))
        # Another process may have leased it meanwhile.
        Timer.objects.filter(id=id, wake_at=wake_at).update(wake_at=min(at, wake_at))
    return len(waiting)


def _failing() -> QuerySet[Timer]:
    rows = Timer.objects.filter(done_at__isnull=True, kind=TimerKind.REPLY, prepared=False)
    failed = rows.filter(attempts=0, payload__contains='"n_failed"')
    return failed.exclude(payload__contains='"withheld"')
