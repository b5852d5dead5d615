"""Keeps that a machine was tried, where there is a database, and says what is known of it."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.db import DatabaseError, connection

from arena import clock
from arena.models import MachineTrial
from arena.studies.design import ProfileSpec
from arena.trial.outcome import ProfileTrial

#: A machine that answered so short a time ago is not asked again before rooms are opened.
FRESH = dt.timedelta(hours=1)


def keep(tried: Iterable[ProfileTrial]) -> None:
    """Store what came of trials."""
    now = clock.now()
    MachineTrial.objects.bulk_create(
        MachineTrial(
            profile_sha256=each.sha256,
            at=now,
            ok=each.ok,
            latency_ms=each.timing.median_ms if each.timing else None,
            sentence=each.why,
            report=json.dumps(each.to_json(), default=str),
        )
        for each in tried
    )


def keep_where_possible(tried: Iterable[ProfileTrial]) -> None:
    """Store what came of trials if this site has its tables; a study file is checked without."""
    try:
        if _has_table():
            keep(tried)
    except DatabaseError:
        return


def needed_delays_s(profiles: Iterable[ProfileSpec]) -> dict[str, int]:
    """By machine, the study's delay that its last trial asks for, as far as any is known."""
    found: dict[str, int] = {}
    try:
        for profile in profiles if _has_table() else ():
            trials = MachineTrial.objects.filter(profile_sha256=profile.sha256)
            last = trials.order_by("-at", "-id").first()
            timing = (json.loads(last.report)["timing"] if last else None) or {}
            if (needs_s := timing.get("needs_delay_s")) is not None:
                found[profile.name] = needs_s
    except DatabaseError:
        return {}
    return found


def untried(profiles: Iterable[ProfileSpec]) -> Sequence[ProfileSpec]:
    """The machines that ask a model and have not answered of late."""
    asking = [profile for profile in profiles if not profile.is_script]
    since = MachineTrial.objects.filter(ok=True, at__gte=clock.now() - FRESH)
    answered = set(since.values_list("profile_sha256", flat=True))
    return [profile for profile in asking if profile.sha256 not in answered]


def _has_table() -> bool:
    name = str(connection.settings_dict["NAME"])
    in_memory = name.startswith("file:") or name == ":memory:"
    # Connecting would make an empty SQLite database where there is none.
    if connection.vendor == "sqlite" and not in_memory and not Path(name).exists():
        return False
    return MachineTrial._meta.db_table in connection.introspection.table_names()
