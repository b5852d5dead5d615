"""Time-to-detection statistics of Turing Arena: a plain package, at home in a notebook.

Needs no server and no web framework: give it an export, or arrays. Importing it loads nothing
heavy; each name loads what it needs when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis import sequential as sequential
    from analysis.abilities import Abilities
    from analysis.accuracy_models import AccuracyComparison, compare_accuracy
    from analysis.anytime import Sequential
    from analysis.anytime_design import randomisation_e_process
    from analysis.anytime_many import Refuted, e_bh, e_holm
    from analysis.anytime_rates import betting_mean, mixture_win_rate
    from analysis.anytime_times import logrank_e_process, logrank_mixture
    from analysis.belief_paths import belief_trajectories
    from analysis.belief_scores import BeliefScore, belief_score, integrated_brier
    from analysis.clocks import Clock
    from analysis.coding import Agreement, agreement, krippendorff_alpha
    from analysis.comparison import TestResult, logrank
    from analysis.confidence import Calibration, calibration
    from analysis.detection import Commitment, Rule, detections, exclusions, study_rule
    from analysis.discrete import DiscreteHazard, discrete_hazard
    from analysis.discrimination import d_prime
    from analysis.dropout import DropoutSensitivity, dropout_sensitivity
    from analysis.episodes import strategy_episodes
    from analysis.equivalence_tests import EquivalenceTest, equivalence
    from analysis.errors import AnalysisError, ArgumentError, DataError
    from analysis.estimate import Estimate
    from analysis.gray import gray_test
    from analysis.incidence import CumulativeIncidence, Net, cumulative_incidence
    from analysis.kappas import cohen_kappa
    from analysis.lost_time import LostTimeDifferences, time_lost_differences
    from analysis.machine_coding import CorrectedAccuracy, corrected_accuracy
    from analysis.multiplicity import benjamini_hochberg, holm
    from analysis.osf import Exclude, exclusions_osf, load_osf
    from analysis.paired_wins import PairedAbilities, bradley_terry
    from analysis.partitions import partition
    from analysis.planning import Plan, power
    from analysis.planning_curves import CurvePlan, power_of_curves
    from analysis.plots import plot_accuracy, plot_incidence, save_figure
    from analysis.plots_beliefs import plot_beliefs
    from analysis.plots_calibration import plot_calibration
    from analysis.plots_compare import plot_dropout, plot_groups, plot_net
    from analysis.plots_forest import Whiskers, plot_forest
    from analysis.plots_sequential import plot_sequential
    from analysis.proportion_tests import (
        PairedTest,
        TrendTest,
        accuracy_difference,
        accuracy_trend,
        mcnemar,
    )
    from analysis.proportionality import Proportionality
    from analysis.proportions import (
        Accuracy,
        accuracy,
        accuracy_by_profile,
        accuracy_by_strategy,
        strategy_rooms,
    )
    from analysis.rasch import Ratings, ratings
    from analysis.regression import Cox, cox
    from analysis.report import render
    from analysis.schema import FORMAT_VERSION, TABLES, Column, codebook
    from analysis.simulated_strategies import StrategyEffect
    from analysis.simulated_times import Drawn, draw_times
    from analysis.simulation import Design, Truth, simulate
    from analysis.standardisation import Contrasts
    from analysis.strategy_coding import agreement_by_strategy
    from analysis.study import Study, load
    from analysis.survival import Survival, kaplan_meier
    from analysis.verification import Verification, verify
    from analysis.win_rates import (
        Rates,
        pass_rate,
        pass_rate_by_profile,
        win_rate,
        win_rate_by_profile,
    )

#: Where each public name lives. No module is called like a public name: the import system would
#: put the module in its place.
_HOMES = {
    "abilities": ("Abilities",),
    "accuracy_models": ("AccuracyComparison", "compare_accuracy"),
    "anytime": ("Sequential",),
    "anytime_design": ("randomisation_e_process",),
    "anytime_many": ("Refuted", "e_bh", "e_holm"),
    "anytime_rates": ("betting_mean", "mixture_win_rate"),
    "anytime_times": ("logrank_e_process", "logrank_mixture"),
    "belief_paths": ("belief_trajectories",),
    "belief_scores": ("BeliefScore", "belief_score", "integrated_brier"),
    "clocks": ("Clock",),
    "coding": ("Agreement", "agreement", "krippendorff_alpha"),
    "comparison": ("TestResult", "logrank"),
    "confidence": ("Calibration", "calibration"),
    "detection": ("Commitment", "Rule", "detections", "exclusions", "study_rule"),
    "discrete": ("DiscreteHazard", "discrete_hazard"),
    "discrimination": ("d_prime",),
    "dropout": ("DropoutSensitivity", "dropout_sensitivity"),
    "episodes": ("strategy_episodes",),
    "equivalence_tests": ("EquivalenceTest", "equivalence"),
    "errors": ("AnalysisError", "ArgumentError", "DataError"),
    "estimate": ("Estimate",),
    "gray": ("gray_test",),
    "incidence": ("CumulativeIncidence", "Net", "cumulative_incidence"),
    "kappas": ("cohen_kappa",),
    "lost_time": ("LostTimeDifferences", "time_lost_differences"),
    "machine_coding": ("CorrectedAccuracy", "corrected_accuracy"),
    "multiplicity": ("benjamini_hochberg", "holm"),
    "paired_wins": ("PairedAbilities", "bradley_terry"),
    "osf": ("Exclude", "exclusions_osf", "load_osf"),
    "partitions": ("partition",),
    "planning": ("Plan", "power"),
    "planning_curves": ("CurvePlan", "power_of_curves"),
    "plots_compare": ("plot_dropout", "plot_groups", "plot_net"),
    "plots_forest": ("Whiskers", "plot_forest"),
    "plots": ("plot_accuracy", "plot_incidence", "save_figure"),
    "plots_beliefs": ("plot_beliefs",),
    "plots_calibration": ("plot_calibration",),
    "plots_sequential": ("plot_sequential",),
    "proportion_tests": (
        "PairedTest",
        "TrendTest",
        "accuracy_difference",
        "accuracy_trend",
        "mcnemar",
    ),
    "proportionality": ("Proportionality",),
    "proportions": (
        "Accuracy",
        "accuracy",
        "accuracy_by_profile",
        "accuracy_by_strategy",
        "strategy_rooms",
    ),
    "rasch": ("Ratings", "ratings"),
    "regression": ("Cox", "cox"),
    "report": ("render",),
    "schema": ("Column", "FORMAT_VERSION", "TABLES", "codebook"),
    "simulated_strategies": ("StrategyEffect",),
    "simulated_times": ("Drawn", "draw_times"),
    "simulation": ("Design", "Truth", "simulate"),
    "standardisation": ("Contrasts",),
    "strategy_coding": ("agreement_by_strategy",),
    "study": ("Study", "load"),
    "survival": ("Survival", "kaplan_meier"),
    "verification": ("Verification", "verify"),
    "win_rates": ("Rates", "pass_rate", "pass_rate_by_profile", "win_rate", "win_rate_by_profile"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "FORMAT_VERSION",
    "TABLES",
    "Abilities",
    "Accuracy",
    "AccuracyComparison",
    "Agreement",
    "AnalysisError",
    "ArgumentError",
    "BeliefScore",
    "Calibration",
    "Clock",
    "Column",
    "Commitment",
    "Contrasts",
    "CorrectedAccuracy",
    "Cox",
    "CumulativeIncidence",
    "CurvePlan",
    "DataError",
    "Design",
    "DiscreteHazard",
    "Drawn",
    "DropoutSensitivity",
    "EquivalenceTest",
    "Estimate",
    "Exclude",
    "LostTimeDifferences",
    "Net",
    "PairedAbilities",
    "PairedTest",
    "Plan",
    "Proportionality",
    "Rates",
    "Ratings",
    "Refuted",
    "Rule",
    "Sequential",
    "StrategyEffect",
    "Study",
    "Survival",
    "TestResult",
    "TrendTest",
    "Truth",
    "Verification",
    "Whiskers",
    "accuracy",
    "accuracy_by_profile",
    "accuracy_by_strategy",
    "accuracy_difference",
    "accuracy_trend",
    "agreement",
    "agreement_by_strategy",
    "belief_score",
    "belief_trajectories",
    "benjamini_hochberg",
    "betting_mean",
    "bradley_terry",
    "calibration",
    "codebook",
    "cohen_kappa",
    "compare_accuracy",
    "corrected_accuracy",
    "cox",
    "cumulative_incidence",
    "d_prime",
    "detections",
    "discrete_hazard",
    "draw_times",
    "dropout_sensitivity",
    "e_bh",
    "e_holm",
    "equivalence",
    "exclusions",
    "exclusions_osf",
    "gray_test",
    "holm",
    "integrated_brier",
    "kaplan_meier",
    "krippendorff_alpha",
    "load",
    "load_osf",
    "logrank",
    "logrank_e_process",
    "logrank_mixture",
    "mcnemar",
    "mixture_win_rate",
    "partition",
    "pass_rate",
    "pass_rate_by_profile",
    "plot_accuracy",
    "plot_beliefs",
    "plot_calibration",
    "plot_dropout",
    "plot_forest",
    "plot_groups",
    "plot_incidence",
    "plot_net",
    "plot_sequential",
    "power",
    "power_of_curves",
    "randomisation_e_process",
    "ratings",
    "render",
    "save_figure",
    "simulate",
    "strategy_episodes",
    "strategy_rooms",
    "study_rule",
    "time_lost_differences",
    "verify",
    "win_rate",
    "win_rate_by_profile",
]


def __getattr__(name: str) -> object:
    if name == "sequential":
        return import_module(f"{__name__}.sequential")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "sequential"})
