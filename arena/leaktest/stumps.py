"""Boosted stumps in numpy: what no straight line finds, such as a floor, a grid or a middle."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Rounds of boosting, the share of each round's step that is taken, and cuts tried per feature.
N_ROUNDS, RATE, N_CUTS = 30, 0.3, 12
#: Added to the curvature of a side, so that a side of one row says little.
DAMPING = 1.0


class Stumps:
    """Learns log-odds that a row is of class 1: logistic loss, second-order steps (XGBoost)."""

    def fit(self, rows: Array, is_one: Array) -> "Stumps":
        """Learn from `rows` (n, p) and their classes 0 or 1 (n)."""
        shares = np.linspace(0, 1, N_CUTS + 2)[1:-1]
        cuts = [np.unique(np.quantile(column, shares)) for column in rows.T]
        feature = np.repeat(np.arange(rows.shape[1]), [len(each) for each in cuts])
        cut = np.concatenate([*cuts, np.empty(0)])
        above = (rows[:, feature] > cut).astype(np.float64)  # n, number of cuts
        score = np.zeros(len(rows))
        self._chosen: list[tuple[int, float, float, float]] = []
        for _ in range(N_ROUNDS if len(cut) else 0):
            chance = 1 / (1 + np.exp(-score))
            slope, curve = is_one - chance, chance * (1 - chance)
            up, up_curve = slope @ above, curve @ above
            down, down_curve = slope.sum() - up, curve.sum() - up_curve
            gain = up**2 / (up_curve + DAMPING) + down**2 / (down_curve + DAMPING)
            best = int(gain.argmax())
            high = RATE * up[best] / (up_curve[best] + DAMPING)
            low = RATE * down[best] / (down_curve[best] + DAMPING)
            self._chosen.append((int(feature[best]), float(cut[best]), float(low), float(high)))
            score += np.where(above[:, best] > 0, high, low)
        return self

    def log_odds(self, rows: Array) -> Array:
        """The log-odds of each row, up to a constant."""
        score = np.zeros(len(rows))
        for feature, cut, low, high in self._chosen:
            score += np.where(rows[:, feature] > cut, high, low)
        return score
