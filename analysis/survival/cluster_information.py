"""Contributions of clusters to the information of a Cox model, and to its baseline hazard.

A cluster's score is measured from the mean covariates of those at risk, to which it has contributed
itself. How much that takes away is a sum over event times of products of clusters' sums.
"""

from collections.abc import Iterator

import numpy as np

from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.numerics.cr2 import Working, explained
from analysis.survival import partial_likelihood
from analysis.survival.partial_likelihood import Events, RiskSetSums

#: Event times, and parts of ties, that are worked on at once: tables of clusters by parts.
BLOCK = 4096


def working(
    at: Events, X: Floats, coefficients: Floats, *, clusters: Groups, inverse: Floats
) -> Working:
    """Covariances of the clusters' scores if rows were independent."""
    _, sums = partial_likelihood.fit(at, X, coefficients)
    own = _information(at, X, sums, clusters=clusters)
    pulled, lost = _pulled(at, X, sums, clusters=clusters)
    return Working(
        own=own, shared=explained(own, inverse) + pulled, rest=own.sum(axis=0) - own - lost
    )


def _information(at: Events, X: Floats, sums: RiskSetSums, *, clusters: Groups) -> Floats:
    """Each cluster's share of the information, G x p x p."""
    p = X.shape[1]
    expected_events = partial_likelihood.expected_events(at, sums, at.weight)
    mean = [
        partial_likelihood.expected_events(at, sums, at.weight * sums.mean[:, k]) for k in range(p)
    ]
    out = np.empty((clusters.count, p, p))
    for k in range(p):
        for m in range(k + 1):
            both = partial_likelihood.expected_events(
                at, sums, at.weight * sums.mean[:, k] * sums.mean[:, m]
            )
            each = (
                X[:, k] * X[:, m] * expected_events - X[:, k] * mean[m] - X[:, m] * mean[k] + both
            )
            found = np.bincount(clusters.index, weights=each, minlength=clusters.count)
            out[:, k, m] = out[:, m, k] = found
    return out


def _pulled(at: Events, X: Floats, sums: RiskSetSums, *, clusters: Groups) -> tuple[Floats, Floats]:
    """The clusters' contributions to the mean covariates of the risk sets.

    With `Z_g` a cluster's sum about the mean and `total` the weight at risk, the sums over parts of
    ``Z_g Z_h' / total^2`` for each pair, and of ``Z_g Z_g' / (total (total - own total))``, which
    is lost with the cluster besides its own information.
    """
    count, p = clusters.count, X.shape[1]
    pairs, lost = np.zeros((count * p, count * p)), np.zeros((count, p, p))
    for parts, at_risk, tied in _sums_at_risk(at, X, sums, clusters=clusters):
        for first in range(parts.start, parts.stop, BLOCK):
            chosen = slice(first, min(first + BLOCK, parts.stop))
            place = at.part[chosen] - at.part[parts.start]
            inside = at_risk[..., place] - tied[..., place] * at.left_out[chosen]
            about = inside[:, 1:] - inside[:, :1] * sums.mean[chosen].T
            about *= np.sqrt(at.weight[chosen]) / sums.total[chosen]
            flat = about.reshape(count * p, -1)
            pairs += flat @ flat.T
            left = 1 - inside[:, 0] / sums.total[chosen]
            share = np.divide(1.0, left, where=left > 1e-9, out=np.zeros_like(left))
            lost += np.einsum("gkt,gt,gmt->gkm", about, share, about, optimize=True)
    return pairs.reshape(count, p, count, p), lost


def _sums_at_risk(
    at: Events, X: Floats, sums: RiskSetSums, *, clusters: Groups
) -> Iterator[tuple[slice, Floats, Floats]]:
    """By blocks of event times, last first: their parts, and G x (1 + p) x times sums of rows.

    Of the rows at risk, and of those with the event; of their weight, and of weight times terms.
    """
    weighted = np.concatenate([np.ones((len(X), 1)), X], axis=1) * sums.relative[:, None]
    leaving, entering = np.argsort(at.after), np.argsort(at.first)
    after, first = at.after[leaving], at.first[entering]
    order = np.argsort(at.of_row)
    ended, of_row = at.rows[order], at.of_row[order]
    carried = np.zeros((clusters.count, weighted.shape[1], 1))
    for low in range((max(at.count, 1) - 1) // BLOCK * BLOCK, -1, -BLOCK):
        high = min(low + BLOCK, at.count)
        span = (low, high)
        # At risk at time t are rows with first <= t < after.
        gone = leaving[slice(*np.searchsorted(after, (low + 1, high + 1)))]
        come = entering[slice(*np.searchsorted(first, (low + 1, high + 1)))]
        table = _table(gone, at.after[gone] - 1, weighted, clusters=clusters, span=span)
        table -= _table(come, at.first[come] - 1, weighted, clusters=clusters, span=span)
        at_risk = np.cumsum(table[..., ::-1], axis=2)[..., ::-1] + carried
        carried = at_risk[..., :1]
        events = slice(*np.searchsorted(of_row, (low, high)))
        tied = _table(ended[events], of_row[events], weighted, clusters=clusters, span=span)
        yield slice(*np.searchsorted(at.part, (low, high)).tolist()), at_risk, tied


def _table(
    rows: Ints, time: Ints, weighted: Floats, *, clusters: Groups, span: tuple[int, int]
) -> Floats:
    """Sums of weighted columns, clusters x columns x times of the span."""
    low, high = span
    cell = clusters.index[rows] * (high - low) + time - low
    n = clusters.count * (high - low)
    columns = [np.bincount(cell, weights=w[rows], minlength=n) for w in weighted.T]
    return np.stack([column.reshape(clusters.count, -1) for column in columns], axis=1)
