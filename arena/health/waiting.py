"""Since when questions wait for machines whose calls fail, by the timers that are to answer them.

The log alone does not know: while a provider is left alone no call is made, and of a profile that
shares it none may ever have been.
"""

import datetime as dt
import json

from arena.models import MachineHealth, Timer
from arena.rules import Phase, TimerKind

#: For so long after a failure questions may wait without another call.
_REST = dt.timedelta(hours=25)
#: Under this name a reply's timer holds since when it has failed (`PendingReply`).
_SINCE = "failing_since"


def waiting_since(now: dt.datetime) -> dict[int, dt.datetime]:
    """By profile, since when the oldest question of a live room waits after a failure."""
    if not MachineHealth.objects.filter(troubled_at__gte=now - _REST).exists():
        return {}  # which spares a calm site the look through its timers
    timers = Timer.objects.filter(
        done_at__isnull=True,
        kind__in=(TimerKind.REPLY, TimerKind.INITIATIVE),
        prepared=False,
        room__phase=Phase.LIVE,
        seat__profile__isnull=False,
        payload__contains=f'"{_SINCE}"',
    )
    oldest: dict[int, dt.datetime] = {}
    for profile_id, payload in timers.values_list("seat__profile", "payload"):
        since_s = json.loads(payload).get(_SINCE)
        if isinstance(since_s, int | float):
            since = dt.datetime.fromtimestamp(since_s, dt.UTC)
            oldest[profile_id] = min(since, oldest.get(profile_id, since))
    return oldest
