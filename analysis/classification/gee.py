"""Generalised estimating equations for right and wrong answers, solved by statsmodels.

Scale and correlation are moment estimates without a correction for the fitted terms, as in R's
geepack.
"""

import warnings
from enum import StrEnum

import numpy as np
from scipy import special

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.numerics.cr2 import CR2, Working, cr2, explained


class Correlation(StrEnum):
    """Working correlation within a cluster."""

    EXCHANGEABLE = "exchangeable"
    INDEPENDENCE = "independence"


def gee(
    design: Floats, answers: Ints, clusters: Groups, *, working: tuple[Correlation, Floats]
) -> tuple[Floats, Floats, float | None]:
    """Coefficients, robust covariance, and the correlation within clusters if it is estimated.

    `working` is the working correlation and the coefficients to start from.
    """
    import statsmodels.api as sm

    correlation, start = working
    if clusters.count < 2:
        raise ArgumentError(
            f"`cluster` must have at least 2 different labels (got {clusters.count}), or the "
            "spread between clusters is unknown; this method wants 40 or more."
        )
    alone = clusters.count == len(answers)
    exchangeable = correlation is Correlation.EXCHANGEABLE and not alone
    structure = sm.cov_struct.Exchangeable() if exchangeable else sm.cov_struct.Independence()
    model = sm.GEE(
        answers, design, groups=clusters.index, family=sm.families.Binomial(), cov_struct=structure
    )
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        fit = model.fit(maxiter=200, ctol=1e-12, ddof_scale=0, start_params=start)
    if not fit.converged:
        why = "; ".join(str(warning.message) for warning in said)
        raise ArgumentError(
            f"The estimating equations did not converge ({why}); use `method` cr2, or "
            "`correlation` independence."
        )
    alpha = float(structure.dep_params) if exchangeable else None
    return np.asarray(fit.params), np.asarray(fit.cov_params()), alpha


def corrected(
    design: Floats, answers: Ints, clusters: Groups, *, fitted: tuple[Floats, float | None]
) -> CR2:
    """CR2 covariance of solved equations: coefficients, and the correlation within clusters."""
    coefficients, correlation = fitted
    alpha = 0.0 if correlation is None else correlation
    p = special.expit(design @ coefficients)
    weight = np.sqrt(p * (1 - p))
    order = np.argsort(clusters.index, kind="stable")
    ends = np.cumsum(np.bincount(clusters.index, minlength=clusters.count))[:-1]
    scores, own = [], []
    for rows in np.split(order, ends):
        x, residual = design[rows] * weight[rows, None], (answers - p)[rows] / weight[rows]
        # The inverse of an exchangeable correlation, times the weighted design.
        pulled = alpha / (1 + (len(rows) - 1) * alpha)
        solved = (x - pulled * x.sum(axis=0)) / (1 - alpha)
        scores.append(residual @ solved)
        own.append(x.T @ solved)
    each = np.array(own)
    total = each.sum(axis=0)
    inverse = np.asarray(np.linalg.inv(total), np.float64)
    working = Working(own=each, shared=explained(each, inverse), rest=total - each)
    return cr2(np.array(scores), inverse, working)
