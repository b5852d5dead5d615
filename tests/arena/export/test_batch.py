"""Lines of the log are canonical JSON whatever is stored, and rows do not depend on the pieces."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset import chain
from analysis.dataset.schema import TABLES
from arena import export, queries
from arena.event_kinds import BODIES
from arena.events import chain_lines, chains
from arena.events.chains import ChainedEvent
from arena.export.batch import Batch
from arena.rules import EventKind
from tests.arena.export.playing_rooms import (
    PLANES,
    asker,
    believe,
    decide,
    say,
    start,
    tag,
    witness,
)
from tests.kit.factories import make_rooms

SALT = "0f" * 16
CODES = {7: "abc"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def _event(body: str | None, salt: str | None = SALT, **fields: object) -> ChainedEvent:
    """An event whose body is, unless a digest is given, the one that was hashed."""
    fitting = chain.bytes_digest(body.encode(), SALT) if body is not None else "0" * 64
    given = {name: "" for name in ChainedEvent._fields} | {
        "room_id": 7,
        "seq": 1,
        "moment": "2026-11-22T22:42:10.123000Z",
        "kind": "left",
        "command_id": None,
        "body_sha256": fitting,
    }
    return ChainedEvent(**(given | {"body": body, "salt": salt} | fields))  # type: ignore[arg-type]


def _lines(*events: ChainedEvent) -> bytes:
    """The lines, each made by itself."""
    each = (line for event in events for line in chain_lines([event], CODES[7]))
    return b"".join(chain.canonical(line) + b"\n" for line in each)


EVENTS = st.builds(
    lambda body, names: _event(chain.canonical(body).decode(), **names),
    st.dictionaries(TEXTS, JSON, max_size=3),
    st.fixed_dictionaries({"seat": TEXTS, "command_id": st.none() | TEXTS, "public_id": TEXTS}),
)


@given(st.lists(EVENTS, min_size=1, max_size=5))
def test_lines_are_canonical_whatever_was_sent(events: list[ChainedEvent]) -> None:
    assert bytes(Batch(events, CODES).lines()) == _lines(*events)


@pytest.mark.parametrize(
    "touched",
    [
        _event('{"text": "spaced"}', body_sha256="0" * 64),
        _event('{"text":"other"}', body_sha256="0" * 64),
        _event("no JSON", body_sha256="0" * 64),
        _event('{"text":"a"}', salt="no salt"),
        _event('{"text":"a"}', salt=None),
        _event(None, salt=None),
        _event("{}", kind='le"ft'),
        _event("{}", hash="a\nb"),
        _event("{}", command_id="a\\b"),
    ],
)
def test_what_was_touched_is_told_apart_and_stays_one_line(touched: ChainedEvent) -> None:
    events = [_event("{}"), touched, _event('{"n":1}')]
    lines = bytes(Batch(events, CODES).lines())
    assert lines == _lines(*events)
    assert len([json.loads(line) for line in lines.splitlines()]) == 3


def test_moment_of_a_line_is_cut_to_the_millisecond() -> None:
    event = _event("{}", moment="2026-11-22T22:42:10.123999Z")
    batch = Batch([event], CODES)
    assert json.loads(bytes(batch.lines()))["at"] == "2026-11-22T22:42:10.123Z"
    assert batch.at_ms() == [1_795_387_330_123]


def test_columns_are_made_of_what_is_exported() -> None:
    by_table = {body.exported_as: kind for kind, body in BODIES.items() if body.exported_as}
    assert by_table["messages"] == EventKind.MESSAGE
    assert by_table["machine_calls"] == EventKind.MACHINE_CALL


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, object]]]:
    """What exports of one study hold that are read in pieces of several sizes."""
    rooms = make_rooms(3)
    for made in rooms:
        start(made)
        me, human = asker(made), witness(made, "human")
        strategies = [each.id for each in queries.study_file(made.study).strategies[:2]]
        for n in range(3):
            question = say(me, f"{n} {PLANES}", human.name)
            say(human, f"=answer {n}")
            believe(me, n / 4)
            tag(me, question, *strategies)
        decide(me, "A")
    found = []
    for size in (1, 2, 7, 4000):
        monkeypatch.setattr(chains, "AT_ONCE", size)
        folder = tmp_path / str(size)
        export.write(rooms[0].study, folder)
        texts = {name: (folder / f"{name}.csv").read_bytes() for name in TABLES}
        log = hashlib.sha256((folder / "events.jsonl").read_bytes()).hexdigest()
        columns = {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}
        found.append({**texts, "log": log} | {f"{n}.parquet": t for n, t in columns.items()})
    yield found


def test_rows_do_not_depend_on_how_much_is_read_at_once(files: list[dict[str, object]]) -> None:
    assert all(each == files[-1] for each in files[:-1])
    assert len(str(files[-1]["visits"]).splitlines()) == 1
