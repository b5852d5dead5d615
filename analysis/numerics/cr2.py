"""Robust errors of a model, from the scores of clusters; CR2 where clusters are few.

The plain sandwich is too small because the scores of a cluster have been fitted to it. What fitting
takes away is known for rows that are independent (the working model); CR2 gives it back, so that
the covariance is unbiased there.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.numerics import intervals
from analysis.numerics.arrays import Floats

#: With fewer clusters than this, CR2; otherwise the sandwich times G/(G-1).
FEW = 50

#: A direction of a cluster's score that keeps less than this share of its variance after fitting is
#: determined by the fit: it is not inflated.
SETTLED = 1e-8

#: Satterthwaite's degrees of freedom are for normal scores. Those of events are bounded, and their
#: squares vary about half as much. Chosen by simulation: see `tests/analysis/test_coverage.py`.
BOUNDED = 2.0

METHOD_FEW = "; CR2 errors by cluster, t quantiles"
METHOD_MANY = "; sandwich errors by cluster, times G/(G-1), t quantiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """Covariances of the scores of G clusters on p terms if rows were independent."""

    own: Floats  # G x p x p: variance of each before fitting
    shared: Floats  # G x p x G x p: what fitting takes away from each pair's covariance
    rest: Floats  # G x p x p: information about the terms without the cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class Robust:
    """A robust covariance, the degrees of freedom of each coefficient, and how they were made."""

    covariance: Floats
    df: Floats
    plain: Floats  # the sandwich without any factor, as other software prints it
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CR2:
    """A corrected covariance, and what its degrees of freedom follow from."""

    covariance: Floats
    loading: Floats  # G x p x p
    working: Working

    def df(self, contrast: Floats) -> float:
        """Satterthwaite degrees of freedom of a linear combination of the coefficients."""
        return _satterthwaite(self.working, contrast @ self.loading)


def robust(score: Floats, inverse: Floats, working: Callable[[], Working]) -> Robust:
    """Covariance of coefficients from the scores of clusters (G x p) at the maximum."""
    count, p = score.shape
    parts = score @ inverse
    plain = np.asarray(parts.T @ parts)
    if 1 < count < FEW:
        found = cr2(score, inverse, working())
        known = np.where(np.isnan(np.diag(found.covariance)), np.nan, 1.0)
        df = known * np.minimum([BOUNDED * found.df(row) for row in np.eye(p)], count - 1.0)
        return Robust(covariance=found.covariance, df=df, plain=plain, method=METHOD_FEW)
    return Robust(
        covariance=plain * intervals.cluster_factor(count),
        df=np.full(p, count - 1.0 if count > 1 else np.nan),
        plain=plain,
        method=METHOD_MANY,
    )


def explained(own: Floats, inverse: Floats) -> Floats:
    """What fitting the coefficients takes away: ``own_g inverse own_h`` for each pair."""
    return np.asarray(np.einsum("gkp,pq,hql->gkhl", own, inverse, own, optimize=True))


def cr2(score: Floats, inverse: Floats, working: Working) -> "CR2":
    """CR2 covariance; NaN for coefficients that a single cluster identifies."""
    # What each cluster's score adds to the coefficients, p x p.
    loading = np.stack([inverse @ _inflated(working, g) for g in range(len(score))])
    each = np.einsum("gkp,gp->gk", loading, score)
    covariance = each.T @ each
    lonely = _lonely(working.rest, inverse)
    covariance[lonely] = covariance[:, lonely] = np.nan
    return CR2(covariance=covariance, loading=loading, working=working)


def _lonely(rest: Floats, inverse: Floats) -> NDArray[np.bool_]:
    """Terms that are not identified without one of the clusters."""
    root, _ = _roots(inverse)
    values, axes = np.linalg.eigh(root @ rest @ root)
    reach = np.abs(root @ axes) / np.sqrt(np.diag(inverse))[:, None]
    return np.asarray(((values < SETTLED)[:, None, :] & (reach > 1e-3)).any(axis=(0, 2)))


def _inflated(of: Working, g: int) -> Floats:
    """The matrix that gives the score of a cluster its working variance back."""
    root, back = _roots(of.own[g])
    left = back @ (of.own[g] - of.shared[g, :, g]) @ back
    values, axes = np.linalg.eigh((left + left.T) / 2)
    stretch = np.where(values > SETTLED, np.maximum(values, SETTLED) ** -0.5, 0.0)
    return np.asarray(root @ (axes * stretch) @ axes.T @ back)


def _roots(matrix: Floats) -> tuple[Floats, Floats]:
    """Symmetric square root, and its (pseudo-)inverse."""
    values, axes = np.linalg.eigh(matrix)
    known = values > 1e-12 * max(float(values[-1]), 0.0)
    root = np.sqrt(np.where(known, values, 0.0))
    back = np.divide(1.0, root, where=known, out=np.zeros_like(root))
    return (axes * root) @ axes.T, (axes * back) @ axes.T


def _satterthwaite(of: Working, weights: Floats) -> float:
    """``(tr P)^2 / tr P^2`` of the working covariance `P` of the clusters' parts, G x p weights."""
    own = np.einsum("gp,gpq,gq->g", weights, of.own, weights)
    shared = np.einsum("gp,gphq,hq->gh", weights, of.shared, weights, optimize=True)
    matrix = np.diag(own) - shared
    square = float((matrix * matrix).sum())
    return float(np.trace(matrix)) ** 2 / square if square > 0 else float("nan")
