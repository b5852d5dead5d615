"""Texts that look relayed: each condition alone, the rule of a study, and what the report says."""

import dataclasses

import pandas as pd
import pytest

import analysis as ta
from analysis.report.render import render
from tests.analysis.outcomes.hand_made import Told, study_of

RELAYED = {"chars": 100, "keys": 0, "pastes": 1, "pasted_chars": 100, "away": 1, "away_ms": 9000}


def typed(*rows: dict[str, object], **config: object) -> ta.Study:
    """A study with as many rooms as rows, each with one message typed so."""
    told = Told(acts=[("ask", 5, "A"), ("say", 20, "A"), ("verdict", 60, True)])
    study = study_of(*(told for _ in rows), **config)
    empty = study.typing
    made = [
        {
            "room": f"r{n}",
            "event": f"t{n}",
            "seq": 4,
            "elapsed_ms": 20_000,
            "seat": "A",
            "at": pd.Timestamp("2026-01-01", tz="UTC"),
            "message": 3,
            "writing_ms": 500,
            **RELAYED,
            **row,
        }
        for n, row in enumerate(rows)
    ]
    frame = pd.DataFrame(made, columns=list(empty.columns)).astype(empty.dtypes.to_dict())
    return dataclasses.replace(study, typing=frame)


@pytest.mark.parametrize(
    ("row", "looks"),
    [
        ({}, True),
        ({"chars": 19, "pasted_chars": 19}, False),
        ({"chars": 20, "pasted_chars": 20}, True),
        ({"pasted_chars": 80, "keys": 20}, True),
        ({"pasted_chars": 79}, False),
        ({"keys": 21}, False),
        ({"away_ms": 4999}, False),
        ({"away_ms": 5000}, True),
        ({"pasted_chars": 0, "keys": 100}, False),
    ],
)
def test_every_condition_has_to_hold(row: dict[str, object], looks: bool) -> None:
    assert len(ta.relayed(typed(row))) == looks


def test_thresholds_are_the_callers() -> None:
    study = typed({"away_ms": 0}, {"pasted_chars": 50, "keys": 50}, {"chars": 5, "pasted_chars": 5})
    assert list(ta.relayed(study)["room"]) == []
    assert list(ta.relayed(study, least_away_s=0)["room"]) == ["r0"]
    assert list(ta.relayed(study, pasted_share=0.5)["room"]) == ["r1"]
    assert list(ta.relayed(study, least_chars=0)["room"]) == ["r2"]
    assert len(ta.relayed(typed())) == 0


@pytest.mark.parametrize(
    "wrong", [{"pasted_share": 1.1}, {"least_chars": -1}, {"least_away_s": -1}]
)
def test_thresholds_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ta.ArgumentError, match=next(iter(wrong))):
        ta.relayed(typed({}), **wrong)


def test_rule_of_the_study_and_rules_asked_for() -> None:
    rule = {"pasting": "allow", "typing": "record", "relayed": "exclude", "stated": "x"}
    study = typed({}, {"away_ms": 0}, witness_input=rule)
    assert list(ta.included(study).rooms["room"]) == ["r1"]
    assert len(ta.included(study).typing) == 1
    assert len(ta.detections(study)) == 1
    assert len(ta.detections(study, relayed="count")) == 2
    flow = ta.exclusions(study).set_index("step")["n_rooms"]
    assert flow["A text of the human witness looks relayed"] == -1 and flow["Analysed"] == 1
    counted = typed({}, {}, witness_input=rule | {"relayed": "count"})
    assert len(ta.included(counted).rooms) == 2
    assert len(ta.included(counted, relayed="exclude").rooms) == 0


@pytest.mark.parametrize("rule", ["drop", {"relayed": "drop"}])
def test_unknown_rules_are_refused(rule: object) -> None:
    with pytest.raises(ta.DataError, match="count or exclude"):
        ta.included(typed({}, witness_input=rule))
    with pytest.raises(ta.ArgumentError, match="relayed"):
        ta.included(typed({}), relayed="drop")


def test_report_shows_both_rules_and_accuses_nobody() -> None:
    html = render(typed(*({} for _ in range(3)), *({"away_ms": 0} for _ in range(9))))
    assert "How witnesses typed" in html and "a sign and no proof" in html
    assert "cheat" not in html.lower()
    assert "How witnesses typed" not in render(study_of(Told(acts=[("verdict", 60, True)])))
