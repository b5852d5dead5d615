"""How often a machine is taken for the human: win rates in three-party rooms, pass rates in two.

Each is compared with one half, exactly and as the published studies did it.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.classification.proportions import Accuracy, accuracy
from analysis.errors import ArgumentError
from analysis.numerics import columns
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.result import Result

if TYPE_CHECKING:
    import pandas as pd

    from analysis.dataset.study import Study

CHANCE = 0.5

METHOD = (
    "Wilson interval and exact binomial p-value against 0.5; logit, its standard error and z of an "
    "intercept-only logistic regression; rooms taken as independent"
)
METHOD_CLUSTERED = METHOD + (
    "; beside them the clustered interval and p-value: residuals summed within clusters, times "
    "G/(G-1), t quantiles with G-1 degrees of freedom, on the logit scale"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates(Result):
    """Shares compared with one half, one per group (or one for all rows).

    Logit, its error and z are NaN at shares of 0 and 1: they are infinite.
    """

    source: ClassVar[str] = (
        "Clopper and Pearson, Biometrika 26 (1934) 404-413; Wilson, JASA 22 (1927) 209-212"
    )
    shares: Accuracy
    logit: Floats
    logit_std_error: Floats
    z: Floats
    p_wald: Floats
    p_exact: Floats
    p_cluster: Floats
    level: float
    method: str

    @property
    def n_clusters(self) -> Ints:
        """Number of clusters in each group, 0 without clustering."""
        return self.shares.n_clusters

    @property
    def groups(self) -> tuple[object, ...]:
        """Labels, in the order of first appearance."""
        return self.shares.groups

    @property
    def n(self) -> Ints:
        """Rooms in each group."""
        return self.shares.n

    @property
    def rate(self) -> Floats:
        """The share in each group."""
        return self.shares.proportion

    @property
    def table(self) -> "pd.DataFrame":
        """One row per group: counts, rate, intervals, the logit test and the exact test."""
        import pandas as pd

        shares = self.shares
        return pd.DataFrame(
            {
                "group": pd.Series(shares.groups, dtype="object"),
                "n": shares.n,
                "n_won": shares.n_correct,
                "n_clusters": shares.n_clusters,
                "rate": shares.proportion,
                "wilson_low": shares.wilson_low,
                "wilson_high": shares.wilson_high,
                "cluster_std_error": shares.cluster_std_error,
                "cluster_low": shares.cluster_low,
                "cluster_high": shares.cluster_high,
                "logit": self.logit,
                "logit_std_error": self.logit_std_error,
                "z": self.z,
                "p_wald": self.p_wald,
                "p_exact": self.p_exact,
                "p_cluster": self.p_cluster,
            }
        )

    def _repr_html_(self) -> str:
        return f"<p>Level {self.level:g}. {self.method}.</p>" + self.table.to_html(index=False)


def win_rate(
    won: ArrayLike,
    by: ArrayLike | None = None,
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Rates:
    """Estimate the share of three-party rooms in which the machine was picked as the human.

    The null is one half, the share under guessing. As the machine's side is drawn for each room,
    the exact p-value is valid under "nobody can tell" even if interrogators return. Under "right
    half the time on average, some people more often" it is not: use `p_cluster` for that.

    Parameters
    ----------
    won : array of n booleans or 0 and 1
        Whether the machine was picked as the human.
    by : array of n labels, optional
        One estimate per label, as of a machine profile.
    cluster : array of n labels, optional
        Who interrogated.
    level : float
        Confidence level.

    Returns
    -------
    Rates
        With ``.table``. `z` and `p_wald` are those of an intercept-only logistic regression, which
        published studies report; near the level they can disagree with the exact test.

    Raises
    ------
    ArgumentError
        Values other than 0 and 1, missing labels, unequal lengths; the message names the rows.

    References
    ----------
    Wilson, JASA 22 (1927) 209-212; Jones and Bergen, arXiv 2503.23674.

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.win_rate([1] * 208 + [0] * 78)
    >>> [round(float(x[0]), 3) for x in (found.rate, found.logit, found.logit_std_error, found.z)]
    [0.727, 0.981, 0.133, 7.387]
    """
    shares = accuracy(won, by, cluster=cluster, level=level)
    won_n, n = shares.n_correct, shares.n
    with np.errstate(divide="ignore", invalid="ignore"):
        logit = np.log(won_n / (n - won_n))
        error = np.sqrt(1 / won_n + 1 / (n - won_n))
        share = shares.proportion
        clustered = logit * share * (1 - share) / shares.cluster_std_error
    known = np.isfinite(logit)
    logit, error = np.where(known, logit, np.nan), np.where(known, error, np.nan)
    df = shares.cluster_df
    return Rates(
        shares=shares,
        logit=logit,
        logit_std_error=error,
        z=logit / error,
        p_wald=columns.two_sided(logit / error, np.full(len(n), np.inf)),
        p_exact=exact_p(won_n, n),
        p_cluster=np.where(
            known & (df > 0), columns.two_sided(clustered, np.where(df > 0, df, 1.0)), np.nan
        ),
        level=shares.level,
        method=METHOD if cluster is None else METHOD_CLUSTERED,
    )


def pass_rate(
    passed: ArrayLike,
    by: ArrayLike | None = None,
    *,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Rates:
    """Estimate the share of two-party rooms in which the witness was called human.

    One half is *not* the share under guessing: response bias moves it. Compare a
    machine with the humans of the same study (`compare_accuracy`, `d_prime`) as well as with 0.5.

    Parameters, result and errors are those of `win_rate`, with `passed` for `won`.

    References
    ----------
    Jones and Bergen, arXiv 2405.08007, where 54 of 100 gave z = 0.799.

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.pass_rate([1] * 54 + [0] * 46)
    >>> [round(float(x[0]), 4) for x in (found.z, found.p_wald)]
    [0.7991, 0.4242]
    """
    return win_rate(passed, by, cluster=cluster, level=level)


def win_rate_by_profile(study: "Study", *, level: float = 0.95) -> Rates:
    """Win rate of each machine profile, among the three-party rooms that have a verdict."""
    from analysis.outcomes.clusters import room_clusters
    from analysis.outcomes.inclusion import included

    _refuse_other(study, "three_party", "pass_rate_by_profile")
    study = included(study)
    rooms, verdicts = study.rooms.set_index("room"), study.verdicts.sort_values("room")
    return win_rate(
        ~verdicts["correct"].to_numpy(bool),
        by=verdicts["room"].map(rooms["profile"]).to_numpy(object),
        cluster=room_clusters(study, verdicts["room"]),
        level=level,
    )


def pass_rate_by_profile(study: "Study", *, level: float = 0.95) -> Rates:
    """Pass rate of each machine profile, and of the humans as ``(human)``, in two-party rooms."""
    from analysis.outcomes.clusters import room_clusters
    from analysis.outcomes.inclusion import included

    _refuse_other(study, "two_party", "win_rate_by_profile")
    study = included(study)
    rooms, verdicts = study.rooms.set_index("room"), study.verdicts.sort_values("room")
    profile = verdicts["room"].map(rooms["profile"]).replace("", "(human)")
    return pass_rate(
        verdicts["human"].eq("true").to_numpy(bool),
        by=profile.to_numpy(object),
        cluster=room_clusters(study, verdicts["room"]),
        level=level,
    )


def exact_p(successes: Ints, n: Ints) -> Floats:
    """Two-sided exact binomial p-values against one half."""
    fewer = np.minimum(successes, n - successes).astype(np.float64)
    with np.errstate(invalid="ignore"):
        tail = special.bdtr(fewer, n, CHANCE)
    # At exactly one half the two tails overlap in the middle.
    return np.where(n > 0, np.minimum(2 * tail, 1.0), np.nan)


def _refuse_other(study: "Study", wanted: str, instead: str) -> None:
    if study.format != wanted:
        raise ArgumentError(
            f"{study.title} is a {study.format} study, and this is for {wanted} studies; "
            f"use {instead}."
        )
