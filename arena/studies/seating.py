"""Draw who sits where in a batch of rooms: balanced over the batch, in uniformly random order.

Only draws; the caller brings the system's random source, seals the result and stores it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from arena.rules import Format, Kind

Weights = Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One room's secret: the human's pane (three_party) or the witness's kind (two_party)."""

    human: str | None
    kind: Kind | None
    profile: str | None


def assign(
    n_rooms: int,
    *,
    format: Format,
    profiles: Weights,
    human_share: float | None,
    rng: random.Random,
) -> list[Assignment]:
    """Draw the assignments of `n_rooms` rooms.

    Every count (rooms per profile, the human on each side, human witnesses) is its expectation
    rounded up or down, and is that expectation on average over draws. Sides are balanced within
    each profile as well as over the batch.
    """
    _check(n_rooms, profiles=profiles)
    if format == Format.THREE_PARTY:
        rooms = _three_party(n_rooms, profiles=profiles, rng=rng)
    elif human_share is None or not 0 <= human_share <= 1:
        raise ValueError(f"human_share is {human_share}; two_party expects a share from 0 to 1.")
    else:
        rooms = _two_party(n_rooms, profiles=profiles, human_share=human_share, rng=rng)
    rng.shuffle(rooms)
    return rooms


def _check(n_rooms: int, *, profiles: Weights) -> None:
    if n_rooms < 0:
        raise ValueError(f"{n_rooms} rooms cannot be seated; expected 0 or more.")
    if not profiles or any(weight <= 0 for _, weight in profiles):
        raise ValueError(f"Profiles {profiles!r}: expected at least one, each weight above 0.")


def _three_party(n_rooms: int, *, profiles: Weights, rng: random.Random) -> list[Assignment]:
    counts = _counts(n_rooms, weights=profiles, rng=rng)
    extras = _sides(sum(n % 2 for n in counts.values()), rng=rng)
    rooms = []
    for name, n in counts.items():
        panes = ["A", "B"] * (n // 2) + ([extras.pop()] if n % 2 else [])
        rooms += [Assignment(human=pane, kind=None, profile=name) for pane in panes]
    return rooms


def _sides(n: int, *, rng: random.Random) -> list[str]:
    sides = ["A", "B"] * (n // 2) + ([rng.choice("AB")] if n % 2 else [])
    rng.shuffle(sides)
    return sides


def _two_party(
    n_rooms: int, *, profiles: Weights, human_share: float, rng: random.Random
) -> list[Assignment]:
    share = (("human", human_share), ("machine", 1 - Fraction(repr(human_share))))
    n_human = _counts(n_rooms, weights=share, rng=rng)["human"]
    rooms = [Assignment(human=None, kind=Kind.HUMAN, profile=None)] * n_human
    for name, n in _counts(n_rooms - n_human, weights=profiles, rng=rng).items():
        rooms += [Assignment(human=None, kind=Kind.MACHINE, profile=name)] * n
    return rooms


def _counts(
    n: int, *, weights: Sequence[tuple[str, float | Fraction]], rng: random.Random
) -> dict[str, int]:
    """Split n by weight: each part is its expectation rounded up or down, and exact on average."""
    # Decimal text, not the binary float: 10 rooms at 0.3 are always 3, never 2.
    exact = [(name, Fraction(str(weight))) for name, weight in weights]
    rng.shuffle(exact)
    total = sum(weight for _, weight in exact)
    upto, before = Fraction(rng.random()), 0
    counts = {}
    for name, weight in exact:
        upto += n * weight / total
        counts[name] = int(upto) - before
        before = int(upto)
    return counts
