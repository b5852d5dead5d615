"""Share of right verdicts, overall and by group; intervals for single and repeated rooms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.numerics import arrays, intervals
from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.numerics.clustering import Clustering, Spreads, clustering, each
from analysis.numerics.columns import quantile
from analysis.numerics.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from analysis.dataset.study import Study

METHOD = "Wilson score interval; Jeffreys interval; rooms taken as independent"
METHOD_CLUSTERED = (
    METHOD + "; beside them the clustered interval: residuals summed within clusters, CR2 by the "
    "clusters' shares of the rows, t quantiles with Satterthwaite degrees of freedom, on the logit "
    "scale"
)


_COLUMNS = (
    "n",
    "n_correct",
    "n_clusters",
    "n_effective",
    "proportion",
    "wilson_low",
    "wilson_high",
    "jeffreys_low",
    "jeffreys_high",
    "cluster_std_error",
    "cluster_df",
    "cluster_low",
    "cluster_high",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy(Result):
    """Shares of right answers, one per group (or one for all rows)."""

    source: ClassVar[str] = (
        "Wilson, JASA 22 (1927) 209-212; Brown, Cai and DasGupta, Statistical Science 16 "
        "(2001) 101-133"
    )
    groups: tuple[object, ...]
    n: Ints
    n_correct: Ints
    n_clusters: Ints
    n_effective: Floats  # clusters of one size that these are worth
    proportion: Floats
    wilson_low: Floats
    wilson_high: Floats
    jeffreys_low: Floats
    jeffreys_high: Floats
    cluster_std_error: Floats
    cluster_df: Floats
    cluster_low: Floats
    cluster_high: Floats
    level: float
    method: str

    @property
    def table(self) -> "pd.DataFrame":
        """One row per group, with every interval."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in _COLUMNS}
        return pd.DataFrame({"group": pd.Series(self.groups, dtype="object"), **columns})

    def only(self, chosen: Sequence[int]) -> "Accuracy":
        """The same for some of the groups, by position."""
        kept = np.array(chosen, dtype=np.int64)
        arrays_kept = {name: getattr(self, name)[kept] for name in _COLUMNS}
        return replace(self, groups=tuple(self.groups[k] for k in chosen), **arrays_kept)

    def _repr_html_(self) -> str:
        return f"<p>Level {self.level:g}. {self.method}.</p>" + self.table.to_html(index=False)


def accuracy(
    correct: ArrayLike,
    by: ArrayLike | None = None,
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Accuracy:
    """Estimate the share of right answers, overall or by group.

    The estimand is the probability that a verdict like these is right. What matters most is
    who gave them: with repeated interrogators the Wilson interval is too short, and the clustered
    one is the one to report.

    Parameters
    ----------
    correct : array of n booleans or 0 and 1
    by : array of n labels, optional
        One estimate per label, in the order of first appearance.
    cluster : array of n labels, or table of two such columns, optional
        Who answered; or who answered and whom they met, where rooms that share either are alike.
    level : float
        Confidence level.

    Returns
    -------
    Accuracy
        With ``.table``. Wilson and Jeffreys are NaN for no rows. The clustered interval is NaN with
        fewer than two clusters in the group, and where all answers are right or all are wrong,
        because the spread between clusters is then not known.

    Raises
    ------
    ArgumentError
        Values other than 0 and 1, missing labels, unequal lengths; the message names the rows.

    References
    ----------
    Wilson, JASA 22 (1927) 209-212; Brown, Cai and DasGupta, Statistical Science 16 (2001) 101-133.

    Examples
    --------
    >>> import analysis as ta
    >>> result = ta.accuracy([1] * 208 + [0] * 78)
    >>> [round(float(x[0]), 3) for x in (result.proportion, result.wilson_low, result.wilson_high)]
    [0.727, 0.673, 0.776]
    """
    level = arrays.level(level)
    right = arrays.codes(correct, name="correct", allowed=(0, 1))
    labels = arrays.groups(by, name="by", n=len(right))
    clusters = clustering(cluster, name="cluster", n=len(right))
    if by is None or labels is None:
        names: tuple[object, ...] = ("all",)
        labels = Groups(index=np.zeros(len(right), dtype=np.int64), count=1)
    else:
        names = tuple(dict.fromkeys(np.asarray(by).astype(object)))
    return _by_group(right, names=names, labels=labels, clusters=clusters, level=level)


def _by_group(
    right: Ints,
    *,
    names: tuple[object, ...],
    labels: Groups,
    clusters: Clustering | None,
    level: float,
) -> Accuracy:
    n = np.bincount(labels.index, minlength=labels.count)
    n_correct = np.bincount(labels.index[right == 1], minlength=labels.count)
    share = np.divide(n_correct, n, where=n > 0, out=np.full(labels.count, np.nan))
    wilson = intervals.wilson(n_correct.astype(float), n.astype(float), level)
    jeffreys = intervals.jeffreys(n_correct.astype(float), n.astype(float), level)
    spread = _clustered((right - share[labels.index]) / n[labels.index], labels, clusters)
    width = quantile(level, np.where(spread.df > 0, spread.df, 1.0))
    low, high = intervals.symmetric(share, spread.error, width=width, scale=intervals.Scale.LOGIT)
    return Accuracy(
        groups=names,
        n=n,
        n_correct=n_correct,
        n_clusters=spread.n_clusters,
        n_effective=spread.n_effective,
        proportion=share,
        wilson_low=wilson[0],
        wilson_high=wilson[1],
        jeffreys_low=jeffreys[0],
        jeffreys_high=jeffreys[1],
        cluster_std_error=spread.error,
        cluster_df=spread.df,
        cluster_low=low,
        cluster_high=high,
        level=level,
        method=METHOD if clusters is None else METHOD_CLUSTERED + clusters.method,
    )


def _clustered(influence: Floats, labels: Groups, clusters: Clustering | None) -> Spreads:
    """Clusters in each group, and the clustered standard error of its share."""
    if clusters is not None:
        return each(influence, labels, clusters)
    none, unknown = np.zeros(labels.count, dtype=np.int64), np.full(labels.count, np.nan)
    zero = np.zeros(labels.count)
    return Spreads(n_clusters=none, n_effective=zero, error=unknown, df=zero)


def accuracy_by_profile(study: "Study", *, level: float = 0.95) -> Accuracy:
    """Share of right verdicts against each machine profile, among rooms that have a verdict.

    Two-party rooms with a human witness form a group of their own, ``(human)``.
    """
    from analysis.outcomes.clusters import room_clusters
    from analysis.outcomes.inclusion import included

    study = included(study)
    rooms = study.rooms.set_index("room")
    verdicts = study.verdicts.sort_values("room")
    profile = verdicts["room"].map(rooms["profile"]).replace("", "(human)")
    return accuracy(
        verdicts["correct"],
        by=profile.to_numpy(object),
        cluster=room_clusters(study, verdicts["room"]),
        level=level,
    )


def strategy_rooms(study: "Study") -> "pd.DataFrame":
    """One row per room with a verdict and strategy used in it before: room, strategy, correct.

    A room counts once for each strategy with which any message sent before the verdict was tagged,
    by any coder; so one room may have several rows.
    """
    import pandas as pd

    from analysis.outcomes.inclusion import included

    study = included(study)
    sent = study.messages.set_index("event")["seq"]
    tags = study.strategies[["room", "message", "strategy"]]
    tags = tags.assign(sent=tags["message"].map(sent))
    verdicts = study.verdicts[["room", "seq", "correct"]]
    used = pd.merge(tags, verdicts, on="room")
    used = used[used["sent"] < used["seq"]]
    columns = ["room", "strategy", "correct"]
    return used[columns].drop_duplicates().sort_values(columns, ignore_index=True)


def accuracy_by_strategy(study: "Study", *, level: float = 0.95) -> Accuracy:
    """Share of right verdicts among the rooms in which each strategy was used before the verdict.

    This is association under the choices interrogators made: long rooms have had the time for more
    strategies, and a strategy may be a reaction to what was already suspected.
    """
    from analysis.outcomes.clusters import room_clusters
    from analysis.outcomes.inclusion import included

    study = included(study)
    used = strategy_rooms(study)
    return accuracy(
        used["correct"],
        by=used["strategy"].to_numpy(object),
        cluster=room_clusters(study, used["room"]),
        level=level,
    )
