"""Simulated studies of repeated interrogators, and the intervals that must hold their truth."""

import math
from collections.abc import Callable

import numpy as np
from scipy import special

import analysis as ta
from analysis.numerics import intervals
from analysis.numerics.intervals import Scale

Ends = tuple[float, float]
Rng = np.random.Generator

ROOMS_EACH = 15
DESIGN = ta.Design(no_show_share=0)
TIMES_MS, TAU_MS, SECOND = (120_000, 300_000), 240_000, 1000


def curves_truth() -> dict[str, float]:
    """What the curves estimate. Times are rounded up to whole seconds, which leaves it as it is."""
    of = ta.Truth(design=DESIGN).incidence
    truth: dict[str, float] = {}
    for t in TIMES_MS:
        right, wrong = of(t, 1), of(t, 2)
        truth |= {f"right by {t}": right, f"wrong by {t}": wrong, f"net by {t}": right - wrong}
        truth |= {f"undecided at {t}, {scale}": 1 - right - wrong for scale in Scale}
    grid = range(0, DESIGN.duration_s * SECOND + 1, SECOND)
    steps = np.array([[of(t, cause) for t in grid] for cause in (1, 2)])
    lost = steps[:, : TAU_MS // SECOND].sum(axis=1) * SECOND
    truth |= {"time lost, right": lost[0], "time lost, wrong": lost[1]}
    truth["mean time undecided"] = TAU_MS - lost.sum()
    # Verdicts are given before the room is lost, which takes the slow machines away more often.
    middle = (np.arange(len(grid) - 1) + 0.5) * SECOND
    kept = np.exp(-DESIGN.loss_per_min / 60_000 * middle)
    given = (np.diff(steps, axis=1) * kept).sum(axis=1)
    return truth | {"accuracy": given[0] / given.sum()}


def curves(rng: Rng, n_people: int, clustered: bool) -> dict[str, Ends]:
    """Incidence, net detection, Kaplan-Meier, mean times, and the accuracy of the verdicts."""
    n_rooms = n_people * ROOMS_EACH
    rooms = ta.draw_times(DESIGN, n_rooms=n_rooms, n_interrogators=n_people, rng=rng)
    time, who = -(-rooms.time // SECOND) * SECOND, rooms.interrogator if clustered else None
    curve = ta.cumulative_incidence(time, rooms.cause, cluster=who)
    open_ = ta.kaplan_meier(time, rooms.cause > 0, cluster=who)
    net, at = curve.net(), np.searchsorted(curve.times, TIMES_MS, side="right") - 1
    found: dict[str, Ends] = {}
    for t, k in zip(TIMES_MS, at, strict=True):
        found[f"right by {t}"] = curve.low[0, k], curve.high[0, k]
        found[f"wrong by {t}"] = curve.low[1, k], curve.high[1, k]
        found[f"net by {t}"] = net.low[k], net.high[k]
    width = intervals.critical(0.95, n_people if clustered else None)
    for scale in Scale:
        p, error = open_.survival[at], open_.std_error[at]
        low, high = intervals.symmetric(p, error, width=width, scale=scale)
        for k, t in enumerate(TIMES_MS):
            found[f"undecided at {t}, {scale}"] = low[k], high[k]
    for name, area in (
        ("time lost, right", curve.time_lost(TAU_MS, 1)),
        ("time lost, wrong", curve.time_lost(TAU_MS, 2)),
        ("mean time undecided", open_.restricted_mean(TAU_MS)),
    ):
        found[name] = area.low, area.high
    given = rooms.cause > 0
    right = ta.accuracy(rooms.cause[given] == 1, cluster=None if who is None else who[given])
    ends = (right.cluster_low, right.cluster_high) if clustered else wilson(right)
    return found | {"accuracy": (float(ends[0][0]), float(ends[1][0]))}


def wilson(right: ta.Accuracy) -> tuple[np.ndarray, np.ndarray]:
    return right.wilson_low, right.wilson_high


#: Positive stable frailty of this index leaves hazards proportional, times the index.
STABLE, EFFECTS = 0.8, {"a trait": 0.5, "the room": 0.5}


def hazards_truth() -> dict[str, float]:
    """Log hazard ratios over all interrogators."""
    return {
        f"{model}, {of}": STABLE * effect
        for model in ("Cox", "per message")
        for of, effect in EFFECTS.items()
    }


def hazards(rng: Rng, n_people: int, clustered: bool) -> dict[str, Ends]:
    """Cox and discrete-time models with a trait of interrogators and something drawn per room.

    Once in thousands of studies of eight a hazard per message is estimated as infinite, which is
    refused; another is drawn then.
    """
    while True:
        try:
            return _hazards(rng, n_people, clustered)
        except ta.ArgumentError:
            continue


def _hazards(rng: Rng, n_people: int, clustered: bool) -> dict[str, Ends]:
    a, n = STABLE, n_people * ROOMS_EACH
    u, w = rng.uniform(0, math.pi, n_people), rng.exponential(size=n_people)
    pace = (np.sin(a * u) / np.sin(u) ** (1 / a)) * (np.sin((1 - a) * u) / w) ** ((1 - a) / a)
    who = np.arange(n_people).repeat(ROOMS_EACH)
    X = {"a trait": (rng.permutation(n_people) % 2)[who], "the room": rng.integers(0, 2, n)}
    rate = pace[who] * np.exp(sum(EFFECTS[name] * X[name] for name in X))
    time = np.minimum(rng.exponential(size=n) / rate, 2.0)
    event, cluster = time < 2, who if clustered else None
    cox = ta.cox(None, np.ceil(time * 10_000).astype(int), event, X, cluster=cluster)
    # A stretch for each of two messages: whatever the baseline is, it is in the model.
    message = np.where(time <= 0.4, 1, 2)
    discrete = ta.discrete_hazard(None, message, event, X, breaks=(1,), cluster=cluster)
    found: dict[str, Ends] = {}
    for model, fit in (("Cox", cox), ("per message", discrete)):
        table = fit.table
        low, high = np.log(table["low"].to_numpy()), np.log(table["high"].to_numpy())
        found |= {
            f"{model}, {name}": (low[fit.terms.index(name)], high[fit.terms.index(name)])
            for name in X
        }
    return found


SKILL_SD, ADVANTAGE = 0.7, 0.6


def _shares() -> list[float]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    return [
        float(special.expit(b + SKILL_SD * nodes) @ weights / weights.sum())
        for b in (0.0, ADVANTAGE)
    ]


def answers_truth() -> dict[str, float]:
    """Log odds ratio, probability of the reference and difference over all interrogators."""
    low, high = _shares()
    return {"log odds": special.logit(high) - special.logit(low), "share": low, "gap": high - low}


def answers(
    rng: Rng, n_people: int, clustered: bool, *, by_room: bool = False, **options: str
) -> dict[str, Ends]:
    """Accuracy of two kinds of interrogators, or with two kinds of rooms, whose skills differ."""
    who = np.repeat(np.arange(n_people), ROOMS_EACH)
    kind = rng.integers(0, 2, len(who)) if by_room else who % 2
    skill = rng.normal(0, SKILL_SD, n_people)[who]
    right = (rng.random(len(who)) < special.expit(ADVANTAGE * kind + skill)).astype(int)
    found = ta.compare_accuracy(right, kind, cluster=who if clustered else None, **options)
    share, gap = found.standardised, found.differences
    return {
        "log odds": (math.log(found.low[1]), math.log(found.high[1])),
        "share": (share.low[0], share.high[0]),
        "gap": (gap.low[0], gap.high[0]),
    }


def answers_by_room(rng: Rng, n_people: int, clustered: bool) -> dict[str, Ends]:
    """The same interrogators in both kinds of rooms."""
    return answers(rng, n_people, clustered, by_room=True)


def equations(rng: Rng, n_people: int, clustered: bool) -> dict[str, Ends]:
    """Kinds of interrogators compared by generalised estimating equations."""
    return answers(rng, n_people, clustered, method="gee")


def means_truth() -> dict[str, float]:
    """One report halfway through each room; (1 - q) ** 2 has mean 1/3 for a uniform q."""
    return {"belief score": (0.25 + 1 / 3) / 2, "win rate": 0.5}


def means(rng: Rng, n_people: int, clustered: bool) -> dict[str, Ends]:
    """Scores and win rates of people who are alike from room to room."""
    who = np.repeat(np.arange(n_people), ROOMS_EACH)
    n, cluster = len(who), who if clustered else None
    q = np.where(rng.random(n) < 0.3, rng.random(n_people)[who], rng.random(n))
    score = ta.integrated_brier(
        np.arange(n),
        np.full(n, 5),
        q,
        rooms=np.arange(n),
        end=np.full(n, 10),
        cluster=cluster,
    ).mean
    won = rng.random(n) < rng.beta(2.5, 2.5, n_people)[who]
    rate = ta.win_rate(won, cluster=cluster)
    share = ta.accuracy(won, cluster=cluster)
    ends = (share.cluster_low, share.cluster_high) if clustered else wilson(share)
    assert rate.n[0] == share.n[0]
    return {
        "belief score": (score.low, score.high),
        "win rate": (float(ends[0][0]), float(ends[1][0])),
    }


Study = Callable[[Rng, int, bool], dict[str, Ends]]

STUDIES: dict[str, tuple[Study, Callable[[], dict[str, float]]]] = {
    "curves": (curves, curves_truth),
    "hazards": (hazards, hazards_truth),
    "answers": (answers, answers_truth),
    "answers by room": (answers_by_room, answers_truth),
    "equations": (equations, answers_truth),
    "means": (means, means_truth),
}


def count(kind: str, n_people: int, clustered: bool, chunk: int, size: int) -> dict[str, int]:
    """How many of some studies have intervals that hold the truth."""
    study, truth = STUDIES[kind][0], STUDIES[kind][1]()
    hits = dict.fromkeys(truth, 0)
    rng = np.random.default_rng([n_people, chunk, sorted(STUDIES).index(kind)])
    for _ in range(size):
        found = study(rng, n_people, clustered)
        for name, wanted in truth.items():
            low, high = found[name]
            hits[name] += bool(low <= wanted <= high)
    return hits
