"""Where people end a sentence and where they send: how often a text is cut at its places.

The lengths of `human_latencies.csv` do not say where a turn could have been cut. Its logs do, and
`sentence_ends.csv` has the counts: in a turn, every message but the last ends at a *place* that was
cut, and every sentence that ends inside a message is one that was not. People seldom write a mark
where they send, so of the places only some are *marked*, as all are that a machine's text offers.

Run `python -m bench.pacing.places`; it prints what docs/pacing.md says of places.
"""

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from arena.pacing.bursts import MAX_PARTS
from arena.pacing.figures import MEETUP_BURSTS, BurstFigures
from bench.pacing.people import is_fitted, messages

Array = NDArray[np.float64]

CSV = Path(__file__).resolve().parents[2] / "tests/data/human_latencies/sentence_ends.csv"
#: The fit that takes it that every text can be cut anywhere; it was weighed against this one.
ANY_TEXT = BurstFigures(
    two_or_more=(-7.427, 1.864), another=(-5.171, 1.098), habit_spread=1.171, habit_in_more=0.742
)
LENGTHS = ((1, 20), (20, 40), (40, 80), (80, 1000))
HABITS, _weights = np.polynomial.hermite_e.hermegauss(15)
WEIGHTS = _weights / _weights.sum()


class Places(StrEnum):
    """Which turns are asked, and what counts as a place in them."""

    ALL = "every place"
    MARKED = "turns in which every place is marked"


def turns(places: Places) -> pd.DataFrame:
    """The turns that answer and have a place: `n_places`, `n_cut` of them, `n_chars`, `person`."""
    rows, ends = messages(), pd.read_csv(CSV)
    assert (rows.dialogue == ends.dialogue).all()
    rows["n_inside"] = ends.n_inside
    sent = rows.turn.duplicated(keep="last")  # another message of the turn follows
    rows["n_cut"] = sent.astype(int)
    rows["n_unmarked"] = (sent & (ends.ends_in_mark == 0)).astype(int)
    found = rows.groupby("turn").agg(
        dialogue=("dialogue", "first"), person=("person", "first"), reply=("reply", "first"),
        n_chars=("n_chars_out", "sum"), n_inside=("n_inside", "sum"), n_cut=("n_cut", "sum"),
        n_unmarked=("n_unmarked", "sum"),
    )  # fmt: skip
    found["n_places"] = found.n_cut + found.n_inside
    found["fitted"] = found.dialogue.map(is_fitted)
    asked = found.reply & (found.n_places > 0)
    return found[asked & (found.n_unmarked == 0)] if places == Places.MARKED else found[asked]


def log_likelihood(asked: pd.DataFrame, figures: BurstFigures) -> float:
    """Of how many places were cut in each turn, people's habits integrated out."""
    people, code = np.unique(asked.person, return_inverse=True)
    length = np.log(asked.n_chars.to_numpy(float))[:, None]
    n_cut, n_places = (asked[key].to_numpy()[:, None] for key in ("n_cut", "n_places"))
    total = np.zeros((len(people), len(HABITS)))
    for nth in range(MAX_PARTS - 1):
        at_0, by_length = figures.another if nth else figures.two_or_more
        share = figures.habit_in_more if nth else 1.0
        chance = expit(at_0 + by_length * length + share * figures.habit_spread * HABITS)
        is_asked = (n_cut >= nth) & (n_places > nth)
        np.add.at(total, code, np.where(is_asked, np.log(_of(chance, n_cut > nth)), 0.0))
    return float(np.log(np.exp(total) @ WEIGHTS).sum())


def _of(chance: Array, is_cut: NDArray[np.bool_]) -> Array:
    return np.where(is_cut, chance, 1 - chance)


def share_cut(asked: pd.DataFrame) -> tuple[int, int]:
    """How many places were cut, of how many."""
    return int(asked.n_cut.sum()), int(asked.n_places.sum())


def _lines() -> Iterator[str]:
    for places in Places:
        both = turns(places)
        for half, asked in (("fitted", both[both.fitted]), ("left out", both[~both.fitted])):
            cut, of = share_cut(asked)
            committed, other = (log_likelihood(asked, each) for each in (MEETUP_BURSTS, ANY_TEXT))
            yield (
                f"{places}, {half}: {len(asked)} turns, {cut} of {of} places cut; log-likelihood "
                f"of what is committed {committed:.1f}, of a fit to any text {other:.1f}"
            )
            for low, high in LENGTHS:
                cut, of = share_cut(asked[asked.n_chars.between(low, high - 1)])
                yield f"  {low} to {high - 1} characters: {cut} of {of}"


def main() -> None:
    for line in _lines():
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
