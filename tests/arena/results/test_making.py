"""What the process does: it tells how far it is, and why it failed, in words for a host."""

from pathlib import Path

import pytest

from arena.models import Room
from arena.results import Progress, ResultKind
from arena.results.kept import folder_of, open_lock, take
from arena.results.making import NotHeld, _of_sections, make
from arena.rules import EndReason, Phase
from tests.arena.results.playing import ended_room, make_here, play
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.results import state


def spoil(room: MadeRoom) -> None:
    """Let its row say that it was live, of which its log says nothing."""
    now = room.room.created_at
    Room.objects.filter(id=room.room.id).update(
        phase=Phase.ENDED, started_at=now, ended_at=now, end_reason=EndReason.TIME_UP
    )


def test_what_a_killed_process_left_behind_is_cleared(results_apart: Path) -> None:
    room = ended_room()
    folder = folder_of(room.study, ResultKind.EXPORT)
    (folder / "work-old" / "half").mkdir(parents=True)
    assert make_here(room, ResultKind.EXPORT) == ""
    assert [path for path in folder.iterdir() if path.is_dir()] == []


def test_rooms_that_allow_no_report_are_named(results_apart: Path) -> None:
    room = make_room()
    spoil(room)
    why = make_here(room, ResultKind.REPORT)
    assert why.startswith("These rooms do not allow a report.")
    assert "it was live but has no" in why
    assert state(room.study, ResultKind.REPORT).failed == why
    # The export of the same rooms is no less for it.
    assert make_here(room, ResultKind.EXPORT) == ""


def test_a_failure_leaves_what_was_made_before(results_apart: Path) -> None:
    room, other = make_rooms(2)
    play(room)
    assert make_here(room, ResultKind.REPORT) == ""
    before = state(room.study, ResultKind.REPORT).result
    spoil(other)
    why = make_here(room, ResultKind.REPORT)
    found = state(room.study, ResultKind.REPORT)
    assert why and (found.failed, found.result, found.is_current) == (why, before, False)


def test_what_nobody_expected_is_told_without_its_words(results_apart: Path) -> None:
    room = ended_room()
    (results_apart / "turn").mkdir(parents=True)
    why = make_here(room, ResultKind.EXPORT)
    assert "(IsADirectoryError)" in why and str(results_apart) not in why
    assert f"manage.py study export {room.study.slug} --out PATH" in why


def test_without_its_lock_nothing_is_made(results_apart: Path) -> None:
    room = ended_room()
    folder = folder_of(room.study, ResultKind.EXPORT)
    with open_lock(folder) as theirs, open_lock(folder) as own:
        assert take(theirs)
        with pytest.raises(NotHeld):
            make(room.study, ResultKind.EXPORT, lock=own.fileno())
    assert state(room.study, ResultKind.EXPORT).result is None


def test_sections_of_a_report_are_counted() -> None:
    assert _of_sections("3/17 Verdicts") == Progress(step="Working out: Verdicts", done=3, of=17)
    assert _of_sections("Writing the page") == Progress(step="Writing the page")
