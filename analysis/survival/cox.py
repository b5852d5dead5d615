"""Cox regression on rows (start, stop], for covariates such as strategies that change over time."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.errors import ArgumentError
from analysis.numerics import arrays, newton, risk_sets
from analysis.numerics.arrays import Floats, Groups
from analysis.numerics.counting import leaving
from analysis.numerics.cr2 import Robust, robust
from analysis.numerics.design_matrix import Covariates, design, refuse_redundant
from analysis.survival import cluster_information, greenwood, partial_likelihood
from analysis.survival.hazard_model import HazardModel, cluster_scores
from analysis.survival.logrank import TestResult, quadratic
from analysis.survival.partial_likelihood import Events
from analysis.survival.proportionality import Proportionality, Transform, check


class Ties(StrEnum):
    """How events at one time share its likelihood."""

    EFRON = "efron"
    BRESLOW = "breslow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cox(HazardModel):
    """A fitted Cox model. `X` is centred; coefficients do not depend on that."""

    source: ClassVar[str] = "Cox, JRSS B 34 (1972) 187-220; Lin and Wei, JASA 84 (1989) 1074-1078"
    score: TestResult
    events: Events
    X: Floats
    pooled: greenwood.Cohort  # of all strata together

    def proportional_hazards(self, transform: str = "km") -> Proportionality:
        """Test whether each coefficient stays the same over time, and all of them at once.

        The score test for adding ``g(time) * term`` to the model, as R's ``cox.zph`` from version
        3 of its survival package (not the older approximation from scaled Schoenfeld residuals).
        It uses the model's own information: with clusters it is only a rough guide.

        Parameters
        ----------
        transform : {"km", "identity", "rank", "log"}
            The function ``g`` of time: 1 less the Kaplan-Meier curve just before, the time, its
            rank among the ends of all rows (which changes if rows are split), or its logarithm.
        """
        kind = arrays.choice(Transform, transform, "transform")
        return check(
            self.events,
            self.X,
            self.coefficients,
            g=self._of_time(kind),
            terms=self.terms,
            name=kind,
        )

    def _of_time(self, kind: Transform) -> Floats:
        times = self.events.times
        if kind is Transform.IDENTITY:
            return times
        if kind is Transform.LOG:
            if times.min() <= 0:
                raise ArgumentError(
                    "`transform` log needs event times above 0 (got 0); choose km or identity."
                )
            return np.log(times)
        if kind is Transform.RANK:
            return _ranks(self.pooled)[np.searchsorted(self.pooled.times, times)]
        before = np.searchsorted(self.pooled.times, times, side="left")
        return 1 - np.concatenate([[1.0], self.pooled.survival])[before]


def cox(  # noqa: PLR0917 - the order of R's Surv(start, stop, event) ~ X
    start: ArrayLike | None,
    stop: ArrayLike,
    event: ArrayLike,
    X: Covariates,
    *,
    strata: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    ties: str = "efron",
    level: float = 0.95,
) -> Cox:
    """Estimate hazard ratios of covariates that may change over time.

    A row is at risk in ``(start, stop]``, and its covariates hold there. The hazard ratio compares
    those still undecided at the same time; it is not a ratio of probabilities. What matters most
    is that a row's covariates were known at its start: covariates coded from what happened later
    bias the hazard ratio in any direction. For strategies that interrogators choose it is an
    association, not an effect.

    Parameters
    ----------
    start : array of n numbers, or None
        When a row came to be at risk; None if all were from the beginning.
    stop : array of n numbers
        When it ceased to be; after its start.
    event : array of n booleans or 0 and 1
        Whether it ended in the event. For one of several causes, count the others as censored.
    X : DataFrame, mapping of columns, or array of n rows
        Covariates: numbers, a 0/1 column for each level of a factor but the reference.
    strata : array of n labels, optional
        Each stratum has its own baseline hazard.
    cluster : array of n labels, optional
        Who decided. Give it whenever an interrogator decided more than one room.
    ties : {"efron", "breslow"}
        With many ties, as on the message clock, prefer `discrete_hazard`.
    level : float
        Confidence level.

    Returns
    -------
    Cox
        With ``.table`` (term, coefficient, hazard_ratio, std_error, low, high, p_value),
        ``.covariance``, ``.log_likelihood`` and ``.log_likelihood_null``, ``.score`` (robust with
        clusters), ``.wald``, ``.likelihood_ratio`` and ``.proportional_hazards()``.

    Raises
    ------
    ArgumentError
        Bad times, a start not before its stop, covariates that are not finite, do not vary or are
        collinear, no events, or a coefficient without a finite estimate.

    Notes
    -----
    With clusters ``.sandwich`` is the covariance of R's ``coxph(..., cluster=)``. Intervals use
    ``.covariance``: with 50 clusters or more the sandwich times G/(G-1) and t quantiles on G-1
    degrees of freedom, below that CR2, with the baseline hazard's share in the leverage of a
    cluster, and t quantiles on twice Satterthwaite's degrees of freedom but at most G-1. Newton's
    method stops when no coefficient moves by more than 1e-8 of its standard error; a fit that does
    not get there is refused.

    References
    ----------
    Therneau and Grambsch, Modeling Survival Data, 2000; Efron, JASA 72 (1977) 557-565; Lin and
    Wei, JASA 84 (1989) 1074-1078; for few clusters Bell and McCaffrey, Survey Methodology 28
    (2002) 169-181.

    Examples
    --------
    >>> import analysis as ta
    >>> start, stop = [0, 0, 4, 0, 0, 2], [5, 4, 9, 7, 2, 6]
    >>> model = ta.cox(start, stop, [1, 0, 1, 0, 0, 1], {"pressing": [1, 0, 1, 0, 1, 0]})
    >>> round(float(model.coefficients[0]), 3)
    0.347
    """
    level, kind = arrays.level(level), arrays.choice(Ties, ties, "ties")
    spans = risk_sets.spans(start, stop, names=("start", "stop"))
    n = len(spans.stop)
    codes = arrays.codes(event, name="event", allowed=(0, 1), n=n)
    covariates = design(X, n)
    layers = arrays.groups(strata, name="strata", n=n)
    clusters = arrays.groups(cluster, name="cluster", n=n)
    if not codes.any():
        raise ArgumentError("`event` must hold at least one event (got none).")
    at = partial_likelihood.events(spans, codes, layers, efron=kind is Ties.EFRON)
    # Columns are worked on one at a time.
    centred = np.asfortranarray(covariates.values - covariates.values.mean(axis=0))
    pooled = greenwood.cohort(spans, codes, None)
    return _fit(
        at, centred, pooled, terms=covariates.terms, clusters=clusters, level=level, kind=kind
    )


def _fit(
    at: Events,
    X: Floats,
    pooled: greenwood.Cohort,
    *,
    terms: tuple[str, ...],
    clusters: Groups | None,
    level: float,
    kind: Ties,
) -> Cox:
    zero = np.zeros(X.shape[1])
    null, spread = partial_likelihood.point(at, X, zero), X.std(axis=0)
    refuse_redundant(null.information, terms, spread=spread, n_events=len(at.rows))
    maximum = newton.maximise(
        lambda b: partial_likelihood.point(at, X, b), zero, first=null, terms=terms, scale=spread
    )
    inverse = np.asarray(np.linalg.inv(maximum.last.information), np.float64)
    errors = None if clusters is None else _errors(at, X, maximum.at, given=(inverse, clusters))
    return Cox(
        terms=terms,
        coefficients=maximum.at,
        covariance=inverse if errors is None else errors.covariance,
        model_covariance=inverse,
        sandwich=None if errors is None else errors.plain,
        df=None if errors is None else errors.df,
        log_likelihood=maximum.last.log_likelihood,
        log_likelihood_null=null.log_likelihood,
        n=len(X),
        n_events=len(at.rows),
        n_clusters=None if clusters is None else clusters.count,
        n_iterations=maximum.n_iterations,
        level=level,
        method=f"Cox regression, ties after {kind.capitalize()}"
        + ("" if errors is None else errors.method),
        score=_score_test(at, X, null, clusters=clusters),
        events=at,
        X=X,
        pooled=pooled,
    )


def _ranks(of: greenwood.Cohort) -> Floats:
    """Rank of each distinct time among the ends of all rows; those at one time share theirs."""
    return np.asarray(of.remaining[0] - of.remaining + (leaving(of.remaining) + 1) / 2)


def _errors(at: Events, X: Floats, maximum: Floats, *, given: tuple[Floats, Groups]) -> Robust:
    inverse, clusters = given
    scores = cluster_scores(partial_likelihood.row_scores(at, X, maximum), clusters)
    return robust(
        scores,
        inverse,
        lambda: cluster_information.working(at, X, maximum, clusters=clusters, inverse=inverse),
    )


def _score_test(
    at: Events, X: Floats, null: newton.LikelihoodPoint, *, clusters: Groups | None
) -> TestResult:
    """Test of all terms from the model without them; the robust variance with clusters."""
    df, spread = X.shape[1], null.information
    if clusters is not None:
        scores = partial_likelihood.row_scores(at, X, np.zeros(df))
        sums = cluster_scores(scores, clusters)
        spread = sums.T @ sums
    statistic = quadratic(null.score, spread)
    if clusters is not None and clusters.count <= df:
        statistic = np.nan
    return TestResult(
        statistic=statistic,
        df=df,
        p_value=float(special.chdtrc(df, statistic)) if np.isfinite(statistic) else np.nan,
        method="Score test of all terms" + ("" if clusters is None else ", robust by cluster"),
        n=len(X),
        n_clusters=None if clusters is None else clusters.count,
        source=Cox.source,
    )
