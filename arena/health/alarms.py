"""When a machine counts as failing, and what is told of it: that it does, each hour, and its end.

An alarm goes on once two calls for a reply failed one after the other, a question has waited for
`PATIENCE` because a call failed, or one was left unanswered. It is over with a good call and five
minutes without trouble: a provider that fails now and then is one alarm, not many.

An alarm changes in one transaction with the alerts that tell of it, and only from the state that
was seen: of several processes one succeeds, and one that is killed has told nothing.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from arena.event_kinds import NOT_ASKED
from arena.health.waiting import waiting_since
from arena.models import Alert, MachineHealth, Room
from arena.rules import Phase

#: How long a question may wait for calls that fail before its machine counts as failing.
PATIENCE = dt.timedelta(seconds=20)
#: How long there must be no trouble before an alarm is over.
CALM = dt.timedelta(minutes=5)
#: Older trouble sets no alarm off: what happened before a long stop is not news.
FRESH = dt.timedelta(minutes=10)
#: From when on a machine without a good answer is down.
DOWN_AFTER = dt.timedelta(minutes=10)
#: How often an alarm that lasts is told of.
EVERY = dt.timedelta(hours=1)
IN_A_ROW = 2
#: The kind of failure of a profile whose provider is left alone because calls of others failed.
RESTS = NOT_ASKED
_RESTS = (
    "Calls of other machines at this provider failed a moment ago, so it is left alone for a while "
    "and then asked again. What they were told is told of them."
)


class MachineState(StrEnum):
    """How a profile fares. The last three are what alerts tell."""

    NEVER_CALLED = "never_called"
    ANSWERING = "answering"
    FAILING = "failing"
    DOWN = "down"
    RECOVERED = "recovered"


class Channel(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change of an alarm, for the server's log."""

    study: str
    profile: str
    state: MachineState
    message: str


def channels() -> tuple[Channel, ...]:
    """Where alerts go."""
    wanted = ((Channel.MAIL, settings.ALERT_EMAIL), (Channel.WEBHOOK, settings.ALERT_WEBHOOK_URL))
    return tuple(channel for channel, where in wanted if where)


def trouble_since(
    health: MachineHealth, waits: dt.datetime | None, now: dt.datetime
) -> dt.datetime | None:
    """Since when a machine fails; None if it does not."""
    since = []
    if health.n_failed_in_a_row >= IN_A_ROW and health.first_failed_at is not None:
        since.append(health.first_failed_at)
    if waits is not None and waits <= now - PATIENCE:
        since.append(waits)
    at = health.unanswered_at
    # Others were answered meanwhile: this one was not, and its host hears of it.
    if at is not None and (now - at < CALM or not _answered_since(health, at)):
        since.append(at)
    return min(since, default=None)


def state_of(health: MachineHealth | None, now: dt.datetime) -> MachineState:
    """How a profile fares, as hosts are told."""
    if health is None or (health.last_good_at is None and health.troubled_at is None):
        return MachineState.NEVER_CALLED
    if (since := health.failing_since) is None:
        return MachineState.ANSWERING
    is_down = now - since >= DOWN_AFTER and health.n_failed_in_a_row >= IN_A_ROW
    if is_down and not _answered_since(health, since):
        return MachineState.DOWN
    return MachineState.FAILING


def update(now: dt.datetime) -> list[Told]:
    """Set alarms off, go on with them and end them, and write the alerts of it."""
    waits = waiting_since(now)
    _know(waits)
    fresh = Q(troubled_at__gte=now - FRESH) | Q(failing_since__isnull=False)
    found = MachineHealth.objects.filter(fresh | Q(profile__in=waits.keys())).defer(
        "all_rooms", "ended_rooms"
    )
    with_study = found.select_related("profile__study").defer(
        "profile__spec", "profile__study__source", "profile__study__config"
    )
    changes = (_change(health, waits.get(health.profile_id), now) for health in with_study)
    return [told for told in changes if told is not None]


def _know(profiles: Iterable[int]) -> None:
    """Have a row for each profile, those that were never called too."""
    ids = set(profiles)
    known = MachineHealth.objects.filter(profile__in=ids).values_list("profile", flat=True)
    new = [MachineHealth(profile_id=id) for id in sorted(ids.difference(known))]
    MachineHealth.objects.bulk_create(new, ignore_conflicts=True)


def _change(health: MachineHealth, waits: dt.datetime | None, now: dt.datetime) -> Told | None:
    since = trouble_since(health, waits, now)
    if health.failing_since is None:
        if since is None:
            return None
        _explain(health, since, now)
        return _tell(health, MachineState.FAILING, since=since, now=now)
    if since is None and _is_calm(health, now):
        return _tell(health, MachineState.RECOVERED, since=health.failing_since, now=now)
    if since is not None and _is_due_again(health, now):
        return _tell(health, state_of(health, now), since=health.failing_since, now=now)
    return None


def _explain(health: MachineHealth, since: dt.datetime, now: dt.datetime) -> None:
    """Say why a machine fails of which the log has no failure, where others use its provider."""
    if health.troubled_at is None or health.troubled_at < since - FRESH:
        health.failure, health.sentence, health.troubled_at = RESTS, _RESTS, now
        health.save(update_fields=["failure", "sentence", "troubled_at"])


def _answered_since(health: MachineHealth, moment: dt.datetime) -> bool:
    return health.last_good_at is not None and health.last_good_at > moment


def _is_calm(health: MachineHealth, now: dt.datetime) -> bool:
    at = health.troubled_at
    return at is None or (_answered_since(health, at) and now - at >= CALM)


def _is_due_again(health: MachineHealth, now: dt.datetime) -> bool:
    """Whether an hour has passed, and somebody may still be waiting."""
    if health.told_at is not None and now - health.told_at < EVERY:
        return False
    rooms = Room.objects.filter(study=health.profile.study_id, phase=Phase.LIVE)
    return rooms.exists()


def _tell(
    health: MachineHealth, state: MachineState, *, since: dt.datetime, now: dt.datetime
) -> Told | None:
    """Store a change of an alarm with its alerts; None if another process was first."""
    message = message_of(health, state, since)
    seen = MachineHealth.objects.filter(
        profile=health.profile_id, failing_since=health.failing_since, told_at=health.told_at
    )
    with transaction.atomic():
        kept = None if state == MachineState.RECOVERED else since
        if not seen.update(failing_since=kept, told_at=now):
            return None
        Alert.objects.bulk_create(_alerts(health, state, since=since, now=now))
    profile = health.profile
    return Told(study=profile.study.slug, profile=profile.name, state=state, message=message)


def _alerts(
    health: MachineHealth, state: MachineState, *, since: dt.datetime, now: dt.datetime
) -> Iterator[Alert]:
    for channel in channels():
        yield Alert(
            profile_id=health.profile_id,
            channel=channel,
            state=state,
            failure=health.failure,
            since_at=since.replace(second=0, microsecond=0),
            message=message_of(health, state, since),
            created_at=now,
            wake_at=now,
        )


def message_of(health: MachineHealth, state: MachineState, since: dt.datetime) -> str:
    """What is told, in full sentences: of the machine alone, to the minute."""
    name = f"The machine {health.profile.name!r} of study {health.profile.study.slug!r}"
    at = f"{since.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
    if state == MachineState.RECOVERED:
        return f"{name} answers again; it had been failing since {at} ({health.failure})."
    if state == MachineState.DOWN:
        return f"{name} has given no answer since {at} ({health.failure}). {health.sentence}"
    return f"{name} has been failing since {at} ({health.failure}). {health.sentence}"
