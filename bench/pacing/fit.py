"""Fits the figures of arena/pacing to people, and checks them on the dialogues left out.

Maximum likelihood. The clock of the corpus shows whole seconds, and a wait is the difference of
two readings: a true wait t shows as l with probability max(0, 1 - |t - l|), so the likelihood is
the model's density against that triangle, which for a shifted log-normal has a closed form. A
person's mood and typing speed are integrated out over all that the person wrote (Gauss-Hermite).

Run `python -m bench.pacing.fit`; it takes about a minute and prints what figures.py holds.
"""

import dataclasses
import functools
import random
import sys
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit, ndtr

from arena.pacing.bursts import MAX_PARTS, sentence_ends
from arena.pacing.calibrated import USUAL_CHARS
from arena.pacing.figures import MEETUP, BurstFigures, Figures, InitiativeFigures
from bench.pacing.dialogues import text_of
from bench.pacing.people import halves
from bench.pacing.quantiles import LENGTHS, quantiles

Array = NDArray[np.float64]

#: Not identified by three replies a person: from Dhakal et al. (CHI 2018) by way of the first fit.
TYPING_SPREAD = 0.25
_LEAST = 1e-12
#: The least chance of a burst for which the texts of `offered` have no place.
_RARE = 1e-3
#: So many texts of each length show how often they can be cut.
N_TEXTS = 400


def _hermite(n: int) -> tuple[Array, Array]:
    at, weight = np.polynomial.hermite_e.hermegauss(n)
    return at, weight / weight.sum()


MOODS, MOOD_WEIGHTS = _hermite(5)
SPEEDS, SPEED_WEIGHTS = _hermite(5)
HERMITE_15 = _hermite(15)
TYPINGS, TYPING_WEIGHTS = _hermite(3)
_legendre = np.polynomial.legendre.leggauss(6)
LEFTS, LEFT_WEIGHTS = (_legendre[0] + 1) / 2, _legendre[1] / 2


def shown(latency: Array, *, after: Array, median_s: Array, spread: float) -> Array:
    """Probability that `after` + LogN(median_s, spread) shows as `latency` whole seconds."""
    mu = np.log(median_s)
    return (
        _area(latency + 1 - after, mu, spread)
        - 2 * _area(latency - after, mu, spread)
        + np.where(latency >= 1, _area(latency - 1 - after, mu, spread), 0.0)
    )


def _area(upto: Array, mu: Array, spread: float) -> Array:
    """Integral of a log-normal's distribution function from 0."""
    x = np.maximum(upto, 1e-9)
    z = (np.log(x) - mu) / spread
    area = x * ndtr(z) - np.exp(mu + spread**2 / 2) * ndtr(z - spread)
    return np.where(upto > 1e-9, area, 0.0)


def _axis(column: pd.Series) -> Array:
    """A column against the axes mood, speed, typing, share left to type."""
    return column.to_numpy(float)[:, None, None, None, None]


def _typing_s(rows: pd.DataFrame, figures: Figures) -> Array:
    speed = figures.chars_per_s * np.exp(figures.speed_spread * SPEEDS[None, None, :, None, None])
    noise = np.exp(figures.typing_spread * TYPINGS[None, None, None, :, None])
    return _axis(rows.n_chars_out) / speed * noise


def _mood(figures: Figures, share: float = 1.0) -> Array:
    return np.exp(share * figures.mood_spread * MOODS[None, :, None, None, None])


def replies(rows: pd.DataFrame, figures: Figures) -> Array:
    """Likelihood of each reply, given mood and speed."""
    latency, n_out = _axis(rows.latency_s), _axis(rows.n_chars_out)
    typing, mood = _typing_s(rows, figures), _mood(figures)
    first = np.where(_axis(rows["first"]) > 0, figures.first_thought, 1.0)
    bursts = _axis(rows.bursts) > 0
    first = first * np.where(bursts, figures.burst_thought, 1.0)
    fresh = shown(
        latency,
        after=typing + figures.reading_s_per_char * _axis(rows.n_chars_in),
        median_s=figures.thought_s * first * mood,
        spread=figures.thought_spread,
    )[..., 0]
    under_way = shown(
        latency,
        after=typing * LEFTS,
        median_s=figures.finish_s * mood,
        spread=figures.finish_spread,
    )
    slower = figures.under_way_by_mood * MOODS[None, :, None]
    sooner = figures.under_way_in_bursts * bursts[..., 0, 0]
    willing = expit(logit(figures.under_way) - slower + sooner)
    share = willing * (1 - np.exp(-n_out / figures.under_way_chars))[..., 0, 0]
    mixed: Array = share * (under_way @ LEFT_WEIGHTS @ TYPING_WEIGHTS)
    return mixed + (1 - share) * (fresh @ TYPING_WEIGHTS)


def follow_ups(rows: pd.DataFrame, figures: Figures) -> Array:
    """Likelihood of each message that continues a burst, given mood and speed."""
    likelihood: Array = shown(
        _axis(rows.latency_s),
        after=_typing_s(rows, figures),
        median_s=figures.pause_s
        * (_axis(rows.n_chars_out) / USUAL_CHARS) ** figures.pause_by_length
        * _mood(figures, figures.mood_in_pauses),
        spread=figures.pause_spread,
    )[..., 0]
    return likelihood @ TYPING_WEIGHTS


def log_likelihood(
    rows: pd.DataFrame,
    figures: Figures,
    *,
    likelihood: Callable[[pd.DataFrame], Array] | None = None,
) -> float:
    """Of all that people wrote while they were only chatting.

    `likelihood` is that of replies, if it is not the one of the figures.
    """
    of_replies = likelihood or functools.partial(replies, figures=figures)
    of_pauses = functools.partial(follow_ups, figures=figures)
    rows = rows[rows.chatting]
    people, code = np.unique(rows.person, return_inverse=True)
    total = np.zeros((len(people), len(MOODS), len(SPEEDS)))
    for kind, of in ((rows.reply, of_replies), (~rows.reply, of_pauses)):
        chosen = kind.to_numpy()
        values = np.log(np.maximum(of(rows[chosen]), _LEAST))
        np.add.at(total, code[chosen], values)
    peak = total.max((1, 2), keepdims=True)
    mean = np.einsum("pms,m,s->p", np.exp(total - peak), MOOD_WEIGHTS, SPEED_WEIGHTS)
    return float((np.log(mean) + peak[:, 0, 0]).sum())


FREE = [field.name for field in dataclasses.fields(Figures) if field.name != "typing_spread"]
#: Which of them may be negative.
SIGNED = ("under_way_by_mood", "under_way_in_bursts", "pause_by_length")


def _figures(values: Sequence[float]) -> Figures:
    named = {name: float(np.exp(value)) for name, value in zip(FREE, values, strict=True)}
    named["under_way"] = float(expit(values[FREE.index("under_way")]))
    named |= {name: float(values[FREE.index(name)]) for name in SIGNED}
    return Figures(**named, typing_spread=TYPING_SPREAD)


def fit(rows: pd.DataFrame) -> Figures:
    """The figures of largest likelihood, from the ones of the literature on."""
    start = Figures(
        thought_s=3.3, thought_spread=0.8, first_thought=1.0, burst_thought=0.9, mood_spread=0.3,
        mood_in_pauses=0.8, chars_per_s=5.3, speed_spread=0.21, typing_spread=TYPING_SPREAD,
        reading_s_per_char=6 / 238 * 10 / 6, under_way=0.67, under_way_chars=10.0,
        under_way_by_mood=0.1, under_way_in_bursts=0.1, finish_s=0.5, finish_spread=1.5,
        pause_s=3.0, pause_by_length=0.1, pause_spread=1.0,
    )  # fmt: skip
    values = [float(np.log(getattr(start, name))) for name in FREE]
    values[FREE.index("under_way")] = float(logit(start.under_way))
    for name in SIGNED:
        values[FREE.index(name)] = getattr(start, name)
    found = minimize(lambda v: -log_likelihood(rows, _figures(v)), values, method="L-BFGS-B")
    return _figures(found.x)


def bursts(rows: pd.DataFrame) -> pd.DataFrame:
    """Every turn that answers: whose, its characters in all and its number of messages."""
    turns = rows.groupby("turn").agg(
        n_chars=("n_chars_out", "sum"), n=("reply", "size"), reply=("reply", "first"),
        person=("person", "first"),
    )  # fmt: skip
    return turns[turns.reply]


def offered(n_chars: Array, sentences: Sequence[int]) -> Array:
    """How often texts of such lengths, of sentences of these, have 1, 2, ... places to cut."""
    rng = random.Random(1)
    known = {
        n: np.mean(
            [
                np.arange(1, MAX_PARTS) <= len(sentence_ends(text_of(n, sentences, rng=rng)))
                for _ in range(N_TEXTS)
            ],
            axis=0,
        )
        for n in sorted(set(n_chars.astype(int).tolist()))
    }
    return np.stack([known[int(n)] for n in n_chars])


def fit_bursts(rows: pd.DataFrame) -> BurstFigures:
    """How people cut turns, who differ in that, where a text has places to cut.

    The corpus has no words: its people's messages stand for sentences.
    """
    turns = bursts(rows)
    people, code = np.unique(turns.person, return_inverse=True)
    length = np.log(turns.n_chars.to_numpy(float))[:, None]
    n = turns.n.clip(upper=MAX_PARTS).to_numpy()[:, None]
    places = offered(turns.n_chars.to_numpy(float), rows.n_chars_out.tolist())
    habits, weights = HERMITE_15

    def loss(values: Array) -> float:
        a, b, c, d, spread, share = values
        habit = abs(spread) * habits
        further = [expit(a + b * length + habit)]
        further += [expit(c + d * length + share * habit)] * (MAX_PARTS - 2)
        likelihood = np.ones((len(turns), len(habits)))
        for k, chance in enumerate(further):
            before = places[:, k - 1 : k] if k else np.ones((len(turns), 1))
            more = chance * places[:, k : k + 1] / np.maximum(before, _LEAST)
            likelihood *= np.where(n > k + 1, more, np.where(n == k + 1, 1 - more, 1.0))
        total = np.zeros((len(people), len(habits)))
        np.add.at(total, code, np.log(np.maximum(likelihood, _RARE)))
        peak = total.max(1, keepdims=True)
        return -float((np.log(np.exp(total - peak) @ weights) + peak[:, 0]).sum())

    a, b, c, d, spread, share = minimize(
        loss, [-5.0, 1.5, -5.0, 1.2, 1.0, 0.5], method="BFGS"
    ).x.tolist()
    return BurstFigures(
        two_or_more=(a, b), another=(c, d), habit_spread=abs(spread), habit_in_more=share
    )


def lines(name: str, figures: Figures | BurstFigures | InitiativeFigures) -> Iterator[str]:
    yield f"{name} = {type(figures).__name__}("
    for field in dataclasses.fields(figures):
        value = np.round(getattr(figures, field.name), 3)
        yield f"    {field.name}={value.tolist() if value.shape == () else tuple(value.tolist())},"
    yield ")"


def _summary(name: str, rows: pd.DataFrame) -> str:
    chat, turns = rows[rows.chatting], bursts(rows)
    shares = [(turns.n.clip(upper=3) == n).mean() for n in (1, 2, 3)]
    return (
        f"{name}: {rows.dialogue.nunique()} dialogues, {chat.person.nunique()} people, "
        f"{chat.reply.sum()} replies, {(~chat.reply).sum()} follow-ups; log-likelihood of what is "
        f"committed {log_likelihood(rows, MEETUP):.1f}; turns of 1, 2, 3 and more messages: "
        + ", ".join(f"{share:.3f}" for share in shares)
    )


def main() -> None:
    fitted, left_out = halves()
    for line in (*lines("MEETUP", fit(fitted)), *lines("MEETUP_BURSTS", fit_bursts(fitted))):
        sys.stdout.write(f"{line}\n")
    for name, rows in (("fitted", fitted), ("left out", left_out)):
        sys.stdout.write(f"{_summary(name, rows)}\n")
        people, model = (quantiles(rows, model=each) for each in (False, True))
        for length in LENGTHS:
            sys.stdout.write(
                f"  {length} characters: people {people[length]}, model {model[length]}\n"
            )


if __name__ == "__main__":
    main()
