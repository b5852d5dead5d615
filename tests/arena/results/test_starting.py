"""A result is made by one process of its own, however often it is asked for and however it ends."""

import os
import signal
import zipfile
from pathlib import Path

from arena import results
from arena.results import ResultKind
from tests.arena.results.playing import ended_room
from tests.kit.results import made, settled, state, turn_taken, waiting, workers


def test_a_process_of_its_own_makes_an_export(results_apart: Path) -> None:
    room = ended_room()
    result = made(room.study, ResultKind.EXPORT)
    with zipfile.ZipFile(result.path) as archive:
        assert archive.testzip() is None
        assert room.code in archive.read("rooms.csv").decode()
    assert result.n_bytes == result.path.stat().st_size
    assert state(room.study, ResultKind.EXPORT).is_current
    assert state(room.study, ResultKind.REPORT).result is None
    # Beside it there is nothing but its note and its lock.
    left = {path.name for path in result.path.parent.iterdir()}
    assert left == {result.path.name, "result.json", "lock"}


def test_a_process_of_its_own_makes_a_report(results_apart: Path) -> None:
    room = ended_room()
    result = made(room.study, ResultKind.REPORT)
    assert result.path.read_text().lstrip().startswith('<article class="ta-report ta-embedded"')


def test_two_clicks_start_one_process(results_apart: Path) -> None:
    room = ended_room()
    with turn_taken(results_apart):
        started = [results.start(room.study, ResultKind.EXPORT) for _ in range(3)]
        assert started == [True, False, False]
        waiting(room.study, ResultKind.EXPORT)
        assert results.start(room.study, ResultKind.EXPORT) is False
        assert len(workers(room.study)) == 1
        # Another kind is another work, which waits as well.
        assert results.start(room.study, ResultKind.REPORT) is True
        waiting(room.study, ResultKind.REPORT)
    assert settled(room.study, ResultKind.EXPORT).result
    assert settled(room.study, ResultKind.REPORT).result


def test_a_process_that_was_killed_is_not_believed_to_work(results_apart: Path) -> None:
    room = ended_room()
    with turn_taken(results_apart):
        results.start(room.study, ResultKind.EXPORT)
        waiting(room.study, ResultKind.EXPORT)
        [worker] = workers(room.study)
        os.kill(worker, signal.SIGKILL)
        found = settled(room.study, ResultKind.EXPORT)
    assert found.result is None
    assert found.failed.startswith("The work was stopped before it was done")
    assert f"manage.py study export {room.study.slug} --out PATH" in found.failed
    made(room.study, ResultKind.EXPORT)
    assert state(room.study, ResultKind.EXPORT).failed == ""


def test_work_is_gentle(results_apart: Path) -> None:
    room = ended_room()
    with turn_taken(results_apart):
        results.start(room.study, ResultKind.EXPORT)
        waiting(room.study, ResultKind.EXPORT)
        [worker] = workers(room.study)
        assert os.getpriority(os.PRIO_PROCESS, worker) == 19
    settled(room.study, ResultKind.EXPORT)
