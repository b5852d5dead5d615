"""How far coders agree on strategies: Krippendorff's alpha, Cohen's kappa, confusion of pairs.

Look at this before any accuracy by strategy: what coders do not agree on cannot be compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.classification.codings import MISSING, Codings, read_codings
from analysis.classification.kappas import kappa
from analysis.numerics import arrays, resampling
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.clustering import clustering
from analysis.numerics.estimate import Estimate
from analysis.numerics.result import Result

if TYPE_CHECKING:
    import pandas as pd

METHOD = "Krippendorff's alpha (nominal); percentile bootstrap of {unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement(Result):
    """Agreement of any number of coders on the same units, overall, by category and in pairs."""

    source: ClassVar[str] = "Krippendorff, Content Analysis, 2004"
    codings: Codings
    alpha: Estimate
    category_alpha: Floats
    category_low: Floats
    category_high: Floats
    n_codings: Ints  # of each category, in units with 2 codings or more
    kappas: tuple[tuple[str, str, Estimate], ...]

    @property
    def n_clusters(self) -> int | None:
        """Number of clusters, or None without clustering."""
        return self.alpha.n_clusters

    @property
    def n(self) -> int:
        """Units coded by 2 coders or more."""
        return self.alpha.n

    @property
    def method(self) -> str:
        """How alpha and its interval were made."""
        return self.alpha.method

    @property
    def level(self) -> float:
        """Confidence level."""
        return self.alpha.level

    @property
    def table(self) -> "pd.DataFrame":
        """Alpha of each category against all others, with its interval."""
        import pandas as pd

        return pd.DataFrame(
            {
                "category": pd.Series(self.codings.categories, dtype="object"),
                "n_codings": self.n_codings,
                "alpha": self.category_alpha,
                "low": self.category_low,
                "high": self.category_high,
            }
        )

    @property
    def pairs(self) -> "pd.DataFrame":
        """Cohen's kappa of each pair of coders, on the units both coded."""
        import pandas as pd

        rows = [
            (first, second, k.n, k.value, k.std_error, k.low, k.high)
            for first, second, k in self.kappas
        ]
        names = ["first", "second", "n", "kappa", "std_error", "low", "high"]
        return pd.DataFrame(rows, columns=names)

    def confusion(self, first: str, second: str) -> "pd.DataFrame":
        """Units by what `first` (rows) and `second` (columns) called them."""
        import pandas as pd

        names = self.codings.categories
        return pd.DataFrame(
            self.codings.confusion(first, second),
            index=pd.Index(names, name=first),
            columns=pd.Index(names, name=second),
        )

    def _repr_html_(self) -> str:
        head = f"<p>Alpha {self.alpha}. {self.method}.</p>"
        return head + self.table.to_html(index=False) + self.pairs.to_html(index=False)


def agreement(
    codings: Mapping[str, ArrayLike],
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> Agreement:
    """Estimate how far coders agree beyond chance, with one category per unit and coder.

    Parameters
    ----------
    codings : mapping of coders to arrays of n labels
        A data frame will do. None, NaN and the empty text mean that the coder skipped the unit.
    cluster : array of n labels, optional
        Units drawn together by the bootstrap, as the messages of a room.
    level : float
        Confidence level.
    n_resamples, seed : int
        The bootstrap; the same seed gives the same interval.

    Returns
    -------
    Agreement
        With ``.alpha``, ``.table`` by category, ``.pairs`` (kappas) and ``.confusion(a, b)``.
        Alpha is NaN if fewer than two categories occur: nothing could have been confused.

    Raises
    ------
    ArgumentError
        Fewer than two coders, or unequal lengths.

    References
    ----------
    Krippendorff, Content Analysis (2004), chapter 11; Cohen, Educational and Psychological
    Measurement 20 (1960) 37-46.

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.agreement({"one": ["a", "a", "b", "b"], "two": ["a", "b", "b", None]})
    >>> round(found.alpha.value, 3), found.n
    (0.444, 3)
    """
    level, times = arrays.level(level), resampling.check_times(n_resamples)
    read = read_codings(codings)
    codes = read.codes
    clusters = arrays.groups(cluster, name="cluster", n=len(codes))
    alike = clustering(cluster, name="cluster", n=len(codes))
    paired = (codes != MISSING).sum(axis=1) >= 2
    counts, unlike = _per_unit(codes, len(read.categories))
    drawn = np.array(
        [
            _alphas(weights @ counts, weights @ unlike)
            for weights in resampling.resamples(len(codes), clusters, times=times, seed=seed)
        ]
    )
    value = _alphas(counts.sum(axis=0), unlike.sum(axis=0))
    low, high = resampling.percentile_interval(drawn, level)
    alpha = Estimate(
        value=float(value[0]),
        std_error=resampling.spread(drawn[:, 0]),
        low=float(low[0]),
        high=float(high[0]),
        n=int(paired.sum()),
        n_clusters=None if clusters is None else clusters.count,
        level=level,
        method=METHOD.format(unit="units" if clusters is None else "clusters"),
    )
    return Agreement(
        codings=read,
        alpha=alpha,
        category_alpha=value[1:],
        category_low=low[1:],
        category_high=high[1:],
        n_codings=counts.sum(axis=0).astype(np.int64),
        kappas=tuple(
            (a, b, kappa(read.of(a), read.of(b), clusters=alike, level=level))
            for a, b in combinations(read.coders, 2)
        ),
    )


def krippendorff_alpha(
    codings: Mapping[str, ArrayLike],
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Krippendorff's alpha of any number of coders: the number `agreement` leads with.

    Parameters, assumptions and errors are those of `agreement`.

    Examples
    --------
    >>> import analysis as ta
    >>> round(ta.krippendorff_alpha({"one": [1, 1, 2, 2], "two": [1, 2, 2, 2]}).value, 3)
    0.533
    """
    return agreement(
        codings, cluster=cluster, level=level, n_resamples=n_resamples, seed=seed
    ).alpha


def _per_unit(codes: Ints, count: int) -> tuple[Floats, Floats]:
    """For each unit and category: codings, and unlike pairs with it; 0 where nobody compares."""
    counts = np.zeros((len(codes), count))
    for k in range(count):
        counts[:, k] = (codes == k).sum(axis=1)
    size = counts.sum(axis=1, keepdims=True)
    counts = np.where(size >= 2, counts, 0.0)
    return counts, counts * (size - counts) / np.maximum(size - 1, 1)


def _alphas(counts: Floats, unlike: Floats) -> Floats:
    """Alpha over all categories, then of each category against the others."""
    n = counts.sum()
    by_chance = counts * (n - counts)
    observed = np.append(unlike.sum(), unlike) * (n - 1)
    expected = np.append(by_chance.sum(), by_chance)
    ratio = np.divide(observed, expected, where=expected > 0, out=np.full(len(expected), np.nan))
    return np.asarray(1 - ratio)
