"""How the machines of a study fare: what its host may know, and what an administrator does.

A host watches both panes of a live room. Whatever grows with a machine's answers would tell which
pane is the machine's: after a call a message appears there; the calls of a day are as many as its
messages; and sums over many rooms, looked at often enough, are as many equations as there are
rooms. Neither rounding nor delay mends that. So a host is shown the figures of rooms that have
ended, whose seals are open, and of the others one thing only: that a machine fails, since what
minute, how, and what to do about it. It is told of an alarm and never of a call: an alarm is
over minutes after the last trouble, so its end tells nothing of what was said meanwhile. That a
machine fails cannot be told without telling that some pane is silent for that; who is told is never
who judges, and no page of a seat tells it.

`doctor` runs on the server, where whoever may run it can read the log: it is told everything.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from arena import backends, health
from arena.health import MachineFigures, MachineState
from arena.models import MachineHealth, MachineProfile, Room, Study
from arena.queries.studies import study_file
from arena.rules import Phase
from arena.studies.design import ProfileSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """A profile as the host of its study is shown it; `since` and what follows where it fails."""

    name: str
    state: MachineState
    since: dt.datetime | None
    last_at: dt.datetime | None  # of the last trouble
    failure: str
    sentence: str
    missing_key: str | None
    figures: MachineFigures  # of rooms that have ended

    @property
    def fails(self) -> bool:
        return self.state in (MachineState.FAILING, MachineState.DOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerMachineRow:
    """A profile as an administrator is shown it: all rooms, to the second."""

    study: str
    name: str
    state: MachineState
    since: dt.datetime | None
    failure: str
    sentence: str
    unanswered_at: dt.datetime | None
    figures: MachineFigures
    missing_key: str | None


def machine_rows(study: Study, now: dt.datetime) -> list[MachineRow]:
    """A study's profiles, by name."""
    profiles = MachineProfile.objects.filter(study=study).defer("spec").select_related("study")
    known = _known(MachineHealth.objects.filter(profile__study=study).defer("all_rooms"))
    rows = (_row(profile, known.get(profile.id), now) for profile in profiles.order_by("name"))
    return list(rows)


def _row(profile: MachineProfile, known: MachineHealth | None, now: dt.datetime) -> MachineRow:
    figures = MachineFigures.from_json(known.ended_rooms if known is not None else "{}")
    state, since, last_at = MachineState.NEVER_CALLED, None, None
    failure = sentence = ""
    if known is not None and known.failing_since is not None:
        state, failure, sentence = health.state_of(known, now), known.failure, known.sentence
        since, last_at = _minute(known.failing_since), _minute(known.troubled_at)
    elif figures.n_calls:  # not from live rooms: that one was called at all would tell
        state = MachineState.ANSWERING
    return MachineRow(
        name=profile.name,
        state=state,
        since=since,
        last_at=last_at,
        failure=failure,
        sentence=sentence,
        missing_key=backends.missing_key(_design(profile)),
        figures=figures,
    )


def _minute(moment: dt.datetime | None) -> dt.datetime | None:
    return moment and moment.replace(second=0, microsecond=0)


def _design(profile: MachineProfile) -> ProfileSpec:
    machines = study_file(profile.study).machines
    return next(machine for machine in machines if machine.name == profile.name)


def failing_studies(studies: Iterable[Study]) -> frozenset[int]:
    """Those of some studies that have a machine which fails."""
    ids = [study.id for study in studies]
    failing = MachineHealth.objects.filter(profile__study__in=ids, failing_since__isnull=False)
    return frozenset(failing.values_list("profile__study", flat=True))


def machines_in_use(now: dt.datetime) -> list[ServerMachineRow]:
    """The profiles of studies with rooms that have not ended, as the log is counted."""
    in_use = Room.objects.exclude(phase=Phase.ENDED).order_by().values("study").distinct()
    profiles = MachineProfile.objects.filter(study__in=in_use).select_related("study")
    known = _known(MachineHealth.objects.filter(profile__study__in=in_use))
    waits = health.waiting_since(now)
    return [
        _server_row(profile, known.get(profile.id), waits.get(profile.id), now=now)
        for profile in profiles.order_by("study__slug", "name")
    ]


def _server_row(
    profile: MachineProfile,
    known: MachineHealth | None,
    waits: dt.datetime | None,
    *,
    now: dt.datetime,
) -> ServerMachineRow:
    since = None
    if known is not None:
        # Whether or not a server is there that would tell of it.
        since = known.failing_since or health.trouble_since(known, waits, now)
        known.failing_since = since
    return ServerMachineRow(
        study=profile.study.slug,
        name=profile.name,
        state=health.state_of(known, now),
        since=since,
        failure=known.failure if known is not None else "",
        sentence=known.sentence if known is not None else "",
        unanswered_at=known.unanswered_at if known is not None else None,
        figures=MachineFigures.from_json(known.all_rooms if known is not None else "{}"),
        missing_key=backends.missing_key(_design(profile)),
    )


def _known(found: Iterable[MachineHealth]) -> Mapping[int, MachineHealth]:
    return {each.profile_id: each for each in found}
