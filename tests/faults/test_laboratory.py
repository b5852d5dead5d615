"""The laboratory finds what it is there to find: bugs planted in servers, and faulty accounts."""

import datetime as dt
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import connection

from analysis.dataset import chain
from analysis.dataset.moments import iso_ms
from arena.rehearsal.faults import Fault
from tests.faults.laboratory import checker
from tests.faults.laboratory.house import Database
from tests.faults.laboratory.person import Person, Way
from tests.faults.laboratory.plants import Plant
from tests.faults.laboratory.running import Report, run
from tests.faults.laboratory.stored import Stored
from tests.faults.laboratory.talk import Witness
from tests.faults.laboratory.totals import totals

START = dt.datetime(2026, 11, 22, 22, 40, tzinfo=dt.UTC)
#: What each plant does to people, and what has to go wrong for that.
CAUGHT: dict[Plant, tuple[str, Mapping[str, int]]] = {
    Plant.ACK_BEFORE_COMMIT: ("is not in the log", {"kills": 8}),
    Plant.RING_BEFORE_COMMIT: ("in vain for", {}),
    Plant.UNFLUSHED_DECISION: ("was never shown, its round is over", {"calm": 10}),
    Plant.JOIN_REFUSED: ("an invitation confirmed twice", {}),
}


async def _run(programme: Mapping[str, int], *, plant: Plant | None) -> Report:
    is_sqlite = connection.vendor == "sqlite"
    database = Database.SQLITE if is_sqlite else Database.POSTGRES
    # With one process nothing but a ring brings news.
    return await run(database, programme, n_rooms=16, seed=2, plant=plant, n_webs=1)


@pytest.mark.long
@pytest.mark.parametrize("plant", list(Plant))
async def test_planted_bug_is_caught(plant: Plant) -> None:
    wanted, programme = CAUGHT[plant]
    report = await _run(programme, plant=plant)
    assert any(wanted in finding.what for finding in report.findings), report.findings


def test_reports_add_up_from_their_json() -> None:
    reports = [Report(database=Database.SQLITE, seed=seed) for seed in (1, 2)]
    for n, report in enumerate(reports, start=1):
        report.done.update({"kills of a server": n, "stops": 1})
        report.sums.update({"acknowledged": 10 * n, "cut": n})
    found = totals(json.dumps(report.as_json()) for report in reports)
    assert found["sqlite"] == {
        "kills of a server": 3,
        "stops": 2,
        "acknowledged": 30,
        "cut": 3,
        "runs": 2,
        "kills": 3,
        "findings": 0,
    }


# Accounts made by hand


def _log(*events: dict[str, Any]) -> list[Stored]:
    """A log of these events, a second apart, that proves itself."""
    log: list[Stored] = []
    prev = chain.GENESIS
    for seq, event in enumerate(events, start=1):
        body, salt = event["body"], f"{seq:032x}"
        fields: dict[str, Any] = {
            "room": "r",
            "seq": seq,
            "id": f"e{seq}",
            "at": iso_ms(at := START + dt.timedelta(seconds=event.get("at", seq))),
            "kind": event["kind"],
            "seat": event.get("seat", ""),
            "pane": event.get("pane", ""),
            "command": event.get("command"),
            "body_sha256": chain.body_digest(body, salt),
            "prev": prev,
        }
        prev = chain.event_digest(fields)
        proof = {"salt": salt, "hash": prev, "body": chain.canonical(body).decode()}
        proof |= {name: fields.pop(name) for name in ("body_sha256", "prev")}
        log.append(Stored(**{**fields, "at": at}, body=body, proof=proof))
    return log


def _said(n: int, **event: Any) -> dict[str, Any]:
    body = {"text": f"answer {n}"}
    return {"kind": "message", "seat": "A", "pane": "A", "command": f"c:{n}", "body": body, **event}


def _held(n: int) -> dict[str, Any]:
    return _said(n, kind="held", body={"text": f"answer {n}"})


def _round(ends_at_s: float | None, **event: Any) -> dict[str, Any]:
    ends_at = None if ends_at_s is None else START + dt.timedelta(seconds=ends_at_s)
    body = {"ends_at": None if ends_at is None else ends_at.isoformat()}
    return {"kind": "round", "body": body, **event}


def _released(n: int, held: str) -> dict[str, Any]:
    return _said(n, command=None, body={"text": f"answer {n}", "held": held})


def _witness(log: list[Stored], *, n: int = 3) -> Person:
    """Who sent answers 1 to n and was told and shown all that the log has."""
    person = Person(way=lambda: Way(url=""), headers={}, talk=Witness(), rng=random.Random(0))
    person.sent = {str(k): {"do": "say", "text": f"answer {k}"} for k in range(1, n + 1)}
    person.acks = {event.client_id: event.id for event in log if event.client_id in person.sent}
    person.shown = {frame["id"]: frame for frame in checker.owed(log, "A")}
    return person


def _promises(person: Person, log: list[Stored]) -> list[Fault]:
    return [fault for fault, _ in checker.promised(person, log, seat="A")]


def _shown(person: Person, log: list[Stored]) -> list[Fault]:
    return [fault for fault, _ in checker.compared(person.shown, log, seat="A", what="shown")]


WHOLE = _log(_said(1), _said(2), _said(3))


def test_whole_accounts_have_no_fault() -> None:
    person = _witness(WHOLE)
    assert _promises(person, WHOLE) == _shown(person, WHOLE) == list(checker.logged(WHOLE)) == []


@pytest.mark.parametrize(
    ("log", "fault"),
    [
        (_log(_said(1), _said(3)), Fault.LOST),
        (_log(_said(1), _said(2, body={"text": "else"}), _said(3)), Fault.LOST),
        (_log(_said(1), _said(2), _said(2), _said(3)), Fault.DOUBLED),
        (_log(_said(1), _said(3), _said(2)), Fault.LOST),
        (_log(_said(1), _said(2, seat="B", pane="B"), _said(3)), Fault.LEAKED),
    ],
)
def test_broken_promise_is_found(log: list[Stored], fault: Fault) -> None:
    person = _witness(log)
    person.acks = {"1": "e1", "2": "e2", "3": "e3"} | person.acks
    assert fault in _promises(person, log)


def test_refused_command_that_is_stored_is_found() -> None:
    person = _witness(WHOLE)
    del person.acks["3"]
    person.refused["3"] = "round.closed"
    assert _promises(person, WHOLE) == [Fault.DOUBLED]


def _hide(shown: dict[str, Any]) -> None:
    del shown["e2"]


def _invent(shown: dict[str, Any]) -> None:
    shown["e9"] = {"id": "e9"}


def _swap(shown: dict[str, Any]) -> None:
    shown["e1"] = shown.pop("e1")


def _change(shown: dict[str, Any]) -> None:
    shown["e1"] = {**shown["e1"], "text": "something else"}


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [(_hide, Fault.LOST), (_invent, Fault.EARLY), (_swap, Fault.LOST), (_change, Fault.LOST)],
)
def test_faulty_show_is_found(spoil: Callable[[dict[str, Any]], None], fault: Fault) -> None:
    person = _witness(WHOLE)
    spoil(person.shown)
    assert _shown(person, WHOLE) == [fault]


def test_round_that_shows_what_it_held_has_no_fault() -> None:
    log = _log(_round(3), _held(1), _round(None), _released(1, "e2"))
    assert list(checker.logged(log)) == []
    assert [frame["id"] for frame in checker.owed(log, "A")] == ["e2"]
    assert [frame["id"] for frame in checker.owed(log, "interrogator")] == ["e4"]


@pytest.mark.parametrize(
    ("events", "fault"),
    [
        ((_round(3), _held(1), _round(None)), Fault.LOST),
        ((_round(30), _held(1), _round(None), _released(1, "e2")), Fault.EARLY),
        ((_round(3), _held(1), _round(None), *2 * [_released(1, "e2")]), Fault.DOUBLED),
        ((_round(2), _round(None), _held(1)), Fault.EARLY),
        ((_said(1, at=5), _said(2, at=4)), Fault.EARLY),
    ],
)
def test_faulty_round_is_found(events: tuple[dict[str, Any], ...], fault: Fault) -> None:
    assert [found for found, _ in checker.logged(_log(*events))] == [fault]


def test_log_that_was_cut_in_the_middle_is_found() -> None:
    assert [fault for fault, _ in checker.logged([WHOLE[0], WHOLE[2]])] == [Fault.LOST]
