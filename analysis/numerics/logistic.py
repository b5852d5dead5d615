"""Logistic regression by Newton's method, with the score and information it was solved by.

The one likelihood behind comparisons of accuracy, calibration slopes and abilities.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats

_STEPS = 100
#: A step that changes no coefficient by more than this is the last.
_SETTLED = 1e-12
#: Log-odds beyond which an answer is certain: the data then allow no finite coefficient.
_CERTAIN = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """A fitted model: coefficients, fitted probabilities, inverse information, log-likelihood."""

    coefficients: Floats
    fitted: Floats
    covariance: Floats
    log_likelihood: float

    @property
    def variance(self) -> Floats:
        """Binomial variance of one answer in each row."""
        return self.fitted * (1 - self.fitted)


def fit(
    design: Floats,
    successes: Floats,
    *,
    trials: Floats | None = None,
    offset: Floats | None = None,
    precision: Floats | None = None,
) -> Logistic:
    """Maximise the likelihood, or with `precision` the posterior under a normal prior around 0.

    Raises ArgumentError if no finite coefficients exist, or if columns of the design repeat
    each other.
    """
    n, p = design.shape
    trials = np.ones(n) if trials is None else trials
    offset = np.zeros(n) if offset is None else offset
    ridge = np.diag(np.zeros(p) if precision is None else precision)
    if precision is None and np.linalg.matrix_rank(design) < p:
        raise ArgumentError(
            f"The {p} terms of the model repeat each other in these {n} rows; leave out the "
            "covariates that follow from the others, or levels that never occur together."
        )
    beta = np.zeros(p)
    for _ in range(_STEPS):
        mu = special.expit(design @ beta + offset)
        score = design.T @ (successes - trials * mu) - ridge @ beta
        information = (design.T * (trials * mu * (1 - mu))) @ design + ridge
        step = _solve(information, score)
        beta = beta + _shortened(step, beta, (design, successes, trials, offset, ridge))
        if np.abs(design @ beta + offset).max(initial=0.0) > _CERTAIN and precision is None:
            raise _inseparable()
        if np.abs(step).max(initial=0.0) <= _SETTLED * max(1.0, np.abs(beta).max(initial=0.0)):
            break
    eta = design @ beta + offset
    mu = special.expit(eta)
    information = (design.T * (trials * mu * (1 - mu))) @ design + ridge
    return Logistic(
        coefficients=beta,
        fitted=mu,
        covariance=np.linalg.inv(information),
        log_likelihood=_log_likelihood(eta, successes, trials),
    )


def _solve(information: Floats, score: Floats) -> Floats:
    try:
        return np.asarray(np.linalg.solve(information, score))
    except np.linalg.LinAlgError:
        raise _inseparable() from None


def _shortened(
    step: Floats, beta: Floats, model: tuple[Floats, Floats, Floats, Floats, Floats]
) -> Floats:
    """The step, halved until it does not lower what is maximised."""
    design, successes, trials, offset, ridge = model

    def height(b: Floats) -> float:
        return _log_likelihood(design @ b + offset, successes, trials) - float(b @ ridge @ b) / 2

    start = height(beta)
    for _ in range(30):
        if height(beta + step) >= start - 1e-9 * (1 + abs(start)):
            break
        step = step / 2
    return step


def _log_likelihood(eta: Floats, successes: Floats, trials: Floats) -> float:
    return float(successes @ eta - trials @ np.logaddexp(0.0, eta))


def _inseparable() -> ArgumentError:
    return ArgumentError(
        "Some group of these rows has only right or only wrong answers, so its odds are infinite "
        "and the model has no finite solution. Merge levels or leave them out; `accuracy` gives "
        "shares and intervals for such groups."
    )
