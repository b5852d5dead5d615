"""Tampering with an export that its own MANIFEST.json does not show, row by row.

Each case changes a copy, and the manifest is then made anew, as somebody who hides a change would.
`docs/security.md` lists the cases by their names.
"""

import csv
import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.parquet as pq
import pytest

import analysis as ta
from analysis.dataset import chain
from analysis.dataset.manifest import write_json, write_manifest
from analysis.dataset.schema import TABLES
from analysis.planning.writing import write_export
from tests.analysis.dataset.recorded import chained, recorded
from tests.kit.paths import ROOT

Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A three-party export that has rows in every table."""
    played, folder = (tmp_path_factory.mktemp(name) for name in ("played", "small"))
    design = ta.Design(down_share=1.0, no_show_share=0.0, duration_s=120)
    ta.simulate(played, n_rooms=6, n_interrogators=3, seed=11, design=design)
    config = json.loads((played / "study.json").read_text("utf-8"))["config"]
    rooms = itertools.groupby(log(played), key=lambda row: row["room"])
    logs = [recorded(list(room)) for _, room in rooms]
    write_export(folder, title="Simulated study", config=config, rooms=logs)
    assert ta.verify(folder).ok
    assert all(pq.read_metadata(each).num_rows for each in folder.glob("*.parquet"))
    return folder


@pytest.fixture
def touched(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "export"))


def cell(table: str, column: str, value: object, *, row: int = 0) -> Change:
    """Another value in one cell, in both files of a table."""

    def change(folder: Path) -> None:
        in_parquet(table, column, value, row=row)(folder)
        in_csv(table, column, value, row=row)(folder)

    return change


def in_parquet(table: str, column: str, value: object, *, row: int = 0) -> Change:
    def change(folder: Path) -> None:
        path = folder / f"{table}.parquet"
        rows = pq.read_table(path)
        cells = rows.column(column).to_pylist()
        assert cells[row] != value
        cells[row] = value
        place = rows.column_names.index(column)
        new = pa.array(cells).cast(rows.schema.field(column).type)
        pq.write_table(rows.set_column(place, rows.schema.field(column), new), path)

    return change


def in_csv(table: str, column: str, value: object, *, row: int = 0) -> Change:
    def change(folder: Path) -> None:
        header, *rows = read_csv(folder, table)
        text = str(value)
        rows[row][header.index(column)] = text.lower() if isinstance(value, bool) else text
        write_csv(folder, table, [header, *rows])

    return change


def read_csv(folder: Path, table: str) -> list[list[str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def write_csv(folder: Path, table: str, rows: list[list[str]]) -> None:
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\r\n").writerows(rows)


def rows_of(table: str, keep: Callable[[pa.Table], pa.Table]) -> Change:
    """Other rows in both files of a table."""

    def change(folder: Path) -> None:
        path = folder / f"{table}.parquet"
        rows = keep(pq.read_table(path))
        pq.write_table(rows, path)
        header = read_csv(folder, table)[0]
        write_csv(folder, table, [header, *map(_texts, rows.to_pylist())])

    return change


def _texts(row: dict[str, object]) -> list[str]:
    names = {True: "true", False: "false", None: ""}
    return [
        names.get(value) if value is None or isinstance(value, bool) else _text(value)
        for value in row.values()
    ]  # type: ignore[misc]


def _text(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else f"{value}"


def without(room: str) -> Callable[[pa.Table], pa.Table]:
    return lambda rows: rows.filter(compute.not_equal(rows.column("room"), room))


def log(folder: Path) -> list[dict]:
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def in_log(change_rows: Callable[[list[dict]], list[dict]]) -> Change:
    def change(folder: Path) -> None:
        text = "".join(json.dumps(row) + "\n" for row in change_rows(log(folder)))
        (folder / "events.jsonl").write_text(text, encoding="utf-8")

    return change


def first(rows: list[dict], kind: str) -> int:
    return next(n for n, row in enumerate(rows) if row["kind"] == kind)


def other_body(kind: str, **values: object) -> Callable[[list[dict]], list[dict]]:
    def change(rows: list[dict]) -> list[dict]:
        place = first(rows, kind)
        rows[place] = rows[place] | {"body": rows[place]["body"] | values}
        return chained(rows)

    return change


def other_shown(**values: object) -> Callable[[list[dict]], list[dict]]:
    """Other values in the first message that was held."""

    def change(rows: list[dict]) -> list[dict]:
        place = next(n for n, row in enumerate(rows) if row["body"].get("held"))
        rows[place] = rows[place] | {"body": rows[place]["body"] | values}
        return chained(rows)

    return change


def no_kind(kind: str) -> Callable[[list[dict]], list[dict]]:
    return lambda rows: chained([row for row in rows if row["kind"] != kind])


def cut_end(n: int) -> Callable[[list[dict]], list[dict]]:
    return lambda rows: rows[:-n]


def no_room(room: str) -> Callable[[list[dict]], list[dict]]:
    return lambda rows: [row for row in rows if row["room"] != room]


def moved(rows: list[dict]) -> list[dict]:
    """The first room's log under another room's code, its hashes made anew."""
    code = rows[0]["room"]
    mine = [row | {"room": "sim99999"} for row in rows if row["room"] == code]
    return [row for row in rows if row["room"] != code] + chained(mine)


def erased(rows: list[dict]) -> list[dict]:
    place = first(rows, "verdict")
    rows[place] = rows[place] | {"body": None, "salt": None}
    return rows


def head(**values: object) -> Change:
    """Other values in study.json."""

    def change(folder: Path) -> None:
        path = folder / "study.json"
        write_json(path, json.loads(path.read_text(encoding="utf-8")) | values)

    return change


def rules(**values: object) -> Change:
    """Other rules in study.json, with their hash."""

    def change(folder: Path) -> None:
        config = json.loads((folder / "study.json").read_text("utf-8"))["config"] | values
        head(config=config, sha256=chain.sha256(config))(folder)

    return change


def gone(*names: str) -> Change:
    return lambda folder: [(folder / name).unlink() for name in names]


def together(*changes: Change) -> Change:
    return lambda folder: [change(folder) for change in changes]


def last_room(folder: Path) -> str:
    return str(log(folder)[-1]["room"])


#: By name: the change, and what has to be said of it.
CASES: dict[str, tuple[Change, str]] = {
    "verdict_csv": (in_csv("verdicts", "confidence", 0.51), "verdicts.csv, row 1, column conf"),
    "verdict_parquet": (in_parquet("verdicts", "human", "AB"), "verdicts.parquet, row 1, column h"),
    "verdict_correct": (cell("verdicts", "correct", False), "verdicts.csv, row 1, column correct"),
    "verdict_reason": (cell("verdicts", "reason", "none"), "column reason"),
    "verdict_left_out": (rows_of("verdicts", lambda rows: rows.slice(1)), "is in the log and not"),
    "verdict_twice": (
        rows_of("verdicts", lambda rows: pa.concat_tables([rows.slice(0, 1), rows])),
        "is not in the log",
    ),
    "verdicts_gone": (gone("verdicts.csv", "verdicts.parquet"), "verdicts has no file"),
    "verdicts_column_gone": (
        rows_of("verdicts", lambda rows: rows.drop_columns(["correct"])),
        "verdicts.parquet has no column correct",
    ),
    "room_human_pane": (cell("rooms", "human_pane", ""), "rooms.csv, row 1, column human_pane"),
    "room_interrogator": (cell("rooms", "interrogator", "q9"), "column interrogator"),
    "room_profile": (cell("rooms", "profile", "another"), "column profile"),
    "room_end_reason": (cell("rooms", "end_reason", "technical"), "column end_reason"),
    "room_ended_by": (cell("rooms", "ended_by", "B"), "column ended_by"),
    "room_elapsed": (cell("rooms", "elapsed_ms", 1), "column elapsed_ms"),
    "room_paused": (cell("rooms", "paused_ms", 5), "column paused_ms"),
    "room_duration": (cell("rooms", "duration_ms", 5), "column duration_ms"),
    "room_started": (in_csv("rooms", "started_at", ""), "column started_at"),
    "room_ended": (in_csv("rooms", "ended_at", "2026-01-01T00:00:00.000Z"), "column ended_at"),
    "room_created": (in_csv("rooms", "created_at", "2026-01-01T00:00:00.000Z"), "column created"),
    "room_simulated": (cell("rooms", "simulated", False), "column simulated"),
    "room_seal": (cell("rooms", "seal", "0" * 64), "column seal"),
    "room_study_sha256": (cell("rooms", "study_sha256", "0" * 64), "column study_sha256"),
    "room_counts": (cell("rooms", "n_messages_all", 1), "column n_messages_all"),
    "room_unsealed": (in_csv("rooms", "unsealed_at", ""), "rooms.csv, row 1, column unsealed_at"),
    "room_left_out": (rows_of("rooms", without("sim00002")), "room sim00002 is in the log and not"),
    "room_left_out_everywhere_but_the_log": (
        together(*(rows_of(table, without("sim00002")) for table in TABLES)),
        "rooms.parquet: room sim00002 is in the log and not here",
    ),
    "rooms_swapped": (
        rows_of("rooms", lambda rows: pa.concat_tables([rows.slice(1, 1), rows.slice(0, 1)])),
        "is in the log and not here",
    ),
    "room_invented": (
        cell("seats", "room", "sim77777", row=2),
        "Room sim77777 has no event in events.jsonl",
    ),
    "seat_participant": (cell("seats", "participant", "q0000x"), "column participant"),
    "seat_kind": (cell("seats", "kind", "machine"), "seats.csv, row 1, column kind"),
    "seat_agent": (cell("seats", "agent", "a/b"), "column agent"),
    "seat_consent": (cell("seats", "consent_sha256", "0"), "column consent_sha256"),
    "message_text": (cell("messages", "text", "I said this"), "messages.csv, row 1, column text"),
    "message_seat": (in_csv("messages", "seat", "B"), "messages.csv, row 1, column seat"),
    "message_moment": (cell("messages", "elapsed_ms", 1), "column elapsed_ms"),
    "message_written": (
        in_csv("messages", "written_at", "2026-01-01T00:00:00.000Z"),
        "messages.csv, row 1, column written_at",
    ),
    "message_written_gone": (in_csv("messages", "written_at", ""), "column written_at"),
    "message_left_out": (
        rows_of("messages", lambda rows: pa.concat_tables([rows.slice(0, 1), rows.slice(2)])),
        "Rows of the room were added, left out or moved",
    ),
    "belief": (cell("beliefs", "p_true", 0.999), "beliefs.csv, row 1, column p_true"),
    "strategy": (cell("strategies", "strategy", "another"), "column strategy"),
    "strategy_coder": (cell("strategies", "coder", "q9"), "column coder"),
    "visit": (cell("visits", "duration_ms", 1), "column duration_ms"),
    "call_model": (cell("machine_calls", "model", "better"), "column model"),
    "call_outcome": (cell("machine_calls", "outcome", "okay"), "column outcome"),
    "withheld": (cell("withheld", "why", "another"), "withheld.csv, row 1, column why"),
    "call_due": (
        in_csv("machine_calls", "due_at", "2026-01-01T00:00:00.000Z"),
        "machine_calls.csv, row 1, column due_at",
    ),
    "typing": (cell("typing", "pastes", 0), "typing.csv, row 1, column pastes"),
    "typing_message": (cell("typing", "message", 1), "typing.csv, row 1, column message"),
    "typing_left_out": (rows_of("typing", lambda rows: rows.slice(1)), "typing.csv, row 1: event"),
    "typing_gone": (gone("typing.csv", "typing.parquet"), "typing has no file, but the log has"),
    "log_tail_cut": (in_log(cut_end(3)), "does not open the seal of its assignment"),
    "log_last_event_cut": (in_log(cut_end(1)), "does not open the seal of its assignment"),
    "log_room_left_out": (in_log(no_room("sim00003")), "Room sim00003 has no event"),
    "log_room_moved": (in_log(moved), "is not one of room sim99999"),
    "log_verdict_rewritten": (
        in_log(other_body("verdict", confidence=0.51)),
        "column confidence",
    ),
    "log_held_words_rewritten": (
        in_log(other_body("held", text="I said this")),
        "its words are not those that",
    ),
    "log_held_moment_rewritten": (
        in_log(other_body("held", written_at="2026-01-01T00:00:00.000+00:00")),
        "column written_at",
    ),
    "log_shown_words_rewritten": (
        in_log(other_shown(text="I said this")),
        "its words are not those that",
    ),
    "log_shown_in_place_of_another": (
        in_log(other_shown(held="0" * 24)),
        "but its seat holds",
    ),
    "log_typing_rewritten": (in_log(other_body("typed", pastes=0)), "column pastes"),
    "log_unsealing_hidden": (in_log(no_kind("unsealed")), "column unsealed_at"),
    "log_reason_rewritten": (in_log(other_body("ended", reason="technical")), "end_reason"),
    "log_seal_swapped": (in_log(other_body("sealed", seal="0" * 64)), "is not the one that was se"),
    "log_study_rewritten": (in_log(other_body("sealed", study="other")), "is one of study other"),
    "log_unasked_erasure": (in_log(erased), "its body was erased, but nobody asked"),
    "rules_duration": (rules(duration_s=60), "was made under other rules"),
    "study_title": (head(title="Another"), "its title is 'Another'"),
    "study_simulated": (head(simulated=False), "its simulated is False"),
    "study_slug": (head(study="other"), "is one of study simulated-study, by its log"),
    "study_source": (head(source="study: other"), "was made by another text than `source`"),
    "study_n_rooms": (head(n_rooms=5), "promises 5 rooms; events.jsonl has 6"),
}


@pytest.mark.parametrize("name", CASES)
def test_tampering_is_found_under_a_new_manifest(touched: Path, name: str) -> None:
    change, said = CASES[name]
    change(touched)
    write_manifest(touched)
    found = ta.verify(touched)
    assert not found.ok
    assert said in str(found), str(found)
    assert ".json is not the file" not in str(found)


def test_untouched_rows_in_other_order_of_columns_are_no_fault(touched: Path) -> None:
    """What a file's writer is free to do is no tampering."""
    path = touched / "messages.parquet"
    rows = pq.read_table(path)
    pq.write_table(rows.select(rows.column_names[::-1]), path)
    write_manifest(touched)
    assert ta.verify(touched).ok


def test_fault_in_one_room_does_not_hide_those_in_others(touched: Path) -> None:
    rows_of("messages", lambda rows: rows.slice(1))(touched)
    in_csv("messages", "text", "at the end", row=-1)(touched)
    write_manifest(touched)
    told = [each for each in ta.verify(touched).problems if each.startswith("messages.csv")]
    assert len(told) == 2
    assert "added, left out or moved" in told[0] and "'at the end'" in told[1]


def test_codes_from_outside_are_told_and_are_no_fault(touched: Path) -> None:
    rows = pq.read_table(touched / "strategies.parquet")
    by_coder = rows.slice(0, 2).to_pylist()
    for row in by_coder:
        row |= {"source": "coder", "coder": "c1", "event": "", "elapsed_ms": None}
    more = pa.Table.from_pylist(by_coder, schema=rows.schema)
    rows_of("strategies", lambda rows: pa.concat_tables([rows, more]))(touched)
    write_manifest(touched)
    found = ta.verify(touched)
    assert found.ok
    assert any("2 rows were coded outside" in each for each in found.unchecked)


def test_whole_forgery_needs_the_anchor_outside(touched: Path) -> None:
    """A room taken out of everything proves itself; the manifest's digest is another."""
    before = str(ta.verify(touched))
    for table in TABLES:
        rows_of(table, without("sim00003"))(touched)
    in_log(no_room("sim00003"))(touched)
    head(n_rooms=5)(touched)
    write_manifest(touched)
    after = ta.verify(touched)
    assert after.ok and "SHA-256 of MANIFEST.json" in after.unchecked[0]
    assert after.unchecked[0] not in before


def test_every_case_is_in_the_table_of_the_docs() -> None:
    page = (ROOT / "docs/security.md").read_text("utf-8")
    assert [name for name in CASES if f"`{name}`" not in page] == []
