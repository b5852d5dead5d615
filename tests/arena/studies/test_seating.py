import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.rules import Format, Kind
from arena.studies.seating import Assignment, assign

WEIGHTS = st.lists(st.sampled_from([0.1, 0.3, 0.5, 1, 2, 2.5, 7]), min_size=1, max_size=5).map(
    lambda weights: tuple((f"m{n}", weight) for n, weight in enumerate(weights))
)
SEEDS = st.integers(0, 2**32)
N_ROOMS = st.integers(0, 60)


def _is_rounded(count: int, expected: Fraction) -> bool:
    return abs(count - expected) < 1


@settings(max_examples=300, derandomize=True)
@given(N_ROOMS, WEIGHTS, SEEDS)
def test_three_party_is_balanced_by_profile_and_side(n_rooms: int, profiles, seed: int) -> None:
    rooms = assign(
        n_rooms,
        format=Format.THREE_PARTY,
        profiles=profiles,
        human_share=None,
        rng=random.Random(seed),
    )
    total = sum(Fraction(str(weight)) for _, weight in profiles)
    by_profile = Counter(room.profile for room in rooms)
    by_place = Counter((room.profile, room.human) for room in rooms)
    assert len(rooms) == n_rooms
    assert all(room.kind is None and room.human in ("A", "B") for room in rooms)
    assert abs(sum(1 if room.human == "A" else -1 for room in rooms)) == n_rooms % 2
    for name, weight in profiles:
        assert _is_rounded(by_profile[name], n_rooms * Fraction(str(weight)) / total)
        assert abs(by_place[name, "A"] - by_place[name, "B"]) <= 1


@settings(max_examples=300, derandomize=True)
@given(N_ROOMS, WEIGHTS, SEEDS, st.sampled_from([0, 0.1, 0.25, 0.3, 0.5, 0.7, 1]))
def test_two_party_keeps_the_share_of_humans(n_rooms: int, profiles, seed: int, share) -> None:
    rooms = assign(
        n_rooms,
        format=Format.TWO_PARTY,
        profiles=profiles,
        human_share=share,
        rng=random.Random(seed),
    )
    kinds = Counter(room.kind for room in rooms)
    assert len(rooms) == n_rooms
    assert _is_rounded(kinds[Kind.HUMAN], n_rooms * Fraction(str(share)))
    assert all(room.human is None for room in rooms)
    assert all((room.profile is None) == (room.kind == Kind.HUMAN) for room in rooms)


def test_whole_expectations_are_met_exactly() -> None:
    for seed in range(200):
        rooms = assign(
            20,
            format=Format.TWO_PARTY,
            profiles=(("x", 1), ("y", 2.5)),
            human_share=0.3,
            rng=random.Random(seed),
        )
        assert Counter(room.profile for room in rooms) == {None: 6, "x": 4, "y": 10}


def test_remainders_are_drawn_in_proportion() -> None:
    rng = random.Random(7)
    n = Counter(
        assign(
            1, format=Format.THREE_PARTY, profiles=(("x", 1), ("y", 3)), human_share=None, rng=rng
        )[0].profile
        for _ in range(4000)
    )
    assert 0.72 < n["y"] / 4000 < 0.78


def test_order_and_side_are_uniform() -> None:
    rng = random.Random(11)
    batches = [
        assign(4, format=Format.THREE_PARTY, profiles=(("x", 1),), human_share=None, rng=rng)
        for _ in range(6000)
    ]
    orders = Counter("".join(str(room.human) for room in batch) for batch in batches)
    assert set(orders) == {"AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA"}
    assert all(880 < n < 1120 for n in orders.values())


def test_a_lone_room_has_the_human_on_either_side() -> None:
    rng = random.Random(3)
    sides = Counter(
        assign(1, format=Format.THREE_PARTY, profiles=(("x", 1),), human_share=None, rng=rng)[
            0
        ].human
        for _ in range(2000)
    )
    assert 900 < sides["A"] < 1100


def test_the_system_source_can_draw() -> None:
    rng = random.SystemRandom()
    rooms = assign(2, format=Format.THREE_PARTY, profiles=(("x", 1),), human_share=None, rng=rng)
    assert sorted(rooms, key=lambda room: str(room.human)) == [
        Assignment(human="A", kind=None, profile="x"),
        Assignment(human="B", kind=None, profile="x"),
    ]


@pytest.mark.parametrize(
    ("n_rooms", "format", "profiles", "share"),
    [
        (-1, Format.THREE_PARTY, (("x", 1),), None),
        (1, Format.THREE_PARTY, (), None),
        (1, Format.THREE_PARTY, (("x", 0),), None),
        (1, Format.TWO_PARTY, (("x", 1),), None),
        (1, Format.TWO_PARTY, (("x", 1),), 1.5),
    ],
)
def test_what_cannot_be_drawn_is_refused(n_rooms: int, format: Format, profiles, share) -> None:
    with pytest.raises(ValueError):
        assign(n_rooms, format=format, profiles=profiles, human_share=share, rng=random.Random(1))
