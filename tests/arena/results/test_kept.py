"""What is kept is served while it holds nothing that was erased, and goes in time."""

import datetime as dt
import json
from pathlib import Path

from arena import clock, results, services
from arena.results import KeptFile, ResultKind
from arena.results.kept import folder_of, is_locked, open_lock, take, write_progress
from tests.arena.results.playing import ended_room, erase, make_here
from tests.kit.factories import MadeRoom
from tests.kit.pages import interrogator
from tests.kit.results import state


def kept(room: MadeRoom, kind: ResultKind = ResultKind.EXPORT) -> KeptFile | None:
    return state(room.study, kind).result


def test_a_result_is_shown_though_something_was_added_since(results_apart: Path) -> None:
    room = ended_room()
    make_here(room, ResultKind.EXPORT)
    before = kept(room)
    services.answer_exit(interrogator(room), answers={"cues": "Nothing."})
    found = state(room.study, ResultKind.EXPORT)
    assert (found.result, found.is_current) == (before, False)
    make_here(room, ResultKind.EXPORT)
    found = state(room.study, ResultKind.EXPORT)
    assert found.is_current and found.result != before
    # The old one is gone.
    assert len(list(folder_of(room.study, ResultKind.EXPORT).glob("*.zip"))) == 1


def test_words_that_were_erased_are_served_no_more(results_apart: Path) -> None:
    room = ended_room(said="My name is Ada.")
    make_here(room, ResultKind.EXPORT)
    before = kept(room)
    assert before is not None
    erase(room)
    assert kept(room) is None
    assert before.path.exists()
    results.prune()
    assert not before.path.exists()


def test_what_was_erased_while_it_was_made_is_not_served(results_apart: Path) -> None:
    room = ended_room(said="My name is Ada.")
    make_here(room, ResultKind.EXPORT)
    # As if the erasure had come between its reading and its end.
    note = folder_of(room.study, ResultKind.EXPORT) / "result.json"
    late = json.loads(note.read_text())
    erase(room)
    note.write_text(json.dumps(late | {"made_at": clock.now().isoformat()}))
    assert kept(room) is None


def test_results_go_after_a_week(results_apart: Path) -> None:
    old, new = ended_room(), ended_room()
    for room in (old, new):
        make_here(room, ResultKind.EXPORT)
    note = folder_of(old.study, ResultKind.EXPORT) / "result.json"
    made_at = (clock.now() - dt.timedelta(days=7, seconds=1)).isoformat()
    note.write_text(json.dumps(json.loads(note.read_text()) | {"made_at": made_at}))
    results.prune()
    assert kept(old) is None and kept(new) is not None
    assert {path.name for path in note.parent.iterdir()} == {"lock"}


def test_what_is_being_made_is_left_alone(results_apart: Path) -> None:
    room = ended_room()
    folder = folder_of(room.study, ResultKind.REPORT)
    with open_lock(folder) as lock:
        assert take(lock)
        (folder / "work-now").mkdir()
        results.prune()
        assert (folder / "work-now").exists() and is_locked(folder)
        running = state(room.study, ResultKind.REPORT).running
        assert running is not None and running.step == "Starting"
    assert not is_locked(folder)


def test_a_note_that_was_cut_off_is_none(results_apart: Path) -> None:
    room = ended_room()
    make_here(room, ResultKind.EXPORT)
    folder = folder_of(room.study, ResultKind.EXPORT)
    (folder / "result.json").write_text('{"file": "')
    assert kept(room) is None
    make_here(room, ResultKind.EXPORT)
    assert kept(room) is not None


def test_a_failure_is_forgotten_once_it_succeeds(results_apart: Path) -> None:
    room = ended_room()
    folder = folder_of(room.study, ResultKind.EXPORT)
    folder.mkdir(parents=True)
    write_progress(folder, results.Progress(step="", failed="The disk is full."))
    assert state(room.study, ResultKind.EXPORT).failed == "The disk is full."
    make_here(room, ResultKind.EXPORT)
    assert state(room.study, ResultKind.EXPORT).failed == ""
