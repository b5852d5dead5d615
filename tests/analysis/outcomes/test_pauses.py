"""Paused rooms: the clocks that stand still, and each rule for them, by hand."""

import dataclasses

import pandas as pd
import pytest

import analysis as ta
from analysis.outcomes.pauses import first_pauses
from tests.analysis.outcomes.hand_made import Told, study_of

#: An hour's pause after 50 s of live time; with a cap of 5 s, 19 s of active time at the last act.
PAUSED = Told(
    acts=[
        *(("ask", 10, "A"), ("say", 14, "A"), ("ask", 20, "B"), ("say", 26, "B")),
        *(("ask", 60, "A"), ("verdict", 100, True)),
    ],
    pause=(50, 3600),
)
FINE = Told(acts=[("ask", 10, "B"), ("say", 14, "B"), ("verdict", 60, False)])


def dated(told: Told, clock: str, **rules: object) -> list[tuple]:
    rooms = ta.detections(study_of(told, active_gap_cap_s=5, **rules), clock)
    return list(zip(rooms["time"], rooms["cause"], rooms["end_reason"], strict=True))


@pytest.mark.parametrize(
    ("clock", "counted", "censored"),
    [("wall", 100_000, 26_000), ("active", 29_000, 19_000), ("messages", 3, 2)],
)
def test_a_paused_room_on_every_clock(clock: str, counted: int, censored: int) -> None:
    assert dated(PAUSED, clock) == [(counted, 1, "verdict")]
    assert dated(PAUSED, clock, paused_room="exclude") == []
    assert dated(PAUSED, clock, paused_room="censor_at_first") == [(censored, 0, "paused")]
    # A study that states nothing counts such rooms, as it was registered.
    assert dated(PAUSED, clock, paused_room=None) == [(counted, 1, "verdict")]
    study = study_of(PAUSED, FINE, active_gap_cap_s=5)
    asked = ta.detections(study, clock, paused_room="censor_at_first")
    assert asked["time"].tolist()[0] == censored and asked["end_reason"].tolist()[1] == "verdict"


def test_a_commitment_before_the_pause_stands() -> None:
    held = dataclasses.replace(PAUSED, acts=[("belief", 5, 0.9), *PAUSED.acts])
    rule = ta.Rule(commitment=ta.Commitment.THRESHOLD, dwell_ms=21_000)
    study = study_of(held, paused_room="censor_at_first")
    assert ta.detections(study, rule=rule)["time"].tolist() == [26_000]
    assert ta.detections(study, rule=rule)["cause"].tolist() == [1]
    longer = dataclasses.replace(rule, dwell_ms=21_001)
    assert ta.detections(study, rule=longer)["cause"].tolist() == [0]


def test_a_forced_verdict_in_a_paused_room() -> None:
    late = dataclasses.replace(PAUSED, acts=[*PAUSED.acts[:-1], ("verdict", 320, True)])
    rooms = ta.detections(study_of(late))
    assert rooms[["time", "cause", "at_end"]].to_numpy().tolist() == [[300_000, 0, "right"]]
    cut = ta.detections(study_of(late, paused_room="censor_at_first"))
    assert cut[["time", "cause", "at_end"]].to_numpy().tolist() == [[26_000, 0, ""]]


def test_where_a_pause_lies_is_known_between_two_acts() -> None:
    before = dataclasses.replace(PAUSED, pause=(5, 60))
    never_again = Told(acts=[("ask", 10, "A")], end_s=50, ends="technical", pause=(50, 60))
    nothing = Told(acts=[], pause=(50, 60))
    table = first_pauses(study_of(PAUSED, before, FINE, never_again, nothing))
    assert table.to_numpy().tolist() == [
        ["r0", 6, 26_000],
        ["r1", 1, 0],
        ["r3", 3, 10_000],
        ["r4", 1, 0],
    ]
    assert not len(first_pauses(study_of(nothing.__class__(acts=[]))))
    assert not len(first_pauses(study_of(FINE)))


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        ("exclude", {"The room was paused": -1, "Analysed": 1}),
        ("censor_at_first", {"Analysed": 2, "of them censored where they were paused": 1}),
        ("count", {"Analysed": 2}),
    ],
)
def test_the_flow_names_paused_rooms(rule: str, steps: dict[str, int]) -> None:
    flow = ta.exclusions(study_of(PAUSED, FINE, paused_room=rule))
    made = dict(zip(flow["step"], flow["n_rooms"], strict=True))
    assert {step: made[step] for step in steps} == steps
    assert ("The room was paused" in made) == (rule == "exclude")
    with pytest.raises(ta.ArgumentError, match=r"`paused_room` must be one of .* \(got 'dog'"):
        ta.exclusions(study_of(FINE), paused_room="dog")


def test_the_first_of_several_cuts_counts() -> None:
    silent = Told(
        acts=[("ask", 10, "B"), ("withheld", 20, "B", "empty", 2), ("verdict", 200, True)],
        pause=(100, 60),
    )
    both = {"machine_failure": "censor_at_first", "paused_room": "censor_at_first"}
    assert dated(silent, "wall", **both) == [(10_000, 0, "unanswered")]
    assert dated(silent, "wall", **{**both, "machine_failure": "exclude"}) == []
    early = dataclasses.replace(silent, pause=(5, 60))
    assert dated(early, "wall", **both) == [(0, 0, "paused")]
    pd.testing.assert_frame_equal(
        ta.detections(study_of(early, **both)), ta.detections(ta.included(study_of(early, **both)))
    )
