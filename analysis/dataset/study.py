"""A loaded export: its frames, its rules, and the proof that they fit together."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from analysis.dataset.archive import Package, open_package
from analysis.dataset.partitions import parts, read_parts, read_whole
from analysis.dataset.schema import FORMAT_VERSION, TABLES
from analysis.dataset.tables import Loaded, settle
from analysis.errors import DataError

_HEAD: Mapping[str, type] = {
    "study": str,
    "title": str,
    "sha256": str,
    "config": dict,
    "simulated": bool,
    "exported_at": str,
    "software": str,
    "n_rooms": int,
    "n_rooms_not_ended": int,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """One exported study. Frames have the columns of the codebook."""

    slug: str
    title: str
    sha256: str
    config: Mapping[str, object]
    simulated: bool
    exported_at: str
    software: str
    n_rooms_not_ended: int
    path: Path
    rooms: pd.DataFrame
    seats: pd.DataFrame
    messages: pd.DataFrame
    beliefs: pd.DataFrame
    verdicts: pd.DataFrame
    strategies: pd.DataFrame
    visits: pd.DataFrame
    machine_calls: pd.DataFrame
    withheld: pd.DataFrame
    typing: pd.DataFrame

    @property
    def blinded(self) -> bool:
        """Whether its labels are false: see `permuted`."""
        return self.config.get("labels") == "permuted"

    @property
    def format(self) -> str:
        """`two_party` or `three_party`."""
        return str(self.config.get("format", ""))

    @property
    def duration_ms(self) -> int:
        """Planned live time of a room."""
        return round(number(self.config, "duration_s") * 1000)

    def _repr_html_(self) -> str:
        mark = " (simulated)" if self.simulated else ""
        return f"<p><b>{self.title}</b>{mark}: {len(self.rooms)} rooms</p>"


def load(path: str | Path) -> Study:
    """Load an export (a directory or a .zip of it) and check every cell of it.

    Parquet is read where there is some, else CSV; tables may be directories of Parquet files,
    each with some of the rooms. A table without a file is empty.

    Raises
    ------
    DataError
        Another format version, missing or mistyped columns, values out of range, rows that do not
        fit together: every problem at once, with row numbers (the first row below the header is 1).

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=3, n_interrogators=2, seed=1)
    >>> len(ta.load(folder).rooms)
    3
    """
    package = open_package(Path(path))
    head = _head(package)
    loaded = {name: read_whole(package, name) for name in TABLES}
    return _study(package, head, loaded, n_rooms=cast(int, head["n_rooms"]))


def load_parts(package: Package, keys: tuple[str, ...]) -> Study:
    """Load some parts of a partitioned export, checked as `load` checks the whole."""
    pieces = parts(package, keys)
    loaded = {name: read_parts(pieces, name) for name in TABLES}
    return _study(package, _head(package), loaded, n_rooms=len(loaded["rooms"].frame))


def n_rooms_promised(package: Package) -> int:
    """How many rooms the export says it holds."""
    return cast(int, _head(package)["n_rooms"])


def _study(
    package: Package, head: Mapping[str, object], loaded: Mapping[str, Loaded], *, n_rooms: int
) -> Study:
    problems = tuple(problem for table in loaded.values() for problem in table.problems)
    if problems:
        raise DataError(problems)
    frames = {name: settle(table.frame, name) for name, table in loaded.items()}
    problems = tuple(contradictions(frames, n_rooms))
    if problems:
        raise DataError(problems)
    return Study(
        slug=cast(str, head["study"]),
        title=cast(str, head["title"]),
        sha256=cast(str, head["sha256"]),
        config=cast("Mapping[str, object]", head["config"]),
        # One scripted room is enough: nothing made of it may look like people.
        simulated=bool(head["simulated"]) or bool(frames["rooms"]["simulated"].any()),
        exported_at=cast(str, head["exported_at"]),
        software=cast(str, head["software"]),
        n_rooms_not_ended=cast(int, head["n_rooms_not_ended"]),
        path=package.path,
        **frames,
    )


def number(config: Mapping[str, object], key: str) -> float:
    """A number of the study's rules, or DataError."""
    value = config.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError((f"study.json: `{key}` is {value!r}; a number was expected.",))
    return float(value)


def _head(package: Package) -> dict[str, object]:
    try:
        head = json.loads(package.read("study.json"))
    except ValueError as error:
        raise DataError(
            (f"study.json is not valid JSON ({error}); export the study again.",)
        ) from None
    if not isinstance(head, dict) or head.get("format_version") != FORMAT_VERSION:
        version = head.get("format_version") if isinstance(head, dict) else None
        raise DataError(
            (
                f"study.json says format version {version!r}; this software reads version "
                f"{FORMAT_VERSION}. Use the software that wrote it, or export again.",
            )
        )
    problems = tuple(
        f"study.json: `{key}` is {head.get(key)!r}; {kind.__name__} was expected."
        for key, kind in _HEAD.items()
        if not isinstance(head.get(key), kind)
    )
    if problems:
        raise DataError(problems)
    return head


def contradictions(frames: Mapping[str, pd.DataFrame], n_rooms: int) -> list[str]:
    """What does not fit together in the frames of a study, as sentences."""
    rooms, verdicts = frames["rooms"], frames["verdicts"]
    problems = []
    if len(rooms) != n_rooms:
        problems.append(f"rooms has {len(rooms)} rows; study.json promises {n_rooms}.")
    problems += _bad_rows("rooms", rooms["room"].duplicated(), "its room is listed before")
    for name in TABLES:
        if name != "rooms":
            unknown = ~frames[name]["room"].isin(rooms["room"])
            problems += _bad_rows(name, unknown, "its room is not in rooms")
    problems += _bad_rows(
        "verdicts", verdicts["room"].duplicated(), "its room has a verdict already"
    )
    if problems:
        return problems
    seats = frames["seats"]
    by_program = rooms["room"].isin(seats["room"][seats["agent"] != ""])
    return _unlikely_rooms(rooms, by_program) + _untrue_reports(rooms, frames["beliefs"], verdicts)


def _unlikely_rooms(rooms: pd.DataFrame, by_program: pd.Series) -> list[str]:
    live = rooms["started_at"].notna()
    three = rooms["format"] == "three_party"
    nobody = live & (rooms["interrogator"] == "") & ~by_program
    unplaced = three & ((rooms["human_pane"] == "") | (rooms["profile"] == ""))
    unkind = ~three & (rooms["witness_kind"] == "")
    return [
        *_bad_rows("rooms", live & rooms["elapsed_ms"].isna(), "it was live but has no elapsed_ms"),
        *_bad_rows("rooms", nobody, "it was live but has no interrogator"),
        *_bad_rows("rooms", unplaced, "a three_party room needs human_pane and profile"),
        *_bad_rows("rooms", unkind, "a two_party room needs witness_kind"),
    ]


def _untrue_reports(
    rooms: pd.DataFrame, beliefs: pd.DataFrame, verdicts: pd.DataFrame
) -> list[str]:
    by_room = rooms.set_index("room")
    human = (
        by_room["witness_kind"]
        .eq("human")
        .where(by_room["format"] == "two_party", by_room["human_pane"].eq("A"))
    )
    said = beliefs["room"].map(human).astype(bool)
    p_true = np.where(said, beliefs["p"], 1 - beliefs["p"])
    false_belief = np.abs(beliefs["p_true"] - p_true) > 1e-6
    truth = np.where(human, "A", "B")
    two = by_room["format"].eq("two_party")
    truth = np.where(two, np.where(human, "true", "false"), truth)
    right = verdicts["human"] == verdicts["room"].map(pd.Series(truth, index=by_room.index))
    reason = verdicts["room"].map(by_room["end_reason"])
    return [
        *_bad_rows("beliefs", false_belief, "p_true does not follow from p and the assignment"),
        *_bad_rows("verdicts", right != verdicts["correct"], "correct contradicts the assignment"),
        *_bad_rows("verdicts", reason != "verdict", "its room did not end by verdict"),
    ]


def _bad_rows(table: str, bad: pd.Series, why: str) -> list[str]:
    rows = [int(i) + 1 for i in np.flatnonzero(bad)]
    if not rows:
        return []
    shown = ", ".join(str(row) for row in rows[:5]) + (" and more" if len(rows) > 5 else "")
    return [f"{table}, row{'s' if len(rows) > 1 else ''} {shown}: {why}."]
