"""Sums over clusters of squares of step functions, in time linear in the number of steps."""

import numpy as np

from analysis.numerics.arrays import Floats, Groups, Ints

#: A sum below this share of the terms it was made from is what rounding leaves of 0.
ROUNDING = 1e-13


def squares(
    at: Ints, clusters: Groups, changes: Floats, *, start: Floats, factors: Floats
) -> Floats:
    """At each time, the sum over clusters of ``(factors . functions of the cluster) ** 2``.

    Row `i` changes the functions of its cluster by ``changes[:, i]`` at time number ``at[i]``;
    cluster `g` begins with ``start[:, g]``. Factors are functions x times. A step changes each
    product of two functions once, so their sums over clusters are running sums themselves.
    """
    (k, m), size = factors.shape, np.bincount(clusters.index, minlength=clusters.count)
    order = np.argsort(clusters.index * m + at)
    when, change = at[order], changes[:, order]
    before = start[:, clusters.index[order]] + _within(change, np.cumsum(size) - size, size)
    total, terms = np.zeros(m), np.zeros(m)
    for i in range(k):
        for j in range(i + 1):
            stepped = before[i] * change[j] + change[i] * (before[j] + change[j])
            grown = start[i] @ start[j] + _running(when, stepped, m)
            total += (1 if i == j else 2) * grown * factors[i] * factors[j]
        terms += (grown + _running(when, change[i] ** 2, m)) * factors[i] ** 2
    return settled(total, terms)


def settled(total: Floats, terms: Floats) -> Floats:
    """A sum of squares, or 0 where nothing but rounding is left of its terms."""
    return np.where(total > ROUNDING * terms, total, 0.0)


def _running(when: Ints, stepped: Floats, m: int) -> Floats:
    return np.cumsum(np.bincount(when, weights=stepped, minlength=m))


def _within(change: Floats, first: Ints, size: Ints) -> Floats:
    """Running sum before each step inside its cluster; steps of a cluster are neighbours."""
    running = np.concatenate([np.zeros((len(change), 1)), np.cumsum(change, axis=1)], axis=1)
    return np.asarray(running[:, :-1] - np.repeat(running[:, first], size, axis=1))
