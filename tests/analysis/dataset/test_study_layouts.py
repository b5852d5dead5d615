"""Exports of every layout that there ever was are read, verified and analysed."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

import analysis as ta
from analysis.dataset.schema import TABLES
from tests.kit.paths import ROOT

EXPORTS = sorted((ROOT / "tests/data/exports").glob("*.zip"), key=lambda path: path.stem)


def test_every_layout_is_kept() -> None:
    assert [path.stem for path in EXPORTS] == ["1", "1-typing", "1-withheld"]


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.stem)
def test_kept_exports_are_read_as_today(path: Path) -> None:
    study = ta.load(path)
    assert ta.verify(path).ok
    for name, columns in TABLES.items():
        assert list(getattr(study, name).columns) == [column.name for column in columns]
    assert sorted(ta.detections(study)["cause"]) == [1, 2]
    assert "<h2" in ta.render(study)


def test_what_an_old_export_lacks_is_empty() -> None:
    study = ta.load(EXPORTS[0])
    assert study.withheld.empty and study.typing.empty
    assert study.rooms["unsealed_at"].isna().all()
    assert set(study.seats["agent"]) == {""} == set(study.machine_calls["purpose"])


def test_the_newest_layout_is_read_whole() -> None:
    study = ta.load(next(path for path in EXPORTS if path.stem == "1-typing"))
    assert study.rooms["unsealed_at"].notna().sum() == 1
    assert list(study.typing["pasted_chars"]) == [5, 5]
    assert "In 1 room a host saw who is who" in ta.render(study)


def without(folder: Path, table: str, column: str) -> None:
    """Take a column out of a table's Parquet file, which alone is left of the table."""
    path = folder / f"{table}.parquet"
    pq.write_table(pq.read_table(path).drop_columns([column]), path)
    (folder / f"{table}.csv").unlink(missing_ok=True)


def test_only_added_columns_may_be_missing(copied: Path) -> None:
    whole = ta.load(copied)
    without(copied, "seats", "agent")
    without(copied, "machine_calls", "purpose")
    pd.testing.assert_frame_equal(whole.seats, ta.load(copied).seats)
    assert set(whole.machine_calls["purpose"]) == {"reply"}
    assert set(ta.load(copied).machine_calls["purpose"]) == {""}
    without(copied, "seats", "kind")
    with pytest.raises(ta.DataError, match="has no column kind"):
        ta.load(copied)
