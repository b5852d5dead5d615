"""Cells of the two files of a table are alike; in CSV formulas are neutralised, and no more."""

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.dataset.arrow import arrow_schema, table_of
from analysis.dataset.rows import Row
from analysis.dataset.schema import FORMULA_STARTS, neutralise
from arena.export import tables
from arena.export.tables import TableWriter

STARTS = st.sampled_from([*sorted(FORMULA_STARTS), "", "\n", "a"])
TEXTS = st.builds(
    str.__add__, STARTS, st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
)


def _verdict(reason: str, *, room: str = "abc") -> Row:
    numbers = {"seq": 1, "elapsed_ms": 2, "n_messages": 3, "confidence": 0.5, "correct": True}
    return {"room": room, "event": "e", "at": 0, "human": "A", "reason": reason, **numbers}


def _written(folder: Path, *pieces: list[Row]) -> list[list[str]]:
    with TableWriter(folder, "verdicts") as writer:
        for rows in pieces:
            writer.add(table_of("verdicts", rows))
    with (folder / "verdicts.csv").open(encoding="utf-8", newline="") as stream:
        header, *cells = csv.reader(stream, strict=True)
    assert header == arrow_schema("verdicts").names
    return cells


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_text_is_neutralised_in_csv_alone(tmp_path: Path, texts: list[str]) -> None:
    cells = _written(tmp_path, [_verdict(text) for text in texts])
    assert [row[-1] for row in cells] == [neutralise(text) for text in texts]
    assert pq.read_table(tmp_path / "verdicts.parquet").column("reason").to_pylist() == texts


def test_pieces_without_rows_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [_verdict("first"), _verdict("second")]
    cells = _written(tmp_path, [], some, [], [], [_verdict("third")], [])
    assert [row[-1] for row in cells] == ["first", "second", "third"]
    monkeypatch.setattr(tables, "GROUP_ROWS", 1)
    assert _written(tmp_path, [], some, [], [_verdict("third")], []) == cells
    assert _written(tmp_path, []) == []


def test_numbers_moments_and_truths_are_spelt_as_the_codebook_says(tmp_path: Path) -> None:
    [cells] = _written(tmp_path, [_verdict("", room="=r")])
    at = "1970-01-01T00:00:00.000Z"
    assert cells == ["'=r", "e", "1", at, "2", "3", "A", "true", "0.5", ""]


def test_a_row_has_the_columns_of_its_table() -> None:
    for row in ({**_verdict(""), "more": 1}, {"room": "abc"}):
        with pytest.raises(ValueError, match="needs the columns"):
            table_of("verdicts", [row])
