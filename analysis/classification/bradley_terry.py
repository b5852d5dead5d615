"""Bradley-Terry: abilities from who won against whom."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.classification.abilities import Abilities, abilities
from analysis.errors import ArgumentError
from analysis.numerics import arrays, columns, logistic
from analysis.numerics.arrays import Floats
from analysis.numerics.model_matrix import coded
from analysis.numerics.result import Result

if TYPE_CHECKING:
    import pandas as pd

METHOD = "Bradley-Terry, maximum likelihood; the reference is 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedAbilities(Result):
    """Bradley-Terry abilities and the deviance of the model from the observed pairs."""

    source: ClassVar[str] = "Bradley and Terry, Biometrika 39 (1952) 324-345"
    abilities: Abilities
    deviance: float
    df: int

    @property
    def n(self) -> int:
        """Number of contests."""
        return int(self.abilities.n.sum()) // 2

    @property
    def level(self) -> float:
        """Confidence level of all intervals together."""
        return self.abilities.level

    @property
    def method(self) -> str:
        """How abilities were estimated."""
        return self.abilities.method

    @property
    def table(self) -> "pd.DataFrame":
        """One row per name."""
        return self.abilities.table

    def _repr_html_(self) -> str:
        head = f"<p>Deviance {self.deviance:.3f} on {self.df} degrees of freedom.</p>"
        return head + self.abilities._repr_html_()


def bradley_terry(
    winner: ArrayLike,
    loser: ArrayLike,
    *,
    times: ArrayLike | None = None,
    reference: object = None,
    level: float = 0.95,
) -> PairedAbilities:
    """Estimate abilities from who won against whom, ``logit P(i beats j) = a_i - a_j``.

    Parameters
    ----------
    winner, loser : arrays of n labels
    times : array of n numbers, optional
        How often each row happened; once by default.
    reference : label, optional
        Whose ability is 0; the first in sorted order by default.
    level : float
        Confidence level that all intervals, and all ranks, share.

    Raises
    ------
    ArgumentError
        Somebody playing himself, or groups of which one never lost against the other: the
        abilities are then infinite.

    References
    ----------
    Bradley and Terry, Biometrika 39 (1952) 324-345; Ford, American Mathematical Monthly 64 (1957)
    28-33 (when a solution exists).

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.bradley_terry(list("ab"), list("ba"), times=[3, 1])
    >>> [round(float(a), 3) for a in found.abilities.ability]
    [0.0, -1.099]
    """
    level = arrays.level(level)
    given = np.asarray(winner).astype(object)
    n = len(given)
    count = np.ones(n) if times is None else columns.numbers(times, name="times", n=n, low=0.0)
    arrays.refuse_length(np.asarray(loser), "loser", n)
    both = np.concatenate([given, np.asarray(loser).astype(object)])
    names, place = coded(both, name="winner and loser", n=2 * n)
    won, lost = place[:n], place[n:]
    arrays.refuse(won == lost, given, name="winner", expected="somebody else than the loser")
    first = 0 if reference is None else _position(names, reference)
    wins = np.zeros((len(names), len(names)))
    np.add.at(wins, (won, lost), count)
    _refuse_unbeaten(names, wins)
    a, b = np.nonzero(np.triu(wins + wins.T))
    design = np.zeros((len(a), len(names)))
    design[np.arange(len(a)), a], design[np.arange(len(a)), b] = 1.0, -1.0
    free = np.arange(len(names)) != first
    trials = (wins + wins.T)[a, b]
    fit = logistic.fit(design[:, free], wins[a, b], trials=trials)
    ability, covariance = np.zeros(len(names)), np.zeros((len(names), len(names)))
    ability[free] = fit.coefficients
    covariance[np.ix_(free, free)] = fit.covariance
    return PairedAbilities(
        abilities=abilities(
            names,
            ability,
            (covariance, None),
            n=(wins + wins.T).sum(axis=1).astype(np.int64),
            df=np.inf,
            level=level,
            method=METHOD,
        ),
        deviance=_deviance(wins[a, b], trials, fit.fitted),
        df=len(a) - len(names) + 1,
    )


def _position(names: tuple[object, ...], reference: object) -> int:
    if reference not in names:
        known = ", ".join(str(name) for name in names)
        raise ArgumentError(f"`reference` must be one of {known} (got {reference!r}).")
    return names.index(reference)


def _refuse_unbeaten(names: tuple[object, ...], wins: Floats) -> None:
    """A finite solution needs a chain of wins from everybody to everybody."""
    reach = (wins > 0) | np.eye(len(names), dtype=bool)
    for _ in range(max(len(names), 1).bit_length()):
        reach = (reach.astype(np.float64) @ reach.astype(np.float64)) > 0
    if not reach.all():
        i, j = (int(index[0]) for index in np.nonzero(~reach))
        raise ArgumentError(
            f"No chain of wins leads from {names[i]} to {names[j]}, so their distance is infinite; "
            "leave one out, or wait until each has won and lost."
        )


def _deviance(successes: Floats, trials: Floats, fitted: Floats) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        hit = np.where(successes > 0, successes * np.log(successes / (trials * fitted)), 0.0)
        missed = trials - successes
        miss = np.where(missed > 0, missed * np.log(missed / (trials * (1 - fitted))), 0.0)
    return float(2 * (hit + miss).sum())
