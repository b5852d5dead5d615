"""What a notebook relies on: signatures, tables, and what every result says about itself."""

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis as ta

NOTHING = inspect.Parameter.empty

#: Names, then keywords with their defaults.
SIGNATURES: dict[str, tuple[tuple[str, ...], dict[str, object]]] = {
    "load": (("path",), {}),
    "load_osf": (("path",), {}),
    "detections": (
        ("study", "clock", "rule"),
        {
            "clock": "wall",
            "rule": None,
            "machine_failure": None,
            "human_silence": None,
            "agents": "without",
        },
    ),
    "included": (
        ("study",),
        {"machine_failure": None, "human_silence": None, "agents": "without"},
    ),
    "exclusions": (
        ("study",),
        {"machine_failure": None, "human_silence": None, "agents": "without"},
    ),
    "unanswered": (("study",), {"after_s": None}),
    "kaplan_meier": (
        ("time", "event"),
        {"entry": None, "cluster": None, "level": 0.95, "interval": "log-log"},
    ),
    "cumulative_incidence": (("time", "cause"), {"cluster": None, "level": 0.95}),
    "logrank": (
        ("time", "event", "group"),
        {"strata": None, "cluster": None, "weights": "logrank", "rho": 0, "gamma": 0},
    ),
    "gray_test": (("time", "cause", "group"), {"strata": None, "cluster": None, "rho": 0}),
    "cox": (
        ("start", "stop", "event", "X"),
        {"strata": None, "cluster": None, "ties": "efron"},
    ),
    "discrete_hazard": (("start", "stop", "event", "X"), {"cluster": None}),
    "strategy_episodes": (
        ("study", "clock", "rule"),
        {"clock": "wall", "rule": None, "source": None},
    ),
    "accuracy": (("correct", "by"), {"by": None, "cluster": None}),
    "compare_accuracy": (("correct", "by"), {"cluster": None, "method": "cr2"}),
    "win_rate": (("won", "by"), {"by": None, "cluster": None}),
    "pass_rate": (("passed", "by"), {"by": None, "cluster": None}),
    "d_prime": (("hits", "misses"), {"false_alarms": NOTHING, "correct_rejections": NOTHING}),
    "mcnemar": (("first", "second"), {}),
    "equivalence": (("correct", "by"), {"margin": NOTHING, "cluster": None}),
    "agreement": (("codings",), {"cluster": None}),
    "corrected_accuracy": (("correct", "machine", "human"), {"probability": NOTHING}),
    "calibration": (("confidence", "correct"), {"cluster": None}),
    "belief_score": (("study",), {"clock": "wall"}),
    "belief_trajectories": (("study", "at"), {"at": None}),
    "ratings": (("interrogator", "machine", "correct"), {}),
    "power": (("win_rate",), {}),
    "simulate": (("out",), {"n_rooms": NOTHING, "n_interrogators": NOTHING, "seed": NOTHING}),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature_is_the_documented_one(name: str) -> None:
    positional, defaults = SIGNATURES[name]
    given = inspect.signature(getattr(ta, name)).parameters
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)
    assert tuple(n for n, p in given.items() if p.kind in kinds) == positional
    assert {key: given[key].default for key in defaults} == defaults
    assert inspect.getdoc(getattr(ta, name))


TIME, EVENT = [1, 2, 2, 3, 4, 5, 6, 7], [1, 0, 1, 1, 0, 1, 1, 0]
CAUSE, GROUP, WHO = [1, 2, 0, 1, 2, 1, 1, 0], list("abababab"), list("wxyzwxyz")
RIGHT, X = [1, 0, 1, 1, 0, 1, 0, 1], {"x": [1, 0, 1, 1, 0, 0, 1, 0]}

#: How to make one, and the columns of its table if it has one.
RESULTS: dict[str, tuple[Callable[[], object], str | None]] = {
    "Survival": (
        lambda: ta.kaplan_meier(TIME, EVENT),
        "time n_at_risk n_events n_censored survival std_error low high",
    ),
    "CumulativeIncidence": (
        lambda: ta.cumulative_incidence(TIME, CAUSE, cluster=WHO),
        "cause time n_at_risk n_events n_censored incidence std_error low high",
    ),
    "EndStates": (
        lambda: ta.end_states(
            {"time": TIME, "cause": CAUSE, "at_end": np.where(np.array(CAUSE) > 0, "", "right")},
            cluster=None,
        ),
        "state n_rooms probability std_error low high",
    ),
    "Net": (
        lambda: ta.cumulative_incidence(TIME, CAUSE, cluster=WHO).net(),
        "time net std_error low high",
    ),
    "Band": (
        lambda: ta.simultaneous_band(ta.cumulative_incidence(TIME, CAUSE, cluster=WHO)),
        "time value low high",
    ),
    "Cox": (
        lambda: ta.cox(None, TIME, EVENT, X, cluster=WHO),
        "term coefficient hazard_ratio std_error low high p_value",
    ),
    "DiscreteHazard": (
        lambda: ta.discrete_hazard(None, TIME, EVENT, X, breaks=(), cluster=WHO),
        "term coefficient hazard_ratio std_error low high p_value",
    ),
    "TestResult": (lambda: ta.logrank(TIME, EVENT, GROUP), "group n observed expected"),
    "TestResult of incidence": (
        lambda: ta.gray_test(TIME, CAUSE, GROUP),
        "group n observed expected",
    ),
    "TestResult of a model": (lambda: ta.cox(None, TIME, EVENT, X).wald, None),
    "Proportionality": (
        lambda: ta.cox(None, TIME, EVENT, X).proportional_hazards(),
        "term statistic df p_value",
    ),
    "Accuracy": (
        lambda: ta.accuracy(RIGHT, cluster=WHO),
        "group n n_correct n_clusters n_effective proportion wilson_low wilson_high jeffreys_low "
        "jeffreys_high cluster_std_error cluster_df cluster_low cluster_high",
    ),
    "AccuracyComparison": (
        lambda: ta.compare_accuracy(RIGHT, GROUP, cluster=WHO),
        "term coefficient odds_ratio std_error df low high p_value",
    ),
    "Rates": (lambda: ta.win_rate(RIGHT, cluster=WHO), None),
    "EquivalenceTest": (lambda: ta.equivalence(RIGHT, margin=0.2), None),
    "PairedTest": (lambda: ta.mcnemar(RIGHT, RIGHT[::-1]), None),
    "TrendTest": (lambda: ta.accuracy_trend(RIGHT, TIME), None),
    "Agreement": (lambda: ta.agreement({"one": GROUP, "two": GROUP[::-1]}, n_resamples=5), None),
    "CorrectedAccuracy": (
        lambda: ta.corrected_accuracy(RIGHT, GROUP, GROUP, probability=1, cluster=WHO),
        None,
    ),
    "Calibration": (
        lambda: ta.calibration([0.1 * t for t in TIME], RIGHT, n_resamples=5),
        "confidence n calibrated low high",
    ),
    "BeliefScore": (
        lambda: ta.integrated_brier(["r"], [1], [0.7], rooms=["r", "s"], end=[4, 5]),
        "room end n_reports score",
    ),
    "Ratings": (lambda: ta.ratings(WHO, GROUP, RIGHT), None),
    "PairedAbilities": (lambda: ta.bradley_terry(list("abc"), list("bca")), None),
    "Sequential": (lambda: ta.mixture_win_rate(RIGHT), "n estimate low high e_value"),
    "Refuted": (lambda: ta.e_holm([30.0, 2.0]), "e_value adjusted refuted"),
    "Plan": (lambda: ta.power(0.6, rooms_each=4, n_interrogators=20), None),
    "DropoutSensitivity": (lambda: ta.dropout_sensitivity(rooms()), None),
}


def rooms() -> pd.DataFrame:
    end = ["verdict", "dropped_out", "verdict", "time_up"]
    return pd.DataFrame(
        {
            "room": list("abcd"),
            "interrogator": list("wxwx"),
            "time": [3, 4, 5, 6],
            "cause": [1, 0, 2, 0],
            "end_reason": end,
        }
    )


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_says_how_it_was_made(name: str) -> None:
    make, columns = RESULTS[name]
    result = make()
    assert type(result).__name__ == name.split()[0]
    said = {key: getattr(result, key) for key in ("n", "method", "clustering", "source")}
    assert np.sum(said.pop("n")) > 0
    assert all(isinstance(text, str) and text for text in said.values()), said
    assert result._repr_html_().startswith("<")
    if columns is not None:
        assert " ".join(result.table.columns) == columns
    if not name.split()[0].endswith("Test") and name.split()[0] not in (
        "TestResult",
        "Proportionality",
    ):
        assert 0.5 < result.level < 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(result, dataclasses.fields(result)[0].name, None)


def test_clustered_results_say_so() -> None:
    for clustered, plain in (
        (ta.kaplan_meier(TIME, EVENT, cluster=WHO), ta.kaplan_meier(TIME, EVENT)),
        (ta.cox(None, TIME, EVENT, X, cluster=WHO), ta.cox(None, TIME, EVENT, X)),
        (ta.accuracy(RIGHT, cluster=WHO), ta.accuracy(RIGHT)),
        (ta.win_rate(RIGHT, cluster=WHO), ta.win_rate(RIGHT)),
    ):
        assert (clustered.clustering, plain.clustering) == ("4 clusters", "none")
    by = ta.accuracy(RIGHT, list("aaaaaabb"), cluster=list("wxyzwxyy"))
    assert by.clustering == "1 to 4 clusters in each group"


def test_estimates_have_the_documented_parts() -> None:
    curve, open_ = ta.cumulative_incidence(TIME, CAUSE), ta.kaplan_meier(TIME, EVENT)
    for found in (
        open_.quantile(0.5),
        open_.restricted_mean(5),
        curve.time_lost(5),
        curve.quantile(0.2),
        ta.d_prime(9, 3, false_alarms=4, correct_rejections=8),
    ):
        assert isinstance(found, ta.Estimate)
        for part in ("value", "std_error", "low", "high", "n", "method", "level", "clustering"):
            assert hasattr(found, part)


def test_models_have_the_documented_parts() -> None:
    model = ta.cox(None, TIME, EVENT, X, cluster=WHO)
    for part in ("covariance", "sandwich", "log_likelihood", "log_likelihood_null", "score"):
        assert getattr(model, part) is not None
    test = ta.logrank(TIME, EVENT, GROUP)
    assert np.isfinite([test.statistic, test.df, test.p_value]).all()


def test_a_study_has_the_documented_frames(export: Path) -> None:
    study = ta.load(export)
    for name in ("rooms", "messages", "beliefs", "verdicts", "strategies", "visits"):
        assert isinstance(getattr(study, name), pd.DataFrame)
    assert isinstance(study.machine_calls, pd.DataFrame)
    assert isinstance(study.withheld, pd.DataFrame)
    found = ta.detections(study)
    assert {"room", "interrogator", "profile", "time", "cause", "end_reason"} <= set(found)
    assert found["room"].is_unique and set(found["cause"]) <= {0, 1, 2}
    episodes = ta.strategy_episodes(study)
    assert {"start", "stop", "event", "strategy", "interrogator", "profile"} <= set(episodes)


def test_sequential_methods_stand_together() -> None:
    assert set(ta.sequential.__all__) <= set(ta.__all__)
    assert ta.sequential.mixture_win_rate is ta.mixture_win_rate
