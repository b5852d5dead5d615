"""Rooms with unanswered questions, by each rule on each clock; no reader goes by another."""

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis as ta
from tests.analysis.outcomes.hand_made import Told, study_of, unsealed

#: Fails at the question of 40 s; decided rightly at 100 s, after four messages.
FAILING = Told(
    acts=[
        *(("ask", 10, "A"), ("say", 15, "A"), ("ask", 20, "B"), ("say", 26, "B")),
        ("belief", 30, 0.9),
        *(("ask", 40, "B"), ("call", 41, "B", "rate_limit", "reply")),
        ("withheld", 47, "B", "rate_limit", 7),
        *(("ask", 50, "A"), ("say", 58, "A"), ("verdict", 100, True)),
    ]
)
#: The human says nothing after the question of 20 s; decided wrongly at 90 s, after two messages.
SILENT = Told(
    acts=[
        *(("ask", 10, "B"), ("say", 14, "B"), ("ask", 20, "A"), ("verdict", 90, False)),
    ]
)
#: Both: the machine fails at 10 s, the human's silence begins at 5 s.
BOTH = Told(
    acts=[
        *(("ask", 5, "A"), ("ask", 10, "B"), ("withheld", 15, "B", "empty", 3)),
        ("verdict", 80, True),
    ]
)
FINE = Told(acts=[("ask", 10, "B"), ("say", 14, "B"), ("verdict", 60, False)])
CAP = {"active_gap_cap_s": 5}


def dated(told: Told, clock: str, rule: ta.Rule | None = None, **rules: str) -> list[tuple]:
    rooms = ta.detections(study_of(told, **CAP), clock, rule, **rules)
    return list(zip(rooms["time"], rooms["cause"], rooms["end_reason"], strict=True))


@pytest.mark.parametrize(
    ("clock", "counted", "censored"),
    [
        ("wall", 100_000, 40_000),
        # Gaps of 10 5 5 6 4 | 10 s up to the question, each at most 5; then 10 8 42.
        ("active", 44_000, 29_000),
        # Two messages were sent before the one that was left; four in all.
        ("messages", 4, 2),
    ],
)
def test_a_failing_machine_on_every_clock(clock: str, counted: int, censored: int) -> None:
    assert dated(FAILING, clock) == [(counted, 1, "verdict")]
    assert dated(FAILING, clock, machine_failure="count") == [(counted, 1, "verdict")]
    assert dated(FAILING, clock, machine_failure="exclude") == []
    wanted = [(censored, 0, "unanswered")]
    assert dated(FAILING, clock, machine_failure="censor_at_first") == wanted
    # It is no matter of the human's.
    assert dated(FAILING, clock, human_silence="exclude") == [(counted, 1, "verdict")]


@pytest.mark.parametrize(
    ("clock", "counted", "censored"),
    [("wall", 90_000, 20_000), ("active", 19_000, 14_000), ("messages", 2, 1)],
)
def test_a_silent_human_on_every_clock(clock: str, counted: int, censored: int) -> None:
    assert dated(SILENT, clock) == [(counted, 2, "verdict")]
    assert dated(SILENT, clock, human_silence="exclude") == []
    assert dated(SILENT, clock, human_silence="censor_at_first") == [(censored, 0, "unanswered")]
    assert dated(SILENT, clock, machine_failure="exclude") == [(counted, 2, "verdict")]


def test_a_machine_silent_as_people_are_goes_by_the_rule_for_people() -> None:
    """It put the question of 20 s aside for a minute and more: that is no failure of its own."""
    put_aside = Told(
        acts=[
            *(("ask", 10, "B"), ("say", 14, "B"), ("ask", 20, "B")),
            *(("withheld", 21, "B", "as people do", 4), ("verdict", 90, True)),
        ]
    )
    assert dated(put_aside, "wall", machine_failure="exclude") == [(90_000, 1, "verdict")]
    assert dated(put_aside, "wall", human_silence="exclude") == []
    [left] = ta.unanswered(study_of(put_aside)).itertuples()
    assert (left.kind, left.cause, left.why) == ("machine", "silence", "as people do")
    answered = Told(acts=[*put_aside.acts[:4], ("say", 60, "B"), ("verdict", 90, True)])
    assert dated(answered, "wall", human_silence="exclude") == [(90_000, 1, "verdict")]


def test_both_witnesses_and_both_rules() -> None:
    def both(machine: str, human: str) -> list[tuple]:
        return dated(BOTH, "wall", machine_failure=machine, human_silence=human)

    assert both("count", "count") == [(80_000, 1, "verdict")]
    assert both("censor_at_first", "count") == [(10_000, 0, "unanswered")]
    assert both("count", "censor_at_first") == [(5_000, 0, "unanswered")]
    assert both("censor_at_first", "censor_at_first") == [(5_000, 0, "unanswered")]
    assert both("exclude", "censor_at_first") == both("censor_at_first", "exclude") == []


@pytest.mark.parametrize(
    ("dwell_s", "clock", "wanted"),
    [
        # A belief that was held before the question decides the room; one that needs it does not.
        (10, "wall", (40_000, 1, "unanswered")),
        (10.001, "wall", (40_000, 0, "unanswered")),
        (10, "active", (29_000, 1, "unanswered")),
        (60, "wall", (40_000, 0, "unanswered")),
    ],
)
def test_a_commitment_before_the_failure_stands(dwell_s: float, clock: str, wanted: tuple) -> None:
    rule = ta.Rule(commitment=ta.Commitment.THRESHOLD, tau=0.8, dwell_ms=round(dwell_s * 1000))
    assert dated(FAILING, clock, rule, machine_failure="censor_at_first") == [wanted]


def test_a_commitment_by_the_unanswered_message_does_not_stand() -> None:
    for dwell, counted in ((1, 3), (2, 4)):
        rule = ta.Rule(commitment=ta.Commitment.THRESHOLD, tau=0.8, dwell_messages=dwell)
        assert dated(FAILING, "messages", rule)[0][:2] == (counted, 1)
        censored = dated(FAILING, "messages", rule, machine_failure="censor_at_first")
        assert censored == [(2, 0, "unanswered")]


@pytest.mark.parametrize("ends", ["technical", "time_up", "dropped_out"])
def test_rooms_that_ended_without_a_decision(ends: str) -> None:
    told = dataclasses.replace(FAILING, acts=FAILING.acts[:-1], ends=ends, end_s=200)
    assert dated(told, "wall") == [(200_000, 0, ends)]
    assert dated(told, "wall", machine_failure="exclude") == []
    censored = dated(told, "wall", machine_failure="censor_at_first")
    assert censored == [(40_000, 0, "unanswered")]


def test_a_verdict_while_the_machine_fails_is_no_detection() -> None:
    told = Told(
        acts=[("ask", 10, "B"), ("call", 12, "B", "unavailable", ""), ("verdict", 16, True)]
    )
    assert dated(told, "wall") == [(16_000, 1, "verdict")]
    assert dated(told, "wall", machine_failure="exclude") == []
    assert dated(told, "messages", machine_failure="censor_at_first") == [(0, 0, "unanswered")]


@pytest.mark.parametrize("rule", ["exclude", "censor_at_first", "count"])
def test_the_rules_of_the_study_are_the_default(rule: str) -> None:
    silence = {"after_s": 60, "rule": rule}
    study = study_of(FAILING, SILENT, BOTH, FINE, machine_failure=rule, human_silence=silence)
    own, asked = (
        ta.detections(study, "active"),
        ta.detections(study, "active", machine_failure=rule, human_silence=rule),
    )
    pd.testing.assert_frame_equal(own, asked)
    chosen = ta.included(study)
    assert (chosen.machine_failure, chosen.human_silence, chosen.agents) == (rule, rule, "without")
    pd.testing.assert_frame_equal(ta.detections(chosen, "active"), own)


def test_a_study_without_rules_counts() -> None:
    study = study_of(FAILING, SILENT, machine_failure=None, human_silence=None)
    assert ta.detections(study)["cause"].tolist() == [1, 2]
    assert ta.included(study).machine_failure == "count"
    # The machine's failure needs no span; a silence does.
    assert ta.detections(study, machine_failure="exclude")["room"].tolist() == ["r1"]
    with pytest.raises(ta.ArgumentError, match="do not say after what time a silence counts"):
        ta.detections(study, human_silence="exclude")


@pytest.mark.parametrize("name", ["machine_failure", "human_silence", "agents"])
def test_unknown_rules_are_refused(name: str) -> None:
    for function in (ta.detections, ta.included, ta.exclusions):
        with pytest.raises(ta.ArgumentError, match=rf"`{name}` must be one of .* \(got 'dog'"):
            function(study_of(FINE), **{name: "dog"})


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"machine_failure": "drop"}, "`machine_failure` is 'drop'; one of exclude"),
        ({"human_silence": {"after_s": 9, "rule": 3}}, "`human_silence` is 3; one of"),
        ({"human_silence": {"after_s": "9", "rule": "count"}}, "`after_s` is '9'; a number"),
        ({"human_silence": 9}, "`human_silence` is 9"),
    ],
)
def test_rules_that_no_study_can_have_are_refused(config: dict, says: str) -> None:
    with pytest.raises(ta.DataError, match=says):
        ta.unanswered(study_of(FINE, **config))
        ta.detections(study_of(FINE, **config))


def test_rules_are_not_applied_twice() -> None:
    chosen = ta.included(study_of(FAILING, FINE), machine_failure="exclude")
    for function in (ta.detections, ta.included):
        with pytest.raises(ta.ArgumentError, match="were chosen by other rules already"):
            function(chosen, machine_failure="count")
    with pytest.raises(ta.ArgumentError, match="give the study as `load` gave it"):
        ta.exclusions(chosen)


def test_programs_are_never_pooled_with_people() -> None:
    program = dataclasses.replace(FINE, agent="openai/gpt-x")
    study = study_of(FAILING, program, FINE, program)
    assert ta.detections(study)["room"].tolist() == ["r0", "r2"]
    alone = ta.detections(study, agents="only")
    assert alone["room"].tolist() == ["r1", "r3"]
    assert set(alone["interrogator"]) == {"openai/gpt-x"}
    everybody = ta.detections(study, agents="with")
    assert everybody["interrogator"].tolist() == ["q0", "openai/gpt-x", "q2", "openai/gpt-x"]
    assert int(ta.win_rate_by_profile(study).n.sum()) == 2
    assert int(ta.win_rate_by_profile(ta.included(study, agents="only")).n.sum()) == 2


def test_what_comes_after_the_question_never_changes_a_censored_room() -> None:
    """The fate of a room is the same whatever was believed, said or decided afterwards."""
    rng = np.random.default_rng(3)
    before = FAILING.acts[:8]
    rule = ta.Rule(commitment=ta.Commitment.THRESHOLD, tau=0.7, dwell_ms=5_000, dwell_messages=1)
    for clock in ta.Clock:
        seen = set()
        for _ in range(30):
            at = np.sort(rng.integers(48, 290, 6))
            later: list[tuple] = [
                ("belief", int(t), float(p)) for t, p in zip(at, rng.random(6), strict=True)
            ]
            later += [("ask", 291, "A"), ("verdict", 299, bool(rng.random() < 0.5))]
            told = Told(acts=[*before, *later])
            seen.add(tuple(dated(told, clock, rule, machine_failure="censor_at_first")))
        assert len(seen) == 1


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export in which machines fail and people fall silent, and rules leave them out."""
    folder = tmp_path_factory.mktemp("failing")
    design = ta.Design(
        down_share=0.5,
        mute_share=0.5,
        machine_failure="exclude",
        human_silence="censor_at_first",
        rule=ta.Rule(commitment=ta.Commitment.THRESHOLD, tau=0.7, dwell_ms=30_000),
    )
    ta.simulate(folder, n_rooms=80, n_interrogators=8, seed=6, design=design)
    return folder


def by_hand(study: ta.Study) -> ta.Study:
    """The same rooms under no rule, cut by hand where the study's rules would cut them."""
    table = ta.unanswered(study)
    out = set(table["room"][table["kind"] == "machine"])
    first = table[table["kind"] == "human"].groupby("room")[["seq", "asked_at_ms"]].min()
    first = first.drop(index=[room for room in out if room in first.index])
    assert len(out) > 5 and len(first) > 5
    frames = {}
    for name in ta.TABLES:
        frame = getattr(study, name)
        kept = ~frame["room"].isin(out)
        if "seq" in frame:
            kept &= ~(frame["seq"] >= frame["room"].map(first["seq"]).astype(float).fillna(np.inf))
        frames[name] = frame[kept].reset_index(drop=True)
    sent = frames["messages"]
    tags = frames["strategies"]
    frames["strategies"] = tags[tags["message"].isin(sent["event"])].reset_index(drop=True)
    rooms = frames["rooms"]
    for room, line in first.iterrows():
        row = rooms["room"] == room
        own = (sent["room"] == room) & (sent["seat"] == "interrogator")
        rooms.loc[row, "elapsed_ms"] = line["asked_at_ms"]
        rooms.loc[row, "n_messages"] = int(own.sum())
        rooms.loc[row, "end_reason"] = "unanswered"
    return dataclasses.replace(study, config={**study.config, **NO_RULES}, **frames)


NO_RULES = {"machine_failure": "count", "human_silence": {"after_s": 60, "rule": "count"}}

#: Public functions that take a study and count nothing in it, or choose its rooms themselves.
NOT_READERS = {
    *("included", "exclusions", "unanswered", "exclusions_osf", "study_rule", "render"),
    *("forced_verdicts", "room_clusters"),
    *("coding_sheet", "permuted", "relayed"),
    *("pass_rate_by_profile",),  # two_party; below
}
READERS = sorted(
    name
    for name in ta.__all__
    if inspect.isfunction(function := getattr(ta, name))
    and next(iter(inspect.signature(function).parameters), "") == "study"
    and name not in NOT_READERS
)


def seen(found: object) -> pd.DataFrame:
    table = found if isinstance(found, pd.DataFrame) else found.table
    return table.reset_index(drop=True)


@pytest.mark.parametrize("name", READERS)
def test_every_reader_of_rooms_goes_by_the_rules(failing: Path, name: str) -> None:
    reader: Callable[[ta.Study], object] = getattr(ta, name)
    study = ta.load(failing)
    found = seen(reader(study))
    pd.testing.assert_frame_equal(found, seen(reader(by_hand(study))), check_dtype=False)
    under_none = dataclasses.replace(study, config={**study.config, **NO_RULES})
    if name != "agreement_by_strategy":  # nothing but sums of messages, which nobody coded twice
        assert not found.equals(seen(reader(under_none)))
    pd.testing.assert_frame_equal(found, seen(reader(ta.included(study))))


def test_readers_are_all_known() -> None:
    assert [
        *("accuracy_by_profile", "accuracy_by_strategy", "accuracy_by_timing"),
        "agreement_by_strategy",
        *("belief_score", "belief_trajectories", "detections", "strategy_episodes"),
        *("strategy_rooms", "win_rate_by_profile"),
    ] == READERS


def test_pass_rates_go_by_the_rules() -> None:
    fails = [("ask", 1, "A"), ("withheld", 9, "A", "empty", 2), ("verdict", 20, True)]
    fine = [("ask", 1, "A"), ("say", 9, "A"), ("verdict", 20, False)]
    study = study_of(*(Told(acts=acts, kind="machine") for acts in (fails, fine, fails)))
    assert ta.pass_rate_by_profile(study).n.tolist() == [3]
    for rule in ("exclude", "censor_at_first"):
        assert ta.pass_rate_by_profile(ta.included(study, machine_failure=rule)).n.tolist() == [1]


@pytest.mark.parametrize("rule", ["exclude", "censor_at_first", "count"])
@pytest.mark.parametrize("clock", ["wall", "active", "messages"])
def test_parts_follow_the_same_rule(failing: Path, tmp_path: Path, clock: str, rule: str) -> None:
    ta.partition(failing, tmp_path / "parts", rooms_per_part=7)
    rules = {"machine_failure": rule, "human_silence": rule}
    wanted = ta.detections(ta.load(failing), clock, **rules)
    pd.testing.assert_frame_equal(ta.detections(tmp_path / "parts", clock, **rules), wanted)
    pd.testing.assert_frame_equal(
        ta.detections(tmp_path / "parts", clock), ta.detections(failing, clock)
    )


@pytest.mark.parametrize("rule", ["exclude", "censor_at_first", "count"])
@pytest.mark.parametrize("clock", ["wall", "active", "messages"])
def test_shares_sum_to_one_under_every_rule(failing: Path, clock: str, rule: str) -> None:
    study = ta.load(failing)
    rooms = ta.detections(study, clock, machine_failure=rule, human_silence=rule)
    curve = ta.cumulative_incidence(rooms["time"], rooms["cause"], cluster=rooms["interrogator"])
    total = curve.incidence.sum(axis=0) + curve.undecided
    np.testing.assert_allclose(total, 1, rtol=0, atol=1e-12)
    # A rule only ever takes away: no room is decided sooner, or otherwise, than without it.
    free = ta.detections(study, clock, machine_failure="count", human_silence="count")
    free = free.set_index("room").loc[rooms["room"]]
    decided = (rooms["cause"] != 0).to_numpy()
    assert (rooms["time"].to_numpy() <= free["time"].to_numpy()).all()
    for column in ("time", "cause"):
        assert (rooms[column].to_numpy() == free[column].to_numpy())[decided].all()


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        (
            {"machine_failure": "exclude", "human_silence": "censor_at_first"},
            {
                "Rooms that ended": 5,
                "Never went live": 0,
                "A program took a seat: counted separately": -1,
                "The machine left a question unanswered": -2,
                "The verdict was erased on request": 0,
                "Analysed": 2,
                "of them censored where the human left a question unanswered": 1,
            },
        ),
        (
            {"machine_failure": "exclude", "human_silence": "exclude"},
            {
                "Rooms that ended": 5,
                "Never went live": 0,
                "A program took a seat: counted separately": -1,
                "The machine left a question unanswered": -2,
                "The human left a question unanswered": -1,
                "The verdict was erased on request": 0,
                "Analysed": 1,
            },
        ),
        (
            {"agents": "only"},
            {
                "Rooms that ended": 5,
                "Never went live": 0,
                "People took all seats: counted separately": -4,
                "The verdict was erased on request": 0,
                "Analysed": 1,
            },
        ),
    ],
)
def test_flow_counts_every_room_once(rules: dict, wanted: dict) -> None:
    program = dataclasses.replace(FAILING, agent="openai/gpt-x")
    study = study_of(FAILING, SILENT, BOTH, FINE, program)
    flow = ta.exclusions(study, **rules).set_index("step")["n_rooms"].to_dict()
    assert flow == wanted
    assert len(ta.detections(study, **rules)) == wanted["Analysed"]


def test_a_room_that_its_host_unsealed_is_left_out_by_the_studys_rule() -> None:
    rooms = unsealed(study_of(FINE, FINE, FINE, unsealed="exclude"), 1)
    assert list(ta.included(rooms).rooms["room"]) == ["r1", "r2"]
    assert ta.included(rooms).unsealed == "exclude"
    assert list(ta.detections(rooms)["room"]) == ["r1", "r2"]
    assert len(ta.detections(rooms, unsealed="count")) == 3
    flow = ta.exclusions(rooms).set_index("step")["n_rooms"]
    assert flow["A host saw before the end who is who"] == -1 and flow["Analysed"] == 2
    counted = unsealed(study_of(FINE, FINE, unsealed="count"), 1)
    unstated = unsealed(study_of(FINE, FINE), 1)
    for study in (counted, unstated):
        assert len(ta.included(study).rooms) == 2
        assert list(ta.included(study, unsealed="exclude").rooms["room"]) == ["r1"]


@pytest.mark.parametrize("rule", ["drop", {"rule": "exclude"}, True])
def test_unknown_rules_for_unsealed_rooms_are_refused(rule: object) -> None:
    with pytest.raises(ta.DataError, match="`unsealed` is "):
        ta.included(study_of(FINE, unsealed=rule))
    with pytest.raises(ta.ArgumentError, match="unsealed"):
        ta.included(study_of(FINE), unsealed="drop")
