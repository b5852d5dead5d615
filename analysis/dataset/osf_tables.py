"""Reads the tables of the published three-party data (osf.io/jk7bw) as they were released.

Every cell is text here, ids are made alike, and free text about people is never read.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import DataError

#: What is read of each table. `tt_profile.other` holds identifying remarks and is not among it.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "tt_game": (
        "id", "interrogator_id", "human_witness_id", "ai_witness_id", "status", "created_at",
        "finished_at", "verdict_at", "is_test",
    ),
    "tt_conversation": ("id", "game_id", "witness_id", "label"),
    "tt_witness": ("id", "witness_type", "user_id", "ai_model_id"),
    "tt_interrogator": ("id", "user_id"),
    "tt_message_anonymized": (
        "id", "conversation_id", "sender_role", "timestamp", "hidden", "content",
    ),
    "tt_verdict": ("id", "game_id", "verdict", "confidence", "reason", "is_correct"),
    "tt_transcripts": (
        "game_id", "conversation_label", "witness", "verdict", "confidence", "reason",
        "is_correct",
    ),
    "tt_profile": ("user_id", "expt_aware"),
    "tt_aimodel": ("id", "name"),
}  # fmt: skip

#: Not released with the longer games, whose verdicts are in their transcripts.
OPTIONAL = ("tt_verdict",)

#: Columns that hold ids; the longer games write them through floats, as "109819.0".
IDS = frozenset({"id", "user_id"})
_ID_SUFFIX = "_id"

_NOTHING = ("", "nan", "NaN", "NA", "None")


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """The tables of one folder of the release, as text."""

    path: Path
    tables: Mapping[str, pd.DataFrame]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    @property
    def has_verdicts(self) -> bool:
        """Whether there is a separate table of verdicts."""
        return "tt_verdict" in self.tables


def read_release(path: Path) -> Released:
    """Read the tables of a folder; DataError lists every file and column that is not there."""
    tables, problems = {}, []
    for name, columns in COLUMNS.items():
        file = path / f"{name}.csv"
        if not file.is_file():
            if name not in OPTIONAL:
                problems.append(_missing(file))
            continue
        frame = _read(file)
        lacking = [column for column in columns if column not in frame]
        if lacking:
            problems.append(f"{file.name} has no column {', '.join(lacking)}; it is needed.")
            continue
        tables[name] = frame[list(columns)].apply(_clean)
    if problems:
        raise DataError(tuple(problems))
    return Released(path=path, tables=tables)


def truthy(cells: pd.Series) -> pd.Series:
    """TRUE, true, 1 and 1.0 as true."""
    return cells.str.upper().isin(("TRUE", "T", "YES", "1", "1.0"))


def moments(cells: pd.Series) -> pd.Series:
    """UTC moments to the millisecond; empty where there is none."""
    return pd.to_datetime(
        cells.where(cells != ""), format="ISO8601", utc=True, errors="coerce"
    ).dt.as_unit("ms")


def _missing(file: Path) -> str:
    inner = [name for name in ("data", "15_mins") if (file.parent / name).is_dir()]
    hint = f" (its folders {' and '.join(inner)} are separate studies)" if inner else ""
    return f"{file.name} is not in {file.parent}{hint}; give the folder that holds the tt_ tables."


def _read(file: Path) -> pd.DataFrame:
    csv.field_size_limit(1 << 30)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream), [])
    kept = [name for name in header if name in COLUMNS[file.stem]]
    return pd.read_csv(file, usecols=kept, dtype="str", keep_default_na=False, encoding="utf-8-sig")


def _clean(cells: pd.Series) -> pd.Series:
    name = str(cells.name)
    if name in ("content", "reason"):
        return cells
    text = cells.str.strip()
    text = text.where(~text.isin(_NOTHING), "")
    if name in IDS or name.endswith(_ID_SUFFIX):
        text = text.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    return text
