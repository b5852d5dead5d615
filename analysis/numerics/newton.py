"""Newton's method for a concave log-likelihood, with an error that says why it has no maximum."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats

MAX_ITERATIONS = 30

#: A step is the last if it moves no estimate by more than this many standard errors.
CLOSE = 1e-8

#: A coefficient that still moves the fit by this much after many steps is on its way to infinity.
RUNAWAY = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelihoodPoint:
    """A log-likelihood and its derivatives at one place."""

    log_likelihood: float
    score: Floats
    information: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum:
    """Where the maximum is, and after how many steps."""

    at: Floats
    last: LikelihoodPoint
    n_iterations: int


def maximise(
    likelihood: Callable[[Floats], LikelihoodPoint],
    start: Floats,
    *,
    first: LikelihoodPoint,
    terms: tuple[str, ...],
    scale: Floats,
) -> Maximum:
    """Maximise by Newton steps, halved where they would lower the likelihood.

    `first` is the point at `start`. `scale` is the spread of each term in the data: by it a
    coefficient that diverges, which is refused by name, differs from one that is hard to fit.
    """
    here, at, step = first, start, np.zeros_like(start)
    for n in range(1, MAX_ITERATIONS + 1):
        try:
            step = np.asarray(np.linalg.solve(here.information, here.score), np.float64)
        except np.linalg.LinAlgError:
            break
        if not np.isfinite(step).all():
            break
        close = float(here.score @ step) < CLOSE**2
        there = likelihood(at + step)
        slack = 1e-12 * (1 + abs(here.log_likelihood))
        for _ in range(30):
            if there.log_likelihood >= here.log_likelihood - slack:
                break
            step = step / 2
            there = likelihood(at + step)
        at, here = at + step, there
        if close and np.isfinite(here.log_likelihood):
            return Maximum(at=at, last=here, n_iterations=n)
    raise ArgumentError(_no_maximum(terms, step, scale))


def _no_maximum(terms: tuple[str, ...], step: Floats, scale: Floats) -> str:
    running = ~(np.abs(step) * scale < RUNAWAY)
    if not running.any():
        return (
            f"The likelihood had no maximum after {MAX_ITERATIONS} steps; check `X` for columns of "
            "very different size, or for columns that nearly follow from others."
        )
    names = ", ".join(term for term, bad in zip(terms, running, strict=True) if bad)
    return (
        f"The coefficient of {names} has no finite estimate: its rows hold all of the events, or "
        "none of them, among those it is compared with. Merge it with another term, or leave it "
        "out and report the counts."
    )
