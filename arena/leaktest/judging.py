"""From choices to a judgement: exact intervals, and one rule for all families of a run.

A family of traces (frames, ids, pages, …) tells if its accuracy is above one half: exact one-sided
binomial test, Holm's method over all families, 5 % for the whole run.

The echo corpus is read string by string and leaves nothing to chance: one string of which only the
machine's pane shows something else tells.

A family of timing may differ a little, as people do from one another: it passes once the 95 %
interval ends at .60 or below. It tells if it is above one half by the same test *and* the interval
reaches beyond .60, or if the interval reaches beyond .60 with so many rooms that a blind product
would have been shown to be one (all but 5 % of runs, over all families of timing). With fewer rooms
and no evidence against it, the run was too small to tell, which is neither passed nor failed.

So a product that is blind fails by either way in at most 5 % of runs.
"""

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special, stats

from analysis.numerics.multiplicity import holm
from arena.leaktest.choosing import Choices
from arena.leaktest.families import ABOUT, About, Family

LEVEL = 0.95
#: Of a whole run of a blind product: to be accused by the test, and to be by the bound.
ALPHA = 0.05
#: The largest accuracy that families of timing may have.
BOUND = 0.60


class Telling(StrEnum):
    TELLS = "tells"
    BLIND = "blind"
    TOO_SMALL = "too small to tell"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A family's choices, their exact interval, the adjusted p-value and the judgement."""

    family: Family
    choices: Choices
    low: float
    high: float
    p: float  # adjusted by Holm's method; NaN where nothing is left to chance
    judgement: Telling
    why_not_run: str = ""

    @property
    def accuracy(self) -> float:
        return self.choices.accuracy


def interval(choices: Choices, *, level: float = LEVEL) -> tuple[float, float]:
    """The exact (Clopper-Pearson) interval of the accuracy; choices that were none add nothing."""
    decided = choices.n - choices.n_equal
    tail, k = (1 - level) / 2, choices.n_right
    low = float(special.betaincinv(k, decided - k + 1, tail)) if k else 0.0
    high = float(special.betaincinv(k + 1, decided - k, 1 - tail)) if k < decided else 1.0
    if not choices.n:
        return math.nan, math.nan
    half = choices.n_equal / 2
    return (low * decided + half) / choices.n, (high * decided + half) / choices.n


def p_above_half(choices: Choices) -> float:
    """The chance of so many right choices, or more, by tossing a coin (a sign test)."""
    decided = choices.n - choices.n_equal
    if not decided:
        return 1.0
    return float(stats.binom.sf(choices.n_right - 1, decided, 0.5))


@functools.cache
def enough(n_families: int) -> int:
    """The rooms with which a blind product shows itself to be one, in `n_families` at once.

    The smallest n for which the interval of a fair coin reaches beyond the bound in at most ALPHA /
    n_families of runs.
    """
    tail = ALPHA / max(n_families, 1)
    n = 50
    while True:
        right = np.arange(n + 1)
        upper = stats.beta.ppf((1 + LEVEL) / 2, right + 1, n - right)
        upper[-1] = 1.0
        most = int(np.flatnonzero(upper <= BOUND).max(initial=-1))
        if stats.binom.sf(most, n, 0.5) <= tail:
            return n
        n += 1


def judge_families(choices: Mapping[Family, Choices | str]) -> list[Judged]:
    """Judge all families of a run together; a string says why a family was not run."""
    run = {family: each for family, each in choices.items() if isinstance(each, Choices)}
    tested = [family for family in run if not ABOUT[family].exact]
    p_values = dict.fromkeys(run, math.nan)
    if tested:
        adjusted = holm([p_above_half(run[family]) for family in tested])
        p_values |= dict(zip(tested, map(float, adjusted), strict=True))
    n_timing = sum(ABOUT[family].timing for family in run)
    judged = []
    for family, each in choices.items():
        if isinstance(each, str):
            judged.append(_not_run(family, each))
            continue
        low, high = interval(each)
        judged.append(
            Judged(
                family=family,
                choices=each,
                low=low,
                high=high,
                p=p_values[family],
                judgement=_judgement(
                    each,
                    about=ABOUT[family],
                    p=p_values[family],
                    n_enough=enough(n_timing),
                    n_families=len(tested),
                ),
            )
        )
    return judged


def _judgement(
    choices: Choices, *, about: About, p: float, n_enough: int, n_families: int
) -> Telling:
    _, high = interval(choices)
    if about.exact:
        return Telling.TELLS if choices.n_right else Telling.BLIND
    if about.timing:
        if high <= BOUND:
            return Telling.BLIND
        if p <= ALPHA or choices.n >= n_enough:
            return Telling.TELLS
        return Telling.TOO_SMALL
    if p <= ALPHA:
        return Telling.TELLS
    # Not even a run of right choices alone would have been noticed.
    return Telling.TOO_SMALL if 0.5**choices.n * n_families > ALPHA else Telling.BLIND


def _not_run(family: Family, why: str) -> Judged:
    nothing = Choices(n=0, n_right=0, n_equal=0)
    return Judged(
        family=family,
        choices=nothing,
        low=math.nan,
        high=math.nan,
        p=math.nan,
        judgement=Telling.NOT_RUN,
        why_not_run=why,
    )
