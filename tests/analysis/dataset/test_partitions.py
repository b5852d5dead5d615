"""Exports in parts: the same study, the same decisions, here or on a scheduler's workers."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import analysis as ta
from analysis.dataset.schema import TABLES

LAYOUTS = {"files": {"rooms_per_part": 4}, "hive": {"hive": True}, "one": {"rooms_per_part": 999}}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export with commitments, silences, no-shows and losses. Not to be changed."""
    folder = tmp_path_factory.mktemp("plain")
    rule = ta.Rule(commitment=ta.Commitment.THRESHOLD, tau=0.7, dwell_ms=30_000, dwell_messages=2)
    ta.simulate(folder, n_rooms=30, n_interrogators=7, seed=3, design=ta.Design(rule=rule))
    return folder


@pytest.fixture(scope="module", params=list(LAYOUTS))
def parts(
    request: pytest.FixtureRequest, plain: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The same export in parts."""
    folder = tmp_path_factory.mktemp(request.param)
    ta.partition(plain, folder, **LAYOUTS[request.param])
    return folder


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a scheduler with two workers, all in this process."""
    from distributed import LocalCluster

    cluster = LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    )
    with cluster:
        yield cluster.scheduler_address


def same(one: pd.DataFrame, two: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert one.to_csv() == two.to_csv()


def test_parts_load_as_the_same_study(plain: Path, parts: Path) -> None:
    whole, pieces = ta.load(plain), ta.load(parts)
    for table in TABLES:
        same(getattr(whole, table), getattr(pieces, table))
    assert whole.config == pieces.config


def test_parts_verify(parts: Path) -> None:
    assert ta.verify(parts).ok


@pytest.mark.parametrize("clock", ["wall", "active", "messages"])
def test_parts_give_the_same_decisions(plain: Path, parts: Path, clock: str) -> None:
    wanted = ta.detections(ta.load(plain), clock)
    assert "commitment" in set(wanted["decided_by"])
    same(ta.detections(parts, clock), wanted)
    same(ta.detections(ta.load(parts), clock), wanted)


def test_workers_give_the_same_decisions(plain: Path, parts: Path, scheduler: str) -> None:
    study = ta.load(plain)
    wanted = ta.detections(study, "active")
    same(ta.detections(parts, "active", scheduler=scheduler), wanted)
    other = ta.Rule(commitment=ta.Commitment.THRESHOLD, tau=0.9, dwell_messages=1)
    wanted = ta.detections(study, "messages", other)
    same(ta.detections(ta.load(parts), "messages", other, scheduler=scheduler), wanted)


def test_a_zip_of_parts_is_read(plain: Path, tmp_path: Path, scheduler: str) -> None:
    ta.partition(plain, tmp_path / "parts", rooms_per_part=10)
    archive = Path(shutil.make_archive(str(tmp_path / "parts"), "zip", tmp_path / "parts"))
    wanted = ta.detections(plain)
    same(ta.detections(archive), wanted)
    same(ta.detections(archive, scheduler=scheduler), wanted)


def test_a_part_without_live_rooms_changes_no_type(tmp_path: Path) -> None:
    plain, parts = tmp_path / "plain", tmp_path / "parts"
    design = ta.Design(no_show_share=0.7)
    ta.simulate(plain, n_rooms=12, n_interrogators=3, seed=2, design=design)
    ta.partition(plain, parts, hive=True)
    same(ta.detections(parts), ta.detections(ta.load(plain)))


def test_an_empty_export_stays_empty(tmp_path: Path) -> None:
    ta.simulate(tmp_path / "plain", n_rooms=0, n_interrogators=1, seed=1)
    ta.partition(tmp_path / "plain", tmp_path / "parts")
    same(ta.detections(tmp_path / "parts"), ta.detections(tmp_path / "plain"))


def test_faults_name_the_part(plain: Path, tmp_path: Path) -> None:
    ta.partition(plain, tmp_path, rooms_per_part=15)
    (tmp_path / "beliefs/part-000001.parquet").write_bytes(b"nonsense")
    with pytest.raises(ta.DataError, match=r"beliefs/part-000001\.parquet cannot be read"):
        ta.load(tmp_path)
    with pytest.raises(ta.DataError, match=r"beliefs/part-000001\.parquet cannot be read"):
        ta.detections(tmp_path)


def test_rooms_in_two_parts_or_none_are_refused(plain: Path, tmp_path: Path) -> None:
    ta.partition(plain, tmp_path, rooms_per_part=15)
    shutil.copy(tmp_path / "rooms/part-000000.parquet", tmp_path / "rooms/part-000009.parquet")
    with pytest.raises(ta.DataError, match="rooms has 45 rows") as found:
        ta.detections(tmp_path)
    assert "sim00000" in str(found.value)
    with pytest.raises(ta.DataError, match="its room is listed before"):
        ta.load(tmp_path)
    (tmp_path / "rooms/part-000009.parquet").unlink()
    (tmp_path / "rooms/part-000001.parquet").unlink()
    with pytest.raises(ta.DataError, match="its room is not in rooms"):
        ta.detections(tmp_path)


def test_parts_beside_a_whole_table_are_refused(plain: Path, tmp_path: Path) -> None:
    ta.partition(plain, tmp_path)
    shutil.copy(plain / "rooms.csv", tmp_path)
    with pytest.raises(ta.DataError, match="rooms is there in parts and as one file"):
        ta.load(tmp_path)


def test_a_scheduler_needs_parts_workers_and_an_answer(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(ta.ArgumentError, match="needs an export that is partitioned by room"):
        ta.detections(plain, scheduler="tcp://127.0.0.1:9")
    ta.partition(plain, tmp_path)
    with pytest.raises(ta.ArgumentError, match="No scheduler answers at 'nonsense://x'"):
        ta.detections(tmp_path, scheduler="nonsense://x")
    with pytest.raises(ta.ArgumentError, match=r"`rooms_per_part` must be at least 1 \(got 0"):
        ta.partition(plain, tmp_path, rooms_per_part=0)
