"""Cluster-robust covariance of a logistic regression, with Satterthwaite degrees of freedom.

The corrections CR0 to CR3 are those of R's clubSandwich, with the binomial variance as the working
model.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats, Groups
from analysis.numerics.logistic import Logistic


class Correction(StrEnum):
    """How residuals are corrected for having been fitted."""

    CR0 = "cr0"  # not at all
    CR1 = "cr1"  # times G/(G-1)
    CR1S = "cr1s"  # times G(n-1) / ((G-1)(n-p))
    CR2 = "cr2"  # unbiased if the working model holds
    CR3 = "cr3"  # close to the jackknife


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandwich:
    """A robust covariance of the coefficients, and what its degrees of freedom follow from."""

    covariance: Floats
    bread: Floats
    own: Floats  # clusters x p x p: working variance of each cluster's part
    fitted: Floats  # clusters x p x p: what fitting takes away from it

    def df(self, contrast: Floats) -> float:
        """Satterthwaite degrees of freedom of a linear combination of the coefficients."""
        own = np.einsum("p,gpq,q->g", contrast, self.own, contrast)
        parts = self.fitted @ contrast
        shared = parts @ self.bread @ parts.T
        matrix = np.diag(own) - shared
        square = float((matrix * matrix).sum())
        return float(np.trace(matrix)) ** 2 / square if square > 0 else np.nan


def sandwich(
    design: Floats,
    answers: Floats,
    fit: Logistic,
    *,
    clusters: Groups,
    correction: Correction = Correction.CR2,
) -> Sandwich:
    """Covariance of the coefficients of `fit` when answers are correlated within clusters."""
    if clusters.count < 2:
        raise ArgumentError(
            f"`cluster` must have at least 2 different labels (got {clusters.count}), or the "
            "spread between clusters is unknown; 8 or more are advisable."
        )
    bread, variance = fit.covariance, fit.variance
    order = np.argsort(clusters.index, kind="stable")
    ends = np.cumsum(np.bincount(clusters.index, minlength=clusters.count))
    residual = answers - fit.fitted
    influence, own, fitted = [], [], []
    for rows in np.split(order, ends[:-1]):
        x, v = design[rows], variance[rows]
        loading = _corrected(x, v, bread, correction=correction) @ bread
        influence.append(residual[rows] @ loading)
        own.append((loading.T * v) @ loading)
        fitted.append((x.T * v) @ loading)
    meat = np.array(influence)
    n, p = design.shape
    return Sandwich(
        covariance=meat.T @ meat * _factor(correction, clusters.count, n=n, p=p),
        bread=bread,
        own=np.array(own),
        fitted=np.array(fitted),
    )


def _corrected(x: Floats, v: Floats, bread: Floats, *, correction: Correction) -> Floats:
    """The adjustment of a cluster's residuals, transposed, times its design."""
    if correction is Correction.CR2:
        gap = np.outer(v, v) * (np.eye(len(v)) - _hat(x, v, bread))
        values, vectors = np.linalg.eigh((gap + gap.T) / 2)
        root = np.where(values > 1e-12, np.maximum(values, 1e-12) ** -0.5, 0.0)
        outer = np.sqrt(v)[:, None]
        return outer * ((vectors * root) @ (vectors.T @ (outer * x)))
    if correction is Correction.CR3:
        gap = np.eye(len(v)) - (x * v[:, None]) @ bread @ x.T
        return np.asarray(np.linalg.solve(gap.T, x))
    return x


def _hat(x: Floats, v: Floats, bread: Floats) -> Floats:
    scaled = np.sqrt(v)[:, None] * x
    return scaled @ bread @ scaled.T


def _factor(correction: Correction, count: int, *, n: int, p: int) -> float:
    if correction is Correction.CR1:
        return count / (count - 1)
    if correction is Correction.CR1S:
        return count * (n - 1) / ((count - 1) * (n - p))
    return 1.0
