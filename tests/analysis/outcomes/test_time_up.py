"""Every way in which a room can end, and where it goes, by hand on three clocks."""

import dataclasses
import tempfile

import pandas as pd
import pytest

import analysis as ta
from tests.analysis.outcomes.hand_made import Act, Told, study_of

#: Two questions and two answers. With a cap of 5 s active time is 5, 9, 14 and 19 s at them.
TALK: tuple[Act, ...] = (("ask", 10, "A"), ("say", 14, "A"), ("ask", 20, "B"), ("say", 26, "B"))
CAP = {"active_gap_cap_s": 5}
#: On the message clock two more messages would be needed.
THRESHOLD = ta.Rule(commitment=ta.Commitment.THRESHOLD, tau=0.8, dwell_ms=60_000, dwell_messages=2)
#: Five more seconds of active time than at the last act, and the two messages.
FULL = (300_000, 24_000, 2)


def ended(end_s: int, ends: str, *more: Act) -> Told:
    return Told(acts=[*TALK, *more], end_s=end_s, ends=ends)


def verdict(at_s: float, right: bool, *more: Act) -> Told:
    return Told(acts=[*TALK, *more, ("verdict", at_s, right)])


def fate(told: Told, rule: ta.Rule | None = None, **config: object) -> list[tuple]:
    """Times on three clocks, then cause, what was said at the end, and the end: one row a room."""
    study = study_of(told, **{**CAP, **config})
    dated = [ta.detections(study, clock, rule) for clock in ta.Clock]
    wall = dated[0]
    for other in dated[1:]:
        same = ["room", "cause", "at_end", "end_reason"]
        pd.testing.assert_frame_equal(wall[same], other[same])
    times = zip(*(rooms["time"] for rooms in dated), strict=True)
    return [
        (time, *rest)
        for time, *rest in zip(
            times, wall["cause"], wall["at_end"], wall["end_reason"], strict=True
        )
    ]


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (verdict(100, True), ((100_000, 24_000, 2), 1, "", "verdict")),
        (verdict(100, False), ((100_000, 24_000, 2), 2, "", "verdict")),
        # The last millisecond is in time, the next one is not.
        (verdict(300, True), (FULL, 1, "", "verdict")),
        (verdict(300.001, True), (FULL, 0, "right", "time_up")),
        (verdict(400, False), (FULL, 0, "wrong", "time_up")),
        # Nobody said anything: no time for it, or it passed, or somebody left in it.
        (ended(300, "time_up"), (FULL, 0, "nothing", "time_up")),
        (ended(420, "time_up"), (FULL, 0, "nothing", "time_up")),
        (ended(350, "withdrawn"), (FULL, 0, "nothing", "time_up")),
        (ended(350, "dropped_out"), (FULL, 0, "nothing", "time_up")),
        (ended(350, "technical"), (FULL, 0, "nothing", "time_up")),
        # Lost before its end.
        (ended(150, "withdrawn"), ((150_000, 24_000, 2), 0, "", "withdrawn")),
        (ended(150, "dropped_out"), ((150_000, 24_000, 2), 0, "", "dropped_out")),
        (ended(150, "technical"), ((150_000, 24_000, 2), 0, "", "technical")),
        # Belief is reported, and changes nothing without a rule for it.
        (verdict(400, True, ("belief", 28, 0.9)), ((300_000, 26_000, 2), 0, "right", "time_up")),
    ],
)
def test_every_end_by_verdict_only(told: Told, wanted: tuple) -> None:
    assert fate(told) == [wanted]


@pytest.mark.parametrize(
    ("forced", "wanted"),
    [
        ("separate", (FULL, 0, "wrong", "time_up")),
        ("exclude", (FULL, 0, "nothing", "time_up")),
        ("count", ((400_000, 24_000, 2), 2, "", "verdict")),
        # An export that states nothing is of a study about time to detection.
        (None, (FULL, 0, "wrong", "time_up")),
    ],
)
def test_what_a_forced_verdict_is_by_each_rule(forced: str | None, wanted: tuple) -> None:
    assert fate(verdict(400, False), forced_verdict=forced) == [wanted]


def test_the_rule_may_be_asked_for() -> None:
    study = study_of(verdict(400, False), forced_verdict="exclude", **CAP)
    for rule, said in (("separate", "wrong"), ("count", ""), ("exclude", "nothing")):
        assert ta.detections(study, forced_verdict=rule)["at_end"].tolist() == [said]
        assert ta.included(study, forced_verdict=rule).forced_verdict == rule
    with pytest.raises(ta.ArgumentError, match=r"`forced_verdict` must be one of .* \(got 'dog'"):
        ta.detections(study, forced_verdict="dog")
    wrong = dataclasses.replace(study, config={**study.config, "forced_verdict": "maybe"})
    with pytest.raises(ta.DataError, match="`forced_verdict` is 'maybe'; one of separate"):
        ta.detections(wrong)


def test_time_that_passes_without_a_word_is_at_risk_where_such_verdicts_count() -> None:
    late = ((420_000, 24_000, 2), 0, "nothing", "time_up")
    assert fate(ended(420, "time_up"), forced_verdict="count") == [late]
    left = ((350_000, 24_000, 2), 0, "", "withdrawn")
    assert fate(ended(350, "withdrawn"), forced_verdict="count") == [left]


@pytest.mark.parametrize(
    ("told", "clock", "wanted"),
    [
        # Held from 30 to 90 s; of four messages only two were sent.
        (verdict(400, False, ("belief", 30, 0.9)), "wall", (90_000, 1, "commitment", "")),
        (verdict(400, False, ("belief", 30, 0.9)), "active", (28_000, 1, "commitment", "")),
        (verdict(400, False, ("belief", 30, 0.9)), "messages", (2, 0, "", "wrong")),
        (verdict(400, False, ("belief", 250, 0.9)), "active", (29_000, 0, "", "wrong")),
        # A dwell that ends with the time is complete; one that needs the time after it is not.
        (verdict(400, False, ("belief", 240, 0.9)), "wall", (300_000, 1, "commitment", "")),
        (verdict(400, False, ("belief", 240.001, 0.9)), "wall", (300_000, 0, "", "wrong")),
        (ended(420, "time_up", ("belief", 250, 0.1)), "wall", (300_000, 0, "", "nothing")),
        # What is believed once time is up neither makes a commitment nor breaks one.
        (verdict(400, False, ("belief", 301, 0.9)), "wall", (300_000, 0, "", "wrong")),
        (
            verdict(400, False, ("belief", 240, 0.9), ("belief", 300.001, 0.1)),
            "wall",
            (300_000, 1, "commitment", ""),
        ),
    ],
)
def test_commitments_are_made_while_time_runs(told: Told, clock: str, wanted: tuple) -> None:
    row = ta.detections(study_of(told, **CAP), clock, THRESHOLD).iloc[0]
    assert (row["time"], row["cause"], row["decided_by"], row["at_end"]) == wanted


def test_no_belief_reported_after_the_end_counts_on_the_message_clock() -> None:
    at_once = dataclasses.replace(THRESHOLD, dwell_messages=0)
    study = study_of(verdict(400, False, ("belief", 301, 0.9)))
    assert ta.detections(study, "messages", at_once)["cause"].tolist() == [0]
    counted = ta.detections(study, "messages", at_once, forced_verdict="count")
    assert counted["cause"].tolist() == [1]


def test_rooms_that_cannot_count_are_left_out_whatever_the_rule() -> None:
    study = study_of(verdict(400, False), verdict(400, True), ended(0, "no_show"))
    rooms = study.rooms.assign(started_at=study.rooms["started_at"].where([True, True, False]))
    erased = study.verdicts["room"] != "r1"
    study = dataclasses.replace(study, rooms=rooms, verdicts=study.verdicts[erased])
    for rule in ("separate", "count", "exclude"):
        assert ta.detections(study, forced_verdict=rule)["room"].tolist() == ["r0"]
        flow = ta.exclusions(study, forced_verdict=rule).set_index("step")["n_rooms"].to_dict()
        last = list(flow)[-1]
        assert last.startswith("of them with a verdict after time was up, which ")
        assert list(flow.values()) == [3, -1, -1, 1, 1]


def test_what_is_censored_before_its_end_has_no_verdict_after_it() -> None:
    failing = Told(
        acts=[
            *TALK,
            ("ask", 40, "B"),
            ("withheld", 47, "B", "rate_limit", 6),
            ("verdict", 400, True),
        ]
    )
    by = {"machine_failure": "censor_at_first"}
    assert fate(failing, **by) == [((40_000, 24_000, 2), 0, "", "unanswered")]
    study = study_of(failing, **by)
    assert list(ta.exclusions(study)["n_rooms"]) == [1, 0, 0, 1, 1]


#: Rounds of 60 s, in which a person who said nothing for 30 s would have left a question.
ROUNDS = {"rounds_s": 60, "human_silence": {"after_s": 30, "rule": "censor_at_first"}}
ROUNDS = {**ROUNDS, "machine_failure": "censor_at_first"}
ROUND: tuple[Act, ...] = (
    *(("ask", 10, "A"), ("ask", 10.5, "B")),
    *(("say", 70, "A"), ("say", 70, "B")),
)


@pytest.mark.parametrize(
    ("acts", "wanted"),
    [
        # Answers that were held for a minute came in time.
        ([*ROUND, ("verdict", 100, True)], ((100_000, 15_500, 2), 1, "", "verdict")),
        # A verdict before the round is over: nothing was due yet.
        (
            [*ROUND, ("ask", 80, "A"), ("verdict", 120, False)],
            ((120_000, 20_500, 3), 2, "", "verdict"),
        ),
        # The last round is shown when time is up: what is decided on it is forced.
        (
            [*ROUND, ("ask", 280, "A"), ("say", 300.02, "A"), ("verdict", 330, True)],
            ((300_000, 20_500, 3), 0, "right", "time_up"),
        ),
        # Nothing was shown when the round was over: that is a silence, and the room ends there.
        (
            [
                *ROUND,
                ("ask", 80, "A"),
                ("ask", 150, "B"),
                ("say", 210, "B"),
                ("verdict", 220, True),
            ],
            ((80_000, 15_500, 2), 0, "", "unanswered"),
        ),
        # The same if it was said in the next round, or if time was up.
        (
            [
                *ROUND,
                ("ask", 80, "A"),
                ("ask", 150, "A"),
                ("say", 210, "A"),
                ("verdict", 220, True),
            ],
            ((80_000, 15_500, 2), 0, "", "unanswered"),
        ),
        ([*ROUND, ("ask", 250, "A")], ((250_000, 15_500, 2), 0, "", "unanswered")),
        # The time ran out on a question that nobody could have answered for so long.
        ([*ROUND, ("ask", 271, "A")], ((300_000, 20_500, 3), 0, "nothing", "time_up")),
    ],
)
def test_held_rounds(acts: list[Act], wanted: tuple) -> None:
    assert fate(Told(acts=acts), **ROUNDS) == [wanted]


def review_study() -> ta.Study:
    """Eighty rooms: a quarter decide early, the rest because time is up."""
    early = [verdict(30 + 12 * k, k % 4 != 0) for k in range(20)]
    return study_of(*early, *(verdict(301 + k, k % 3 != 0) for k in range(60)))


def test_a_study_in_which_most_are_asked_at_the_end_gives_the_true_curve() -> None:
    study = review_study()
    rooms = ta.detections(study)
    curve = ta.cumulative_incidence(rooms["time"], rooms["cause"], cluster=rooms["interrogator"])
    assert curve.at(300_000).value == pytest.approx(15 / 80)
    assert curve.at(300_000, 2).value == pytest.approx(5 / 80)
    assert curve.quantile(0.5).value == float("inf")
    assert rooms["time"].max() == 300_000
    # What the timer would have been called before: 69 % detected, in the minute after the end.
    counted = ta.detections(study, forced_verdict="count")
    other = ta.cumulative_incidence(counted["time"], counted["cause"])
    assert other.at(361_000).value == pytest.approx(55 / 80)
    assert 301_000 < other.quantile(0.5).value < 361_000


def test_forced_verdicts_are_listed_whatever_the_rule() -> None:
    study = study_of(verdict(100, True), verdict(300.25, False), forced_verdict="exclude")
    [row] = ta.forced_verdicts(study).to_dict("records")
    assert (row["room"], row["late_ms"], row["correct"]) == ("r1", 250, False)
    assert (row["interrogator"], row["profile"]) == ("q1", "m1")


def test_simulated_rooms_are_asked_when_time_is_up() -> None:
    folder = tempfile.mkdtemp()
    design = ta.Design(verdict_grace_s=120, right_at_end=0.9, loss_per_min=0.0)
    truth = ta.simulate(folder, n_rooms=300, n_interrogators=30, seed=3, design=design)
    study = ta.load(folder)
    assert ta.verify(folder).ok
    rooms = ta.detections(study)
    curve = ta.cumulative_incidence(rooms["time"], rooms["cause"], cluster=rooms["interrogator"])
    found = curve.at(300_000)
    assert found.low < truth.incidence(300_000) < found.high
    said = rooms["at_end"].value_counts()
    assert said["right"] + said["wrong"] == len(ta.forced_verdicts(study)) > 50
    assert 0.8 < said["right"] / (said["right"] + said["wrong"]) < 1
    assert rooms["time"].max() == 300_000


#: As in the report of a fault: the provider is down, and the verdict comes after 16 s.
DOWN = Told(acts=[("ask", 4, "B"), ("call", 5, "B", "unavailable", "reply"), ("verdict", 16, True)])


@pytest.mark.parametrize(
    ("rule", "causes"),
    [("exclude", []), ("censor_at_first", [0, 0, 0, 0]), ("count", [1, 1, 1, 1])],
)
def test_a_machine_that_never_answered_is_not_detected(rule: str, causes: list[int]) -> None:
    rooms = ta.detections(study_of(DOWN, DOWN, DOWN, DOWN, machine_failure=rule))
    assert rooms["cause"].tolist() == causes
    assert set(rooms["at_end"]) <= {""}


def test_a_study_with_silent_machines_gives_the_true_curve() -> None:
    """A machine in two goes silent at some time; twenty seconds later everybody knows why."""
    folder = tempfile.mkdtemp()
    design = ta.Design(
        down_share=0.5,
        told_by_silence_s=20,
        machine_failure="censor_at_first",
        verdict_grace_s=60,
        right_at_end=1.0,
    )
    truth = ta.simulate(folder, n_rooms=600, n_interrogators=60, seed=8, design=design)
    study, true = ta.load(folder), truth.incidence(300_000)

    def detected(**rules: str) -> ta.Estimate:
        rooms = ta.detections(study, **rules)
        curve = ta.cumulative_incidence(
            rooms["time"], rooms["cause"], cluster=rooms["interrogator"]
        )
        return curve.at(300_000)

    own, counted = detected(), detected(machine_failure="count")
    assert own.low < true < own.high
    assert counted.low > true
    # Whoever is asked at the end is right here, and no part of the curve.
    everything = detected(machine_failure="count", forced_verdict="count")
    assert everything.value == counted.value
