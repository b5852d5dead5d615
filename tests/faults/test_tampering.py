"""One byte of one event changed behind the log's back is found, and the event named."""

import contextlib
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from arena.models import Event, SealedAssignment
from arena.services import end
from tests.kit.factories import MadeRoom, append_message, make_rooms


@pytest.fixture
def rooms() -> list[MadeRoom]:
    """Two rooms of one study, with words in them, ended."""
    made = make_rooms(2)
    for each in made:
        for n in range(5):
            append_message(each.room, f"line {n} of {each.code}: ä🙂")
        end(each.room, host="host", reason="done")
    return made


@contextlib.contextmanager
def behind_its_back() -> Iterator[None]:
    """The log's triggers off, as only the owner of the database can have them."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = [row for row in cursor.fetchall() if row[0].startswith("arena_event")]
            assert triggers
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("ALTER TABLE arena_event DISABLE TRIGGER USER")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for _, sql in triggers:
                    cursor.execute(sql)
            else:
                cursor.execute("ALTER TABLE arena_event ENABLE TRIGGER USER")


def _verify(made: MadeRoom) -> None:
    call_command("study", "verify", made.study.slug)


def _change(event: Event, **values: object) -> None:
    with transaction.atomic(), behind_its_back():
        assert Event.objects.filter(id=event.id).update(**values) == 1


def _one_byte(text: str, at: int) -> str:
    """The text with another character in one place."""
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]


def _log(made: MadeRoom) -> list[Event]:
    return list(Event.objects.filter(room=made.room).order_by("seq"))


def _assert_found(made: MadeRoom, event: Event) -> None:
    with pytest.raises(CommandError) as found:
        _verify(made)
    assert found.value.returncode == 1
    assert event.public_id in str(found.value) and made.code in str(found.value)


def test_untouched_study_verifies(
    rooms: list[MadeRoom], capsys: pytest.CaptureFixture[str]
) -> None:
    _verify(rooms[0])
    n_events = sum(len(_log(made)) for made in rooms)
    assert f"{n_events} events" in capsys.readouterr().out


@pytest.mark.parametrize(
    "column",
    ["public_id", "kind", "seat", "pane", "body", "salt", "body_sha256", "prev", "hash"],
)
@pytest.mark.parametrize("where", [0.0, 0.5, 0.999])
def test_one_changed_byte_is_found(rooms: list[MadeRoom], column: str, where: float) -> None:
    event = next(e for e in _log(rooms[1]) if e.kind == "message" and "line 2" in str(e.body))
    value = str(getattr(event, column))
    _change(event, **{column: _one_byte(value, int(where * len(value)))})
    event.refresh_from_db()
    _assert_found(rooms[1], event)


@pytest.mark.parametrize("kind", ["sealed", "message", "ended", "revealed"])
def test_every_byte_of_a_body_counts(rooms: list[MadeRoom], kind: str) -> None:
    event = next(e for e in _log(rooms[0]) if e.kind == kind)
    whole = event.body or ""
    for at in range(0, len(whole), max(1, len(whole) // 25)):
        _change(event, body=_one_byte(whole, at))
        _assert_found(rooms[0], event)
    _change(event, body=whole)
    _verify(rooms[0])


@pytest.mark.parametrize("body", ["[]", "null", "1", '"x"', "", "{", '{"text":NaN}', "{} "])
def test_body_of_another_shape_is_found(rooms: list[MadeRoom], body: str) -> None:
    for kind in ("sealed", "message", "revealed"):
        event = next(e for e in _log(rooms[0]) if e.kind == kind)
        whole = event.body
        _change(event, body=body)
        _assert_found(rooms[0], event)
        _change(event, body=whole)


def test_moved_moment_is_found(rooms: list[MadeRoom]) -> None:
    event = _log(rooms[0])[3]
    for microseconds in (1, 1_000, 1_000_000):
        moved = event.at.replace(microsecond=(event.at.microsecond + microseconds) % 1_000_000)
        if microseconds == 1_000_000:
            moved = event.at.replace(year=event.at.year - 1)
        _change(event, at=moved)
        _assert_found(rooms[0], event)
    _change(event, at=event.at)
    _verify(rooms[0])


def test_given_command_id_is_found(rooms: list[MadeRoom]) -> None:
    event = _log(rooms[0])[2]
    _change(event, command_id="c:forged")
    _assert_found(rooms[0], event)


@pytest.mark.parametrize("n_cut", [1, 3])
def test_cut_off_end_is_found(rooms: list[MadeRoom], n_cut: int) -> None:
    log = _log(rooms[0])
    with transaction.atomic(), behind_its_back():
        Event.objects.filter(id__in=[event.id for event in log[-n_cut:]]).delete()
    _assert_found(rooms[0], log[-n_cut - 1])


def test_whole_log_gone_is_found(rooms: list[MadeRoom]) -> None:
    with transaction.atomic(), behind_its_back():
        Event.objects.filter(room=rooms[0].room).delete()
    with pytest.raises(CommandError, match=rooms[0].code):
        _verify(rooms[0])


def test_event_taken_from_the_middle_is_found(rooms: list[MadeRoom]) -> None:
    log = _log(rooms[0])
    with transaction.atomic(), behind_its_back():
        Event.objects.filter(id=log[3].id).delete()
    _assert_found(rooms[0], log[4])


def test_swapped_bodies_are_found(rooms: list[MadeRoom]) -> None:
    one, two = _log(rooms[0])[2:4]
    _change(one, body=two.body, salt=two.salt)
    _change(two, body=one.body, salt=one.salt)
    _assert_found(rooms[0], one)


def test_event_of_another_room_is_found(rooms: list[MadeRoom]) -> None:
    ours, theirs = _log(rooms[0])[2], _log(rooms[1])[2]
    fields = ("at", "kind", "seat", "pane", "body", "salt", "body_sha256", "prev", "hash")
    _change(ours, **{name: getattr(theirs, name) for name in fields})
    _assert_found(rooms[0], ours)


def test_erasure_that_nobody_asked_for_is_found(rooms: list[MadeRoom]) -> None:
    event = next(e for e in _log(rooms[0]) if e.kind == "message")
    Event.objects.filter(id=event.id).update(body=None, salt=None)
    _assert_found(rooms[0], event)


def test_another_assignment_than_the_sealed_one_is_found(rooms: list[MadeRoom]) -> None:
    """Rewriting who sat where in the rooms table cannot be squared with the log."""
    room = rooms[0].room
    other = room.sealed.assignment.replace("human", "tmp").replace("machine:eliza", "human")
    sealed = SealedAssignment.objects.filter(room_id=room.id)
    sealed.update(assignment=other.replace("tmp", "machine:eliza"))
    with pytest.raises(CommandError, match=room.code):
        _verify(rooms[0])
