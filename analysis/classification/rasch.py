"""Ratings: how well each interrogator detects, and how well each machine deceives."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.classification.abilities import Abilities, abilities
from analysis.errors import ArgumentError
from analysis.numerics import arrays, logistic
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.model_matrix import coded
from analysis.numerics.result import Result

if TYPE_CHECKING:
    import pandas as pd

METHOD = "Rasch model, logit P(right) = skill - deception, normal priors around 0; posterior mode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratings(Result):
    """Skill of interrogators and deception of machines on one scale."""

    source: ClassVar[str] = (
        "Rasch, Probabilistic Models for Some Intelligence and Attainment Tests, 1960"
    )
    interrogators: Abilities
    machines: Abilities
    n: int
    log_likelihood: float
    level: float
    method: str

    @property
    def n_clusters(self) -> int:
        """Interrogators: the clusters of the robust errors."""
        return len(self.interrogators.names)

    @property
    def table(self) -> "pd.DataFrame":
        """Machines, then interrogators: column kind, and those of `Abilities`."""
        import pandas as pd

        parts = {"machine": self.machines, "interrogator": self.interrogators}
        frames = [part.table.assign(kind=kind) for kind, part in parts.items()]
        whole = pd.concat(frames, ignore_index=True)
        return whole[["kind", *(name for name in whole.columns if name != "kind")]]

    def _repr_html_(self) -> str:
        return self.machines._repr_html_() + self.interrogators._repr_html_()


def ratings(
    interrogator: ArrayLike,
    machine: ArrayLike,
    correct: ArrayLike,
    *,
    skill_sd: float = 1.0,
    deception_sd: float = 2.0,
    level: float = 0.95,
) -> Ratings:
    """Rate interrogators and machines from who was right about whom.

    ``logit P(correct) = skill - deception``. The normal priors shrink those with few rooms to 0,
    the average interrogator, and keep all estimates finite. The order of the rooms does not matter.

    Parameters
    ----------
    interrogator, machine : arrays of n labels
    correct : array of n booleans or 0 and 1
        Whether the verdict was right.
    skill_sd, deception_sd : float
        Standard deviations of the priors, in log-odds.
    level : float
        Confidence level that all intervals of one kind, and all ranks of it, share.

    Returns
    -------
    Ratings
        With ``.machines``, ``.interrogators`` and ``.table``. Errors are those of the curvature;
        those of machines also robust, summed within interrogators, times G/(G-1), and their
        intervals use the larger of the two with t quantiles on G - 1 degrees of freedom.

    Raises
    ------
    ArgumentError
        No rows, bad rows, priors that are not above 0.

    References
    ----------
    Rasch, Probabilistic Models for Some Intelligence and Attainment Tests (1960); Klein, Wright
    and Wieczorek, JRSS A 183 (2020) 589-606 (ranges of ranks).

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.ratings(list("aabbcc") * 9, list("xy") * 27, [1, 0, 1, 0, 1, 1] * 9)
    >>> found.machines.names, [round(float(d), 2) for d in found.machines.ability]
    (('x', 'y'), [-3.71, 1.07])
    """
    level = arrays.level(level)
    right = arrays.codes(correct, name="correct", allowed=(0, 1))
    people, who = coded(interrogator, name="interrogator", n=len(right))
    machines, which = coded(machine, name="machine", n=len(right))
    if not (skill_sd > 0 and deception_sd > 0):
        raise ArgumentError(
            "`skill_sd` and `deception_sd` must be above 0 "
            f"(got {skill_sd!r} and {deception_sd!r})."
        )
    if not len(right):
        raise ArgumentError("`correct` must have at least 1 row (got none).")
    m, g = len(machines), len(people)
    design = np.zeros((len(right), m + g))
    design[np.arange(len(right)), which] = -1.0
    design[np.arange(len(right)), m + who] = 1.0
    precision = np.concatenate([np.full(m, deception_sd**-2), np.full(g, skill_sd**-2)])
    fit = logistic.fit(design, right.astype(np.float64), precision=precision)
    robust = _robust(fit, right, (which, who), precision=precision)
    machines_cov = fit.covariance[:m, :m]
    return Ratings(
        machines=abilities(
            machines,
            fit.coefficients[:m],
            (machines_cov, robust),
            n=np.bincount(which, minlength=m),
            df=g - 1.0,
            level=level,
            method=METHOD + "; errors robust to interrogators, t quantiles",
        ),
        interrogators=abilities(
            people,
            fit.coefficients[m:],
            (fit.covariance[m:, m:], None),
            n=np.bincount(who, minlength=g),
            df=np.inf,
            level=level,
            method=METHOD + "; errors from the curvature, normal quantiles",
        ),
        n=len(right),
        log_likelihood=fit.log_likelihood,
        level=level,
        method=METHOD,
    )


def _robust(
    fit: logistic.Logistic, right: Ints, seats: tuple[Ints, Ints], *, precision: Floats
) -> Floats:
    """Covariance of the deceptions from scores summed within interrogators."""
    which, who = seats
    g = int(who.max()) + 1
    m = len(precision) - g
    residual = right - fit.fitted
    scores = np.zeros((g, len(precision)))
    np.add.at(scores, (who, which), -residual)
    # The prior of each skill belongs to its interrogator, whose own score is therefore 0.
    influence = scores @ fit.covariance[:, :m]
    if g < 2:
        return np.full((m, m), np.nan)
    return np.asarray(influence.T @ influence * g / (g - 1))
