"""An export proves itself, and one changed byte is found and named."""

import json
from pathlib import Path

import pytest

import analysis as ta
from analysis.dataset import chain
from analysis.planning.writing import write_manifest


def events(folder: Path) -> list[dict]:
    lines = (folder / "events.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def rewrite(folder: Path, rows: list[dict]) -> None:
    """Write the log anew, and a manifest that agrees with it."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "events.jsonl").write_text(text, encoding="utf-8", newline="\n")
    write_manifest(folder)


def test_untouched_export_verifies(export: Path) -> None:
    found = ta.verify(export)
    assert (found.ok, found.n_rooms, found.n_events) == (True, 60, len(events(export)))


def test_one_changed_byte_names_the_event(copied: Path) -> None:
    rows = events(copied)
    event = next(row for row in rows[200:] if row["kind"] == "message")
    raw = (copied / "events.jsonl").read_bytes()
    place = raw.index(event["id"].encode())
    place = raw.index(b'"text": "', place) + len(b'"text": "')
    changed = bytes([raw[place] ^ 1])
    (copied / "events.jsonl").write_bytes(raw[:place] + changed + raw[place + 1 :])
    found = ta.verify(copied)
    assert [broken.event for broken in found.broken] == [event["id"]]
    assert any(problem.startswith("events.jsonl is not the file") for problem in found.problems)


def test_changed_event_is_found_under_a_new_manifest(copied: Path) -> None:
    rows = events(copied)
    row = next(row for row in rows if row["kind"] == "verdict")
    row["body"]["confidence"] = 1.0
    rewrite(copied, rows)
    found = ta.verify(copied)
    assert [broken.event for broken in found.broken] == [row["id"]]
    assert found.problems == ()


def append(rows: list[dict], room: str, kind: str, seat: str, body: dict) -> None:
    """Put one more event, rightly chained, at the end of a room."""
    place = max(i for i, row in enumerate(rows) if row["room"] == room)
    last = rows[place]
    event = last | {"seq": last["seq"] + 1, "id": "f" * 24, "kind": kind, "seat": seat}
    event |= {"body": body, "body_sha256": chain.body_digest(body, last["salt"])}
    event["prev"] = last["hash"]
    rows.insert(place + 1, event | {"hash": chain.event_digest(event)})


@pytest.mark.parametrize("asked", [True, False])
def test_erased_body_verifies_if_its_writer_asked(copied: Path, asked: bool) -> None:
    rows = events(copied)
    row = next(row for row in rows if row["kind"] == "message")
    row["body"] = row["salt"] = None
    append(rows, row["room"], "left", row["seat"], {"erased": asked})
    rewrite(copied, rows)
    found = ta.verify(copied)
    # The tables of this export still hold the words.
    told = {problem.partition(",")[0] for problem in found.problems}
    assert told == {"messages.parquet", "messages.csv"}
    assert [broken.event for broken in found.broken] == ([] if asked else [row["id"]])


def test_other_assignment_does_not_open_the_seal(copied: Path) -> None:
    rows = events(copied)
    place = next(i for i, row in enumerate(rows) if row["kind"] == "revealed")
    row = rows[place]
    row["body"]["assignment"] = "human=B;machine=other"
    row["body_sha256"] = chain.body_digest(row["body"], row["salt"])
    row["hash"] = chain.event_digest(row)
    rewrite(copied, rows)
    found = ta.verify(copied)
    assert [(broken.event, broken.why) for broken in found.broken] == [
        (row["id"], "the assignment it reveals is not the one that was sealed")
    ]


def test_missing_event_breaks_the_next(copied: Path) -> None:
    rows = events(copied)
    rewrite(copied, rows[:5] + rows[6:])
    assert [broken.event for broken in ta.verify(copied).broken] == [rows[6]["id"]]


def test_event_without_its_fields_is_named(copied: Path) -> None:
    rows = events(copied)
    del rows[7]["prev"]
    rewrite(copied, rows)
    broken = ta.verify(copied).broken
    assert [(each.event, each.why) for each in broken] == [
        (rows[7]["id"], "it lacks fields that every event has")
    ]


def test_every_kind_of_fault_is_told(copied: Path) -> None:
    head = json.loads((copied / "study.json").read_text(encoding="utf-8"))
    head["config"]["active_gap_cap_s"] = 301
    (copied / "study.json").write_text(json.dumps(head), encoding="utf-8")
    (copied / "extra.txt").write_text("hello", encoding="utf-8")
    (copied / "codebook.md").unlink()
    with (copied / "events.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("not an event\n")
    problems = ta.verify(copied).problems
    assert [problem.split(";")[0].split(":")[0] for problem in problems] == [
        "codebook.md is listed in MANIFEST.json but missing",
        "extra.txt is not listed in MANIFEST.json",
        "events.jsonl is not the file that was exported",
        "study.json is not the file that was exported",
        "study.json",
        f"events.jsonl, line {len(events_but_last(copied)) + 1}",
    ]


def events_but_last(folder: Path) -> list[str]:
    return (folder / "events.jsonl").read_text(encoding="utf-8").strip("\n").split("\n")[:-1]


def test_room_without_events_is_told(copied: Path) -> None:
    rows = events(copied)
    rewrite(copied, [row for row in rows if row["room"] != "sim00003"])
    assert ta.verify(copied).problems == (
        "Room sim00003 has no event in events.jsonl.",
        "study.json promises 60 rooms; events.jsonl has 59.",
    )


def test_export_without_manifest_is_refused(copied: Path) -> None:
    (copied / "MANIFEST.json").unlink()
    with pytest.raises(ta.DataError, match=r"holds no MANIFEST\.json"):
        ta.verify(copied)
