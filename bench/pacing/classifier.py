"""Gradient-boosted trees in numpy: strong enough to tell what timing tells, and deterministic.

Logistic loss, second-order splits on binned features, trees grown level by level: histogram
boosting as in LightGBM and scikit-learn, without the dependency. docs/pacing.md compares them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    n_trees: int = 80
    depth: int = 3
    rate: float = 0.08
    n_bins: int = 32
    least_weight: float = 20.0
    damping: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tree:
    features: list[Ints]  # per level, per node: what it asks about
    cuts: list[Ints]  # and up to which bin a row goes left
    leaves: Array

    def place(self, bins: Ints) -> Ints:
        node = np.zeros(len(bins), np.int64)
        for feature, cut in zip(self.features, self.cuts, strict=True):
            node = 2 * node + (bins[np.arange(len(bins)), feature[node]] > cut[node])
        return node


class Boosting:
    """Learns log-odds that a row is of class 1."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()

    def fit(self, rows: Array, is_one: Array, weight: Array) -> "Boosting":
        shares = np.linspace(0, 1, self.settings.n_bins + 1)[1:-1]
        self._edges = [np.unique(np.quantile(column, shares)) for column in rows.T]
        bins = self._bins(rows)
        mean = float((is_one * weight).sum() / weight.sum())
        self._base = float(np.log(mean / (1 - mean)))
        self._trees: list[_Tree] = []
        score = np.full(len(rows), self._base)
        for _ in range(self.settings.n_trees):
            chance = 1 / (1 + np.exp(-score))
            tree = self._grow(
                bins, weight * (is_one - chance), weight * chance * (1 - chance), weight
            )
            self._trees.append(tree)
            score = score + tree.leaves[tree.place(bins)]
        return self

    def log_odds(self, rows: Array) -> Array:
        bins = self._bins(rows)
        score = np.full(len(rows), self._base)
        for tree in self._trees:
            score += tree.leaves[tree.place(bins)]
        return score

    def _bins(self, rows: Array) -> Ints:
        columns = zip(self._edges, rows.T, strict=True)
        return np.stack([np.searchsorted(edges, each) for edges, each in columns], axis=1)

    def _grow(self, bins: Ints, slope: Array, curve: Array, weight: Array) -> _Tree:
        node = np.zeros(len(bins), np.int64)
        features, cuts = [], []
        for level in range(self.settings.depth):
            feature, cut = self._split(
                bins, node + 0, 2**level, np.stack([slope, curve, weight], axis=1)
            )
            features.append(feature)
            cuts.append(cut)
            node = 2 * node + (bins[np.arange(len(bins)), feature[node]] > cut[node])
        n_leaves = 2**self.settings.depth
        total = np.bincount(node, slope, n_leaves)
        step = total / (np.bincount(node, curve, n_leaves) + self.settings.damping)
        return _Tree(features=features, cuts=cuts, leaves=self.settings.rate * step)

    def _split(self, bins: Ints, node: Ints, n_nodes: int, sums: Array) -> tuple[Ints, Ints]:
        """Per node the feature and bin whose cut gains most; all go left where none is worth it."""
        n_bins = self.settings.n_bins
        best = np.zeros(n_nodes)
        feature = np.zeros(n_nodes, np.int64)
        cut = np.full(n_nodes, n_bins)
        for n, column in enumerate(bins.T):
            place = node * n_bins + column
            slope, curve, weight = (
                np.bincount(place, each, n_nodes * n_bins).reshape(n_nodes, n_bins).cumsum(1)
                for each in sums.T
            )
            gain = self._value(slope, curve) + self._value(
                slope[:, -1:] - slope, curve[:, -1:] - curve
            )
            gain -= self._value(slope[:, -1:], curve[:, -1:])
            least = self.settings.least_weight
            gain[(weight < least) | (weight[:, -1:] - weight < least)] = 0.0
            at = gain.argmax(1)
            found = gain[np.arange(n_nodes), at]
            better = found > best + 1e-9
            best, feature = np.where(better, found, best), np.where(better, n, feature)
            cut = np.where(better, at, cut)
        return feature, cut

    def _value(self, slope: Array, curve: Array) -> Array:
        return slope**2 / (curve + self.settings.damping)
