"""Hazard regression for a clock that counts messages, where many rooms are decided at one count."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays, newton, risk_sets
from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.numerics.cr2 import Robust, Working, explained, robust
from analysis.numerics.design_matrix import Covariates, design, refuse_redundant
from analysis.numerics.risk_sets import Spans
from analysis.survival.hazard_model import HazardModel, cluster_scores

#: Ends of the stretches of messages in which the baseline hazard is taken as constant.
BREAKS = (5, 10, 20, 40, 80)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscreteHazard(HazardModel):
    """A fitted discrete-time model; the first terms are the baseline, one for each stretch."""

    source: ClassVar[str] = "Prentice and Gloeckler, Biometrics 34 (1978) 57-67"
    n_messages: int
    deviance: float


def discrete_hazard(  # noqa: PLR0917 - the order of `cox`
    start: ArrayLike | None,
    stop: ArrayLike,
    event: ArrayLike,
    X: Covariates,
    *,
    breaks: tuple[int, ...] = BREAKS,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> DiscreteHazard:
    """Estimate hazard ratios per message: a binomial model of each message, cloglog link.

    Each message that a row was at risk for counts as one trial, which succeeds if the event came
    with it. The complementary log-log link makes ``exp(coefficient)`` the hazard ratio of the
    continuous time underneath, so ties need no approximation. It takes the baseline hazard as
    constant within stretches of messages.

    Parameters
    ----------
    start : array of n whole numbers, or None
        Messages sent before the row was at risk; None if all were from the beginning.
    stop : array of n whole numbers
        Messages sent when it ceased to be; more than `start`.
    event : array of n booleans or 0 and 1
        Whether the event came with the last of them.
    X : DataFrame, mapping of columns, or array of n rows
        Covariates, constant over the row's messages.
    breaks : tuple of whole numbers
        Last message of each stretch of the baseline but the last stretch, which is open.
    cluster : array of n labels, optional
        Who decided.
    level : float
        Confidence level.

    Returns
    -------
    DiscreteHazard
        With ``.table``, ``.covariance``, ``.deviance``. The first terms are the baseline: the log
        hazard of the first stretch, and the log ratio of each other stretch to it.

    Raises
    ------
    ArgumentError
        Times that are not whole numbers, a start not before its stop, breaks that do not rise, a
        stretch or a term without a finite estimate, no events.

    Notes
    -----
    Messages alike in everything are counted together, which leaves the fit as it is. With clusters
    intervals are those of `cox`: CR2 with fewer than 50 clusters, else the sandwich times G/(G-1).

    References
    ----------
    Prentice and Gloeckler, Biometrics 34 (1978) 57-67.

    Examples
    --------
    >>> import analysis as ta
    >>> pressing = {"pressing": [1, 0, 1, 0, 0, 1]}
    >>> stop, event = [2, 3, 3, 6, 4, 2], [1, 1, 1, 0, 1, 0]
    >>> model = ta.discrete_hazard(None, stop, event, pressing, breaks=())
    >>> model.terms, model.n_messages
    (('(baseline)', 'pressing'), 20)
    """
    level = arrays.level(level)
    spans = risk_sets.spans(start, stop, names=("start", "stop"))
    n = len(spans.stop)
    codes = arrays.codes(event, name="event", allowed=(0, 1), n=n)
    covariates = design(X, n)
    clusters = arrays.groups(cluster, name="cluster", n=n)
    _check(spans, codes)
    trials = _trials(spans, codes, _ends(breaks))
    baseline = _baseline(trials, _ends(breaks))
    terms = (*baseline, *covariates.terms)
    # Centred covariates condition the fit; the baseline is moved back afterwards.
    centre = covariates.values.mean(axis=0)
    bins = np.eye(len(baseline))[trials.stretch]
    bins[:, 0] = 1.0
    values = np.concatenate([bins, (covariates.values - centre)[trials.row]], axis=1)
    null = _maximise(trials, bins, baseline)
    known = np.concatenate([null.at, np.zeros(len(covariates.terms))])
    refuse_redundant(
        _point(trials, values, known).information,
        terms,
        spread=values.std(axis=0),
        n_events=int(codes.sum()),
    )
    maximum = _maximise(trials, values, terms)
    back = np.eye(len(terms))
    back[0, len(baseline) :] = -centre
    inverse = np.asarray(np.linalg.inv(maximum.last.information), np.float64)
    errors = (
        None if clusters is None else _errors(trials, values, maximum.at, given=(inverse, clusters))
    )
    return DiscreteHazard(
        terms=terms,
        coefficients=back @ maximum.at,
        covariance=_moved(inverse if errors is None else errors.covariance, back[0]),
        model_covariance=_moved(inverse, back[0]),
        sandwich=None if errors is None else _moved(errors.plain, back[0]),
        df=None if errors is None else errors.df,
        log_likelihood=maximum.last.log_likelihood,
        log_likelihood_null=null.last.log_likelihood,
        n=n,
        n_events=int(codes.sum()),
        n_clusters=None if clusters is None else clusters.count,
        n_iterations=maximum.n_iterations,
        level=level,
        method="Discrete-time hazard per message, complementary log-log link"
        + ("" if errors is None else errors.method),
        n_messages=int(trials.n.sum()),
        n_baseline=len(baseline),
        deviance=-2 * maximum.last.log_likelihood,
    )


def _moved(covariance: Floats, baseline: Floats) -> Floats:
    """The covariance with another first term, a combination of all; what is NaN stays apart."""
    out = covariance.copy()
    out[0] = baseline @ covariance
    out[:, 0] = out @ baseline
    return out


def _check(spans: Spans, codes: Ints) -> None:
    """Refuse times that are not counts of messages, and data without events."""
    if spans.times is not None:
        raise ArgumentError("`start` and `stop` must be whole counts of messages (got fractions).")
    if not codes.any():
        raise ArgumentError("`event` must hold at least one event (got none).")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trials:
    """Messages of one row in one stretch: how many, and whether the last brought the event."""

    row: Ints
    stretch: Ints
    n: Ints
    event: Ints


def _ends(breaks: tuple[int, ...]) -> Ints:
    ends = np.asarray(breaks, dtype=np.float64)
    if (np.diff(ends, prepend=0.0) <= 0).any() or (ends != np.floor(ends)).any():
        raise ArgumentError(f"`breaks` must be rising whole numbers above 0 (got {breaks!r}).")
    return np.append(ends, np.iinfo(np.int64).max // 2).astype(np.int64)


def _trials(spans: Spans, codes: Ints, ends: Ints) -> _Trials:
    start = np.zeros(len(codes), np.int64) if spans.start is None else spans.start
    floors = np.append(0, ends[:-1])
    inside = np.minimum(spans.stop[:, None], ends) - np.maximum(start[:, None], floors)
    row, stretch = np.nonzero(inside > 0)
    last = np.searchsorted(ends, spans.stop, side="left")
    return _Trials(
        row=row,
        stretch=stretch,
        n=inside[row, stretch],
        event=codes[row] * (last[row] == stretch),
    )


def _baseline(trials: _Trials, ends: Ints) -> tuple[str, ...]:
    """Names of the baseline terms; refuses stretches that hold nothing to estimate."""
    happened = np.bincount(trials.stretch, weights=trials.event, minlength=len(ends))
    empty = np.flatnonzero(happened == 0)
    floors = [0, *ends[:-1].tolist()]
    names = [f"messages {low + 1}-{high}" for low, high in zip(floors, ends[:-1], strict=False)]
    names.append(f"messages over {floors[-1]}")
    if empty.size:
        listed = "; ".join(names[k] for k in empty)
        raise ArgumentError(
            f"`breaks` must leave an event in every stretch of messages (got "
            f"{tuple(floors[1:])!r}, with none in {listed}): the baseline hazard there has no "
            "finite logarithm."
        )
    return ("(baseline)", *names[1:])


def _maximise(trials: _Trials, values: Floats, terms: tuple[str, ...]) -> newton.Maximum:
    start = np.zeros(values.shape[1])
    share = trials.event.sum() / trials.n.sum()
    start[0] = np.log(-np.log1p(-min(share, 0.9)))
    return newton.maximise(
        lambda b: _point(trials, values, b),
        start,
        first=_point(trials, values, start),
        terms=terms,
        scale=values.std(axis=0),
    )


def _point(trials: _Trials, values: Floats, coefficients: Floats) -> newton.LikelihoodPoint:
    """Log-likelihood, score, and Fisher's (expected) information."""
    with np.errstate(all="ignore"):
        predictor = values @ coefficients
        hazard = np.exp(predictor)
        success = trials.event * np.log(-np.expm1(-hazard))
        value = float(np.where(trials.event, success, 0.0).sum())
        value -= float((trials.n - trials.event) @ hazard)
        weight = trials.n * hazard**2 / np.expm1(hazard)
        score = values.T @ _slopes(trials, predictor)
        information = values.T @ (values * weight[:, None])
    usable = np.isfinite(value) and np.isfinite(information).all()
    return newton.LikelihoodPoint(
        log_likelihood=value if usable else -np.inf, score=score, information=information
    )


def _errors(
    trials: _Trials, values: Floats, maximum: Floats, *, given: tuple[Floats, Groups]
) -> Robust:
    """Robust errors, on centred covariates."""
    inverse, clusters = given
    index = clusters.index[trials.row]
    of_trials = Groups(index=index, count=clusters.count)
    predictor = values @ maximum
    scores = cluster_scores(values * _slopes(trials, predictor)[:, None], of_trials)

    def working() -> Working:
        hazard = np.exp(predictor)
        weight = trials.n * hazard**2 / np.expm1(hazard)
        p = values.shape[1]
        own = np.empty((clusters.count, p, p))
        for k in range(p):
            own[:, k] = cluster_scores(values * (weight * values[:, k])[:, None], of_trials)
        return Working(own=own, shared=explained(own, inverse), rest=own.sum(axis=0) - own)

    return robust(scores, inverse, working)


def _slopes(trials: _Trials, predictor: Floats) -> Floats:
    """Derivative of each trial's log-likelihood by its linear predictor."""
    hazard = np.exp(predictor)
    success = np.divide(hazard, np.expm1(hazard), where=hazard > 0, out=np.ones_like(hazard))
    return np.asarray(trials.event * success - (trials.n - trials.event) * hazard)
