"""One UPDATE behind the log's back, of anything that is read from elsewhere than the log, is found.

`docs/security.md` lists the cases by their names.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.db import models, transaction
from django.db.models import F

from analysis.dataset import chain
from arena import services
from arena.events.stored import hashed_fields
from arena.events.verification import verify
from arena.models import (
    Event,
    MachineProfile,
    Participant,
    Room,
    SealedAssignment,
    Seat,
    Study,
    Timer,
)
from tests.arena.export.playing_rooms import asker, believe, decide, say, start, witness
from tests.faults.test_tampering import behind_its_back
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.paths import ROOT

LATER = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Two rooms of a study, one that has ended and one that is live, and another study's room."""

    ended: MadeRoom
    live: MadeRoom
    other: MadeRoom

    @property
    def study(self) -> Study:
        """As the database has it now."""
        return Study.objects.get(id=self.ended.study.id)


@pytest.fixture(scope="module")
def played(arena_database: None) -> Played:
    ended, live = make_rooms(2)
    for room in (ended, live):
        start(room)
        say(asker(room), "Who is there?", "A")
        services.pause(room.room, host="host", reason="a break")
        services.resume(room.room, host="host", reason="back")
        believe(asker(room), 0.7)
    decide(asker(ended), "A")
    made = Played(ended=ended, live=live, other=make_room())
    assert verify(made.study).fault is None
    return made


Case = Callable[[Played], tuple["models.QuerySet", dict[str, object]]]


def room(which: str, **values: object) -> Case:
    return lambda played: (Room.objects.filter(code=getattr(played, which).code), values)


def of(which: str, whose: str, /, **values: object) -> Case:
    """Other values for the interrogator, the human witness or the machine."""
    where = {
        "asker": {"name": "interrogator"},
        "human": {"name__in": "AB", "kind": "human"},
        "machine": {"kind": "machine"},
    }[whose]
    return lambda played: (
        Seat.objects.filter(room=getattr(played, which).room, **where),
        values,
    )


def study(**values: object) -> Case:
    return lambda played: (Study.objects.filter(id=played.study.id), values)


def profile(**values: object) -> Case:
    return lambda played: (MachineProfile.objects.filter(study=played.study), values)


def opening(**values: object) -> Case:
    """Other values in what opens the ended room's seal."""
    return lambda played: (
        SealedAssignment.objects.filter(room_id=played.ended.room.id),
        values,
    )


def moved_room(played: Played) -> tuple["models.QuerySet", dict[str, object]]:
    return Room.objects.filter(id=played.other.room.id), {"study_id": played.study.id}


def other_person(played: Played) -> tuple["models.QuerySet", dict[str, object]]:
    stranger, _ = Participant.objects.get_or_create(
        code="p-stranger", defaults={"created_at": played.ended.room.created_at}
    )
    places = Seat.objects.filter(room=played.ended.room, name="interrogator")
    return places, {"participant_id": stranger.id}


def other_code(played: Played) -> tuple["models.QuerySet", dict[str, object]]:
    person = asker(played.ended).participant
    assert person is not None
    return Participant.objects.filter(id=person.id), {"code": "p-renamed"}


def other_profile(played: Played) -> tuple["models.QuerySet", dict[str, object]]:
    foreign = played.other.study.machines.get()
    return Seat.objects.filter(room=played.ended.room, kind="machine"), {"profile_id": foreign.id}


def settled_timers(played: Played) -> tuple["models.QuerySet", dict[str, object]]:
    timers = Timer.objects.filter(room=played.live.room, done_at__isnull=True)
    return timers, {"done_at": played.ended.room.created_at}


#: By name: the change, and what has to be said of it.
CASES: dict[str, tuple[Case, str]] = {
    "db_end_reason": (room("ended", end_reason="time_up"), "end_reason is 'time_up', but its log"),
    "db_ended_by": (room("ended", ended_by="B"), "ended_by is 'B'"),
    "db_ended_at": (room("ended", ended_at=F("ended_at") + LATER), "ended_at is"),
    "db_started_at": (room("ended", started_at=F("started_at") - LATER), "started_at is"),
    "db_ends_at": (room("live", ends_at=F("ends_at") + LATER), "ends_at is"),
    "db_created_at": (room("ended", created_at=F("created_at") - LATER), "created_at is"),
    "db_paused_ms": (room("ended", paused_ms=F("paused_ms") + 1), "paused_ms is"),
    "db_phase_back_to_live": (room("ended", phase="live"), "phase is 'live', but its log"),
    "db_phase_ended": (room("live", phase="ended"), "phase is 'ended', but its log"),
    "db_consent": (room("ended", consent_sha256="0" * 64), "consent_sha256 is"),
    "db_room_rules": (room("ended", study_sha256="0" * 64), "study_sha256 is"),
    "db_seal": (room("ended", seal="0" * 64), "seal is"),
    "db_counts": (room("ended", n_messages=7), "n_messages is '7'"),
    "db_asked": (room("ended", n_asked_a=7), "n_asked_a is '7'"),
    "db_round": (room("live", round_ends_at=F("created_at")), "round_ends_at is"),
    "db_paused_at": (room("live", paused_at=F("created_at")), "paused_at is"),
    "db_last_message": (room("ended", last_message_at=None), "last_message_at is empty"),
    "db_last_moment": (room("ended", last_at=F("last_at") + LATER), "last_at is"),
    "db_room_moved_in": (moved_room, "does not name the study's file"),
    "db_seat_person": (other_person, "participant of its seat interrogator is 'p-stranger'"),
    "db_person_renamed": (other_code, "participant of its seat interrogator is 'p-renamed'"),
    "db_seat_kind": (of("ended", "human", kind="machine"), "the kind of its seat"),
    "db_seat_name": (of("ended", "machine", name="interrogator", stand_in=True), "seats are not"),
    "db_seat_profile": (other_profile, "the profile of its seat"),
    "db_seat_ready": (of("ended", "human", ready_at=None), "the ready_at of its seat"),
    "db_seat_claimed": (of("ended", "asker", claimed_at=None), "the claimed_at of its seat"),
    "db_seat_agent": (of("ended", "asker", agent="a/b"), "the agent of its seat interrogator"),
    "db_study_config": (study(config='{"slug":"x"}'), "its sha256 is not that of its rules"),
    "db_study_sha256": (study(sha256="0" * 64), "its sha256 is not that of its rules"),
    "db_study_title": (study(title="Another"), "its title is 'Another'"),
    "db_study_simulated": (study(simulated=False), "its simulated is False"),
    "db_study_source": (study(source="study: other"), "the text of the study's file"),
    "db_profile_spec": (profile(spec="{}"), "machine profile eliza is not the one"),
    "db_profile_sha256": (profile(sha256="0" * 64), "the sha256 of machine profile eliza"),
    "db_profile_name": (profile(name="other"), "its machine profiles are not those"),
    "db_assignment": (opening(assignment="{}"), "is not the one that its first event sealed"),
    "db_nonce": (opening(nonce="0" * 32), "is not the one that its first event sealed"),
    "db_timer_settled": (settled_timers, "its timer is gone"),
}


@contextmanager
def changed(played: Played, case: Case) -> Iterator[None]:
    """Some rows as a case has them, and then as they were."""
    rows, values = case(played)
    before = {row.pop("pk"): row for row in rows.values("pk", *values)}
    assert before
    rows.update(**values)
    try:
        yield
    finally:
        for pk, row in before.items():
            rows.model.objects.filter(pk=pk).update(**row)


@pytest.mark.parametrize("name", CASES)
def test_one_update_is_found(played: Played, name: str) -> None:
    case, said = CASES[name]
    with changed(played, case):
        assert said in str(verify(played.study).fault)
    assert verify(played.study).fault is None


def _log(made: MadeRoom) -> list[Event]:
    return list(Event.objects.filter(room=made.room).order_by("seq"))


def _cut(made: MadeRoom, kind: str) -> None:
    """Cut a log before its first event of a kind, and set the room's head accordingly."""
    log = _log(made)
    n_kept = next(n for n, event in enumerate(log) if event.kind == kind)
    with transaction.atomic(), behind_its_back():
        Event.objects.filter(id__in=[event.id for event in log[n_kept:]]).delete()
    last = log[n_kept - 1]
    Room.objects.filter(id=made.room.id).update(
        last_seq=last.seq, last_hash=last.hash, last_at=last.at
    )


@pytest.mark.parametrize("kind", ["verdict", "ended", "revealed", "belief"])
def test_tail_that_was_cut_with_its_head_is_found(kind: str) -> None:
    """`db_tail_cut`: what the room remembers of the rest gives it away."""
    made = make_room()
    start(made)
    say(asker(made), "Hello?", "A")
    believe(asker(made), 0.7)
    decide(asker(made), "A")
    _cut(made, kind)
    fault = str(verify(made.study).fault)
    assert made.code in fault and ("but its log says" in fault or "never opened" in fault)


def test_rewritten_chain_is_found_by_what_the_room_remembers() -> None:
    """`db_chain_rewritten`: another end in the log, every hash made anew, the columns as before."""
    made = make_room()
    services.end(made.room, host="host", reason="done")
    _rewrite(made, "ended", b'"reason":"technical"', b'"reason":"no_show"')
    assert "end_reason is 'technical', but its log says 'no_show'" in str(verify(made.study).fault)


def test_full_rewrite_needs_the_anchor_outside() -> None:
    """`db_full_rewrite`: log, hashes and columns alike; only a head kept elsewhere shows it."""
    made = make_room()
    services.end(made.room, host="host", reason="done")
    _rewrite(made, "ended", b'"reason":"technical"', b'"reason":"no_show"')
    Room.objects.filter(id=made.room.id).update(end_reason="no_show")
    assert verify(made.study).fault is None


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("held", b"I am here", b"I was out", "its words are not those that"),
        ("message", b"I am here", b"I was out", "its words are not those that"),
        ("message", b'"held":"', b'"held":"0', "but its seat holds"),
    ],
)
def test_held_words_and_those_shown_prove_each_other(
    kind: str, old: bytes, new: bytes, said: str
) -> None:
    """`db_held_words`: what a delay held, or what it showed, every hash made anew."""
    made = make_room(delay="1 h", duration="3 h")
    start(made)
    say(witness(made, "human"), "I am here")
    services.end(made.room, host="host", reason="done")
    assert verify(made.study).fault is None
    _rewrite(made, kind, old, new)
    assert said in str(verify(made.study).fault)


def _rewrite(made: MadeRoom, kind: str, old: bytes, new: bytes) -> None:
    """Change a body, and make every hash after it anew."""
    prev = ""
    with transaction.atomic(), behind_its_back():
        for event in _log(made):
            prev = prev or event.prev
            if event.kind == kind and event.body is not None:
                assert old.decode() in event.body
                event.body = event.body.replace(old.decode(), new.decode())
                event.body_sha256 = chain.bytes_digest(event.body.encode(), event.salt or "")
            event.prev = prev
            event.hash = prev = chain.event_digest(hashed_fields(event, made.code))
            values = {
                name: getattr(event, name) for name in ("body", "body_sha256", "prev", "hash")
            }
            Event.objects.filter(id=event.id).update(**values)
    Room.objects.filter(id=made.room.id).update(last_hash=prev)


def test_every_case_is_in_the_table_of_the_docs() -> None:
    page = (ROOT / "docs/security.md").read_text("utf-8")
    others = ("db_tail_cut", "db_chain_rewritten", "db_full_rewrite", "db_held_words")
    assert [name for name in (*CASES, *others) if f"`{name}`" not in page] == []
