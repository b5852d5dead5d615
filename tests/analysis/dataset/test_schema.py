"""The declared columns, and the rule for formulas."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset.schema import (
    FORMULA_STARTS,
    TABLES,
    Type,
    csv_cell,
    neutralise,
    restore,
)

#: Everything UTF-8 can hold, with the dangerous first characters well represented.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
RISKY = st.builds(str.__add__, st.sampled_from(["", *sorted(FORMULA_STARTS)]), TEXT)


@given(RISKY)
def test_neutralised_cells_come_back(text: str) -> None:
    assert restore(neutralise(text)) == text


@given(RISKY)
def test_neutralised_cells_are_no_formulas(text: str) -> None:
    assert neutralise(text)[:1] not in FORMULA_STARTS - {"'"}


@given(st.lists(RISKY, min_size=1))
def test_cells_come_back_through_a_csv_file(row: list[str]) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerow([csv_cell(cell) for cell in row])
    stream.seek(0)
    assert [restore(cell) for cell in next(csv.reader(stream, strict=True))] == row


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""), (True, "true"), (False, "false"), (-3, "-3"), (0.1, "0.1"), ("=1", "'=1"),
        ("'quoted'", "''quoted'"), ("plain", "plain"),
    ],
)  # fmt: skip
def test_cells_are_written(value: str | float | bool | None, cell: str) -> None:
    assert csv_cell(value) == cell


def test_columns_are_named_once_and_explained() -> None:
    for table, columns in TABLES.items():
        names = [column.name for column in columns]
        assert len(set(names)) == len(names), table
        assert all(column.meaning.endswith(".") for column in columns), table


def test_units_follow_the_names() -> None:
    for column in (column for columns in TABLES.values() for column in columns):
        assert (column.unit == "ms") == column.name.endswith("_ms"), column.name
        assert (column.type is Type.MOMENT) == (
            column.name.endswith("_at") or column.name == "at"
        ), column.name
