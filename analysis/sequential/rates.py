"""Win rates and bounded scores that may be watched: mixture and betting confidence sequences."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import ArgumentError
from analysis.numerics import arrays, columns
from analysis.numerics.arrays import Floats, Groups, Ints
from analysis.sequential import anytime
from analysis.sequential.anytime import Sequential

_MIXTURE = (
    "Beta mixture of likelihood ratios (prior {a:g}, {b:g}); confidence sequence by inversion"
)
_ANY_VERDICT = (
    "every verdict is right with probability {p:g}, whatever came before it. Exact for 'nobody can "
    "tell' where the machine's side is drawn independently in each room, even if people return"
)
_AVERAGE = (
    "people who differ are right with probability {p:g} on average and return for more rooms: "
    "give `cluster`"
)
_FIRST_ROOMS = (
    "interrogators drawn independently are right in their first room with probability {p:g} on "
    "average, however much they differ"
)
_LATER_ROOMS = "rooms after an interrogator's first, which are not used"

_BETTING = "Hedged betting, bets from the running variance; confidence sequence on a grid"
_ANY_SCORE = "every score has the mean {m:g} given those before it"
_REPEATS = "people who differ and return for more rooms, with a mean of {m:g} between them: {do}"
_PEOPLE = "interrogators drawn independently have scores of mean {m:g} on average"
_UNFINISHED = "interrogators whose rooms are not all in: enter people when they have finished"


def mixture_win_rate(
    correct: ArrayLike,
    *,
    p0: float = 0.5,
    a: float = 10.0,
    b: float = 10.0,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> Sequential:
    """Test a win rate after every verdict, with a confidence sequence for it.

    The e-value is ``B(a + s, b + n - s) / (B(a, b) p0**s (1 - p0)**(n - s))`` after `s` right
    verdicts among `n`. What matters most is which null is meant: see `null` and `not_for`.

    Parameters
    ----------
    correct : array of n booleans or 0 and 1
        In the order in which they were given.
    p0 : float
        The win rate under the null.
    a, b : float
        The Beta prior over win rates, fixed in advance: 0.5 for any effect, 10 to 50 for small
        ones. Any choice is valid; a good one is quick.
    cluster : array of n labels, optional
        Who gave the verdict. Only the first of each is then used.
    level : float

    Returns
    -------
    Sequential
        One look per verdict used.

    Raises
    ------
    ArgumentError
        Values other than 0 and 1, a `p0` outside 0 to 1; the message names the rows.

    References
    ----------
    Ville (1939); Robbins, Annals of Mathematical Statistics 41 (1970) 1397-1409.

    Examples
    --------
    >>> import analysis as ta
    >>> watched = ta.mixture_win_rate([1] * 30, a=0.5, b=0.5)
    >>> watched.refuted_at
    7
    """
    level, p0 = arrays.level(level), anytime.probability(p0, "p0")
    a, b = anytime.positive(a, "a"), anytime.positive(b, "b")
    right = arrays.codes(correct, name="correct", allowed=(0, 1))
    clusters = arrays.groups(cluster, name="cluster", n=len(right))
    used = right if clusters is None else right[_first_rows(clusters)]
    count = _Count(n=np.arange(1, len(used) + 1), s=np.cumsum(used), a=a, b=b)
    low, high = count.ends(-np.log(1 - level))
    return Sequential(
        looks=count.n,
        estimate=count.s / count.n,
        low=low,
        high=high,
        log_e_value=count.log_e(np.full(len(used), p0)),
        measure="win rate",
        null_value=p0,
        n=len(used),
        level=level,
        method=_MIXTURE.format(a=a, b=b),
        clustering="none" if clusters is None else f"first row of {clusters.count} clusters",
        null=(_ANY_VERDICT if clusters is None else _FIRST_ROOMS).format(p=p0),
        not_for=(_AVERAGE if clusters is None else _LATER_ROOMS).format(p=p0),
        source="Robbins 1970",
    )


def betting_mean(
    scores: ArrayLike,
    *,
    mean: float = 0.5,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
    points: int = 1000,
) -> Sequential:
    """Test the mean of scores between 0 and 1 after each of them, with a confidence sequence.

    For Brier scores, confidence, or the share of right verdicts of each interrogator. For single
    verdicts `mixture_win_rate` is quicker.

    Parameters
    ----------
    scores : array of n numbers from 0 to 1
        In the order in which they became known.
    mean : float
        The mean under the null.
    cluster : array of n labels, optional
        Whose score it is. Each enters once, with their mean, at their last row.
    level : float
    points : int
        The interval is rounded outwards to multiples of ``1 / points``.

    References
    ----------
    Waudby-Smith and Ramdas, JRSS B 86 (2024) 1-27.

    Examples
    --------
    >>> import analysis as ta
    >>> watched = ta.betting_mean([0.9] * 40)
    >>> watched.refuted_at
    11
    """
    level, mean = arrays.level(level), anytime.probability(mean, "mean")
    given = _scores(scores)
    if points < 1:
        raise ArgumentError(f"`points` must be at least 1 (got {points!r}).")
    clusters = arrays.groups(cluster, name="cluster", n=len(given))
    x, clustering = anytime.one_per_cluster(given, clusters)
    bets = _bets(x, (1 - level) / 2)
    grid = np.arange(points + 1) / points
    low, high = anytime.outer_ends(
        lambda m: _log_capital(x, bets, m),
        lambda m: _log_capital(1 - x, bets, 1 - m),
        grid=grid,
        limit=float(np.log(2 / (1 - level))),
    )
    sides = _log_capital(x, bets, mean), _log_capital(1 - x, bets, 1 - mean)
    n = np.arange(1, len(x) + 1)
    do = "give `cluster`"
    return Sequential(
        looks=n,
        estimate=np.cumsum(x) / n,
        low=low,
        high=high,
        log_e_value=np.maximum(*sides) - np.log(2),
        measure="mean score",
        null_value=mean,
        n=len(x),
        level=level,
        method=_BETTING,
        clustering=clustering,
        null=(_ANY_SCORE if clusters is None else _PEOPLE).format(m=mean),
        not_for=_REPEATS.format(m=mean, do=do) if clusters is None else _UNFINISHED,
        source="Waudby-Smith and Ramdas 2024",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """Right verdicts `s` among the first `n`, under a Beta prior."""

    n: Ints
    s: Ints
    a: float
    b: float

    def log_e(self, p: Floats) -> Floats:
        from scipy import special

        won, lost = self.s, self.n - self.s
        mixed = special.betaln(self.a + won, self.b + lost) - special.betaln(self.a, self.b)
        return np.asarray(mixed - special.xlogy(won, p) - special.xlog1py(lost, -p))

    def ends(self, limit: float) -> tuple[Floats, Floats]:
        share = self.s / self.n
        zero, one = np.zeros(len(self.n)), np.ones(len(self.n))
        low = anytime.bisect(lambda p: self.log_e(p) - limit, zero, share)
        high = anytime.bisect(lambda p: self.log_e(p) - limit, one, share)
        return np.where(self.s == 0, 0.0, low), np.where(self.s == self.n, 1.0, high)


def _first_rows(clusters: Groups) -> Ints:
    return np.asarray(np.sort(np.unique(clusters.index, return_index=True)[1]), dtype=np.int64)


def _scores(values: ArrayLike) -> Floats:
    return columns.numbers(values, name="scores", low=0, high=1)


def _bets(x: Floats, alpha: float) -> Floats:
    """Size of each bet, known before its score: large where scores have varied little so far."""
    t = np.arange(1, len(x) + 1)
    centre = (0.5 + np.cumsum(x)) / (t + 1)
    spread = (0.25 + np.cumsum((x - centre) ** 2)) / (t + 1)
    before = np.concatenate([[0.25], spread])[: len(x)]
    return np.asarray(np.sqrt(2 * np.log(1 / alpha) / (t * np.log(1 + t) * before)))


def _log_capital(x: Floats, bets: Floats, m: float) -> Floats:
    """Log of the wealth after each score when betting that the mean lies above `m`."""
    stake = bets if m == 0 else np.minimum(bets, 0.5 / m)
    return np.cumsum(np.log1p(stake * (x - m)))
