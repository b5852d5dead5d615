"""Dating decisions: on three clocks, by verdict or by a belief that stands, without the future."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis as ta

RULE = ta.Rule(commitment=ta.Commitment.THRESHOLD, tau=0.8, dwell_ms=60_000, dwell_messages=2)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Played:
    """One room: reports as (ms, messages so far, belief in the truth), and how it ended."""

    reports: Sequence[tuple[int, int, float]] = ()
    verdict: tuple[int, int, bool] | None = None
    end: tuple[int, int] = (300_000, 20)
    messages: Sequence[int] = ()
    kind: str = ""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> ta.Study:
    folder = tmp_path_factory.mktemp("empty")
    ta.simulate(folder, n_rooms=0, n_interrogators=1, seed=1)
    return ta.load(folder)


def study_of(empty: ta.Study, *played: Played) -> ta.Study:
    """A study of these rooms, with the columns that detection reads."""
    rooms = pd.DataFrame(
        {
            "room": [f"r{i}" for i in range(len(played))],
            "interrogator": "q1",
            "profile": "m1",
            "format": ["two_party" if room.kind else "three_party" for room in played],
            "witness_kind": [room.kind for room in played],
            "started_at": pd.Timestamp("2026-01-01", tz="UTC"),
            "duration_ms": 300_000,
            "paused_ms": 0,
            "elapsed_ms": [room.verdict[0] if room.verdict else room.end[0] for room in played],
            "n_messages": [room.verdict[1] if room.verdict else room.end[1] for room in played],
            "end_reason": ["verdict" if room.verdict else "time_up" for room in played],
            "simulated": True,
        }
    )
    beliefs = [
        (f"r{i}", seq, *report)
        for i, room in enumerate(played)
        for seq, report in enumerate(room.reports, start=2)
    ]
    verdicts = [(f"r{i}", 99, *room.verdict) for i, room in enumerate(played) if room.verdict]
    messages = [(f"r{i}", at) for i, room in enumerate(played) for at in room.messages]
    named = ["room", "seq", "elapsed_ms", "n_messages"]
    return dataclasses.replace(
        empty,
        rooms=rooms,
        beliefs=pd.DataFrame(beliefs, columns=[*named, "p_true"]),
        verdicts=pd.DataFrame(verdicts, columns=[*named, "correct"]),
        messages=pd.DataFrame(messages, columns=["room", "elapsed_ms"]),
    )


def dated(
    empty: ta.Study, room: Played, clock: str = "wall", rule: ta.Rule | None = RULE
) -> tuple[int, int, str]:
    row = ta.detections(study_of(empty, room), clock, rule).iloc[0]
    return int(row["time"]), int(row["cause"]), str(row["decided_by"])


@pytest.mark.parametrize(
    ("room", "wanted"),
    [
        # Dated at the end of the dwell, on either side.
        (Played(reports=[(10_000, 1, 0.8)]), (70_000, 1, "commitment")),
        (Played(reports=[(10_000, 1, 0.2)]), (70_000, 2, "commitment")),
        # A report below breaks it, at the very end of the dwell too.
        (Played(reports=[(10_000, 1, 0.9), (70_000, 3, 0.7)]), (300_000, 0, "")),
        (Played(reports=[(10_000, 1, 0.9), (70_001, 3, 0.7)]), (70_000, 1, "commitment")),
        # Reports that keep it up do not start it again; changing sides does.
        (Played(reports=[(10_000, 1, 0.9), (50_000, 2, 0.85)]), (70_000, 1, "commitment")),
        (Played(reports=[(10_000, 1, 0.9), (50_000, 2, 0.1)]), (110_000, 2, "commitment")),
        # The first that stands counts, whatever comes later.
        (Played(reports=[(1, 1, 0.9), (61_000, 2, 0.1)]), (60_001, 1, "commitment")),
        # The room must last through the dwell.
        (Played(reports=[(250_000, 9, 0.9)]), (300_000, 0, "")),
        (Played(reports=[(240_000, 9, 0.9)]), (300_000, 1, "commitment")),
        # A verdict comes first, or does not.
        (Played(reports=[(10_000, 1, 0.9)], verdict=(60_000, 3, False)), (60_000, 2, "verdict")),
        (Played(reports=[(10_000, 1, 0.9)], verdict=(80_000, 3, False)), (70_000, 1, "commitment")),
        (Played(verdict=(80_000, 3, True)), (80_000, 1, "verdict")),
        (Played(), (300_000, 0, "")),
    ],
)
def test_wall_clock(empty: ta.Study, room: Played, wanted: tuple[int, int, str]) -> None:
    assert dated(empty, room) == wanted


@pytest.mark.parametrize(
    ("room", "wanted"),
    [
        (Played(reports=[(10_000, 4, 0.8)]), (6, 1, "commitment")),
        # A report before the message that completes the dwell breaks it; one after it does not.
        (Played(reports=[(10_000, 4, 0.8), (20_000, 5, 0.5)]), (20, 0, "")),
        (Played(reports=[(10_000, 4, 0.8), (20_000, 6, 0.5)]), (6, 1, "commitment")),
        (Played(reports=[(10_000, 4, 0.8)], end=(300_000, 5)), (5, 0, "")),
        (Played(reports=[(10_000, 4, 0.8)], verdict=(30_000, 6, False)), (6, 1, "commitment")),
        (Played(reports=[(10_000, 4, 0.8)], verdict=(30_000, 5, False)), (5, 2, "verdict")),
        (Played(verdict=(1_000, 0, True)), (0, 1, "verdict")),
    ],
)
def test_message_clock(empty: ta.Study, room: Played, wanted: tuple[int, int, str]) -> None:
    assert dated(empty, room, "messages") == wanted


@pytest.mark.parametrize(
    ("room", "wanted"),
    [
        # Silences of 20 s, 130 s (counts 120 s) and 150 s (counts 120 s).
        (Played(messages=[20_000, 150_000]), (260_000, 0, "")),
        (Played(messages=[150_000, 20_000], verdict=(200_000, 2, True)), (190_000, 1, "verdict")),
        # The end of a dwell is read off in the middle of a silence.
        (Played(messages=[5_000], reports=[(10_000, 1, 0.9)]), (70_000, 1, "commitment")),
        (Played(reports=[(200_000, 1, 0.9)]), (180_000, 1, "commitment")),
    ],
)
def test_active_clock(empty: ta.Study, room: Played, wanted: tuple[int, int, str]) -> None:
    assert dated(empty, room, "active") == wanted


def test_rooms_do_not_run_into_each_other(empty: ta.Study) -> None:
    busy = Played(messages=[1_000, 2_000], reports=[(10_000, 1, 0.9)])
    study = study_of(empty, busy, Played(reports=[(20_000, 1, 0.9), (30_000, 1, 0.5)]), busy)
    assert ta.detections(study, rule=RULE)["time"].tolist() == [70_000, 300_000, 70_000]
    assert ta.detections(study, "active", RULE)["cause"].tolist() == [1, 0, 1]


def test_later_reports_never_change_an_event(empty: ta.Study) -> None:
    rng = np.random.default_rng(11)
    for _ in range(200):
        at = np.sort(rng.integers(1, 300, 12)) * 1000
        reports = [
            (int(t), i, float(p)) for i, (t, p) in enumerate(zip(at, rng.random(12), strict=True))
        ]
        time, cause, by = dated(empty, Played(reports=reports))
        if by == "commitment":
            known = [report for report in reports if report[0] <= time]
            assert dated(empty, Played(reports=known)) == (time, cause, by)


def test_study_rule_is_the_default(empty: ta.Study) -> None:
    room = Played(reports=[(10_000, 1, 0.9)], verdict=(200_000, 9, False))
    assert dated(empty, room, rule=None) == (200_000, 2, "verdict")
    commitment = {"rule": "threshold", "tau": 0.8, "dwell_s": 60, "dwell_messages": 2}
    other = dataclasses.replace(empty, config={**empty.config, "commitment": commitment})
    assert ta.study_rule(other) == RULE
    assert dated(other, room, rule=None) == (70_000, 1, "commitment")


def test_two_party_rooms_are_counted_apart(empty: ta.Study) -> None:
    study = study_of(
        empty,
        Played(kind="machine", verdict=(1_000, 1, True)),
        Played(kind="human", verdict=(2_000, 1, False)),
        Played(kind="human", verdict=(3_000, 1, True)),
    )
    machine, human = (ta.detections(study, witness=kind) for kind in ("machine", "human"))
    assert machine[["time", "cause"]].to_numpy().tolist() == [[1_000, 1]]
    assert human[["time", "cause"]].to_numpy().tolist() == [[2_000, 2], [3_000, 1]]


def test_rooms_that_cannot_count_are_left_out_and_named(empty: ta.Study) -> None:
    study = study_of(empty, Played(), Played(verdict=(9, 1, True)), Played())
    study.rooms.loc[0, "started_at"] = pd.NaT
    erased = dataclasses.replace(study, verdicts=study.verdicts.iloc[:0])
    assert ta.detections(erased)["room"].tolist() == ["r2"]
    flow = ta.exclusions(erased).set_index("step")["n_rooms"]
    assert flow.to_dict() == {
        "Rooms that ended": 3,
        "Never went live": -1,
        "The verdict was erased on request": -1,
        "Analysed": 1,
    }


@pytest.mark.parametrize(("name", "value"), [("clock", "sundial"), ("witness", "dog")])
def test_unknown_choices_are_refused(export: Path, name: str, value: str) -> None:
    with pytest.raises(ta.ArgumentError, match=rf"`{name}` must be one of .* \(got '{value}'"):
        ta.detections(ta.load(export), **{name: value})


@pytest.mark.parametrize("rule", [{"tau": 0.5}, {"tau": 1.1}, {"dwell_ms": -1}])
def test_senseless_rules_are_refused(rule: dict) -> None:
    with pytest.raises(ta.ArgumentError):
        ta.Rule(commitment=ta.Commitment.THRESHOLD, **rule)
