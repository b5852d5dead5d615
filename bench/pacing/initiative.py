"""Fits when people write unasked, and when they put a message aside, to the fitted dialogues.

Run `python -m bench.pacing.initiative`; it prints `MEETUP_INITIATIVE` of arena/pacing/figures.py,
and how many people write again, fitted on and left out.
"""

import sys
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import norm

from arena.pacing.figures import MEETUP, InitiativeFigures
from arena.pacing.initiative import REOPENS_AFTER_S
from bench.pacing.fit import HERMITE_15, lines, log_likelihood, replies, shown
from bench.pacing.people import CSV, halves, is_fitted

Array = NDArray[np.float64]
#: Half of the clock's grain: a silence that shows as 0 s over the least lasted some time, too.
_GRAIN_S = 0.5


def silences(rows: pd.DataFrame) -> pd.DataFrame:
    """Every silence (s) after a message: who broke off, how long, and whether the same person ended
    it."""
    after = rows.groupby("dialogue").shift(-1)
    table = pd.DataFrame(
        {"person": rows.person, "silent_s": after.latency_s, "own": after.kind == "follow_up"}
    )
    return table[after.kind.notna()].reset_index(drop=True)


def opens(waits: Array) -> tuple[float, float]:
    """Median (s) and spread of the time to one's own first message.

    Of two people one is seen to write at a time, and the other not to have written until then.
    """
    at = np.log(np.maximum(waits, _GRAIN_S))

    def loss(values: Array) -> float:
        z = (at - values[0]) / np.exp(values[1])
        return -float((norm.logpdf(z) - values[1] + norm.logsf(z)).sum())

    median, spread = np.exp(minimize(loss, [3.0, 0.0], method="Nelder-Mead").x)
    return float(median), float(spread)


def reopens(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Median (s), spread and spread between people of a silence beyond the least, if it is not
    broken by the other side first."""
    long = silences(rows)
    long = long[long.silent_s > REOPENS_AFTER_S]
    people, code = np.unique(long.person, return_inverse=True)
    at = np.log(long.silent_s.to_numpy(float) - REOPENS_AFTER_S + _GRAIN_S)[:, None]
    own = long.own.to_numpy()[:, None]
    habits, weights = HERMITE_15

    def loss(values: Array) -> float:
        spread = np.exp(values[1])
        z = (at - values[0] - values[2] * habits) / spread
        each = np.where(own, norm.logpdf(z) - np.log(spread), norm.logsf(z))
        total = np.zeros((len(people), len(habits)))
        np.add.at(total, code, each)
        peak = total.max(1, keepdims=True)
        return -float((np.log(np.exp(total - peak) @ weights) + peak[:, 0]).sum())

    median, spread, habit = minimize(loss, [3.0, 0.3, 0.5], method="Nelder-Mead").x
    return float(np.exp(median)), float(np.exp(spread)), abs(float(habit))


def puts_aside(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Share, median (s) and spread of the replies that `calibrated` does not explain."""

    def loss(values: Array) -> float:
        share, median, spread = float(expit(values[0])), np.exp(values[1]), np.exp(values[2])

        def mixed(of: pd.DataFrame) -> Array:
            latency = of.latency_s.to_numpy(float)[:, None, None]
            aside = shown(
                latency, after=0 * latency, median_s=0 * latency + median, spread=float(spread)
            )
            return (1 - share) * replies(of, MEETUP) + share * aside

        return -log_likelihood(rows, MEETUP, likelihood=mixed)

    found = minimize(loss, [-4.0, 3.5, -1.0], method="Nelder-Mead", options={"maxiter": 150}).x
    return float(expit(found[0])), float(np.exp(found[1])), float(np.exp(found[2]))


def fit(rows: pd.DataFrame, first_waits: Array) -> InitiativeFigures:
    opens_s, opens_spread = opens(first_waits)
    reopens_s, reopens_spread, habit = reopens(rows)
    share, aside_s, aside_spread = puts_aside(rows)
    return InitiativeFigures(
        opens_s=opens_s, opens_spread=opens_spread, reopens_s=reopens_s,
        reopens_spread=reopens_spread, reopens_habit_spread=habit, aside_share=share,
        aside_s=aside_s, aside_spread=aside_spread,
    )  # fmt: skip


def first_waits(*, fitted: Callable[[str], bool] = is_fitted) -> Array:
    """Seconds from the beginning of each dialogue of a half to its first message."""
    rows = pd.read_csv(CSV.with_name("first_messages.csv"))
    return rows.after_s[rows.dialogue.map(fitted)].to_numpy(float)


def reopening_share(rows: pd.DataFrame, *, least_answers: int = 3) -> tuple[int, int]:
    """How many people write again after their own silence, and of how many with enough answers."""
    answers = rows[rows.reply].groupby("person").size()
    known = set(answers.index[answers >= least_answers])
    again = rows[~rows.reply & (rows.latency_s > REOPENS_AFTER_S)]
    return len(known & set(again.person)), len(known)


def _report() -> Iterator[str]:
    fitted, left_out = halves()
    yield from lines("MEETUP_INITIATIVE", fit(fitted, first_waits()))
    for name, rows in (("fitted", fitted), ("left out", left_out)):
        n_again, n = reopening_share(rows)
        yield f"{name}: {n_again} of {n} people with three answers wrote again after 15 s"


def main() -> None:
    for line in _report():
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
