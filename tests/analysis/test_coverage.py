"""Clustered intervals cover the truth as often as they say; naive ones do not."""

import math
from collections import Counter

import pytest

from tests.analysis.coverage_studies import STUDIES, count

#: Studies: a coverage of 95 % has an error of 0.35 points in 4 000, of 1 in 500. Those of
#: estimating equations take long, and are the same without correlation.
MANY, SOME, CHUNK = 4000, 500, 500
FEWER = {"equations": 2000}
SIZES = (8, 15, 30, 60)
BAND = (0.935, 0.965)
#: Of one size, in every run of the tests: enough to see a gross error at once.
QUICK, QUICK_SIZE = {"hazards": 200, "equations": 100}, 15

#: Plain intervals for a share are offered because they are known; near 0 they are too low.
TOO_SHORT = ", plain"

#: What is drawn per room is compared within interrogators, which a naive interval survives.
NAIVE_HOLDS = {"hazards": {"Cox, the room", "per message, the room"}}


def shares(kind: str, n_people: int, *, clustered: bool, studies: int) -> dict[str, float]:
    """How often each interval holds the truth."""
    total: Counter[str] = Counter()
    for chunk in range(studies // CHUNK):
        total.update(count(kind, n_people, clustered, chunk, CHUNK))
    return {name: total[name] / studies for name in STUDIES[kind][1]()}


@pytest.mark.parametrize("kind", STUDIES)
def test_clustered_intervals_cover_as_far_as_a_few_studies_tell(kind: str) -> None:
    studies = QUICK.get(kind, 400)
    slack = 3 * math.sqrt(0.95 * 0.05 / studies)
    hits = count(kind, QUICK_SIZE, True, 0, studies)
    outside = {
        name: n / studies
        for name, n in hits.items()
        if not _near(n / studies, slack) and not name.endswith(TOO_SHORT)
    }
    assert not outside


def _near(share: float, slack: float) -> bool:
    return BAND[0] - slack <= share <= BAND[1] + slack


@pytest.mark.monte_carlo
@pytest.mark.parametrize("n_people", SIZES)
@pytest.mark.parametrize("kind", STUDIES)
def test_clustered_intervals_cover(kind: str, n_people: int) -> None:
    found = shares(kind, n_people, clustered=True, studies=FEWER.get(kind, MANY))
    outside = {
        name: share
        for name, share in found.items()
        if not BAND[0] <= share <= BAND[1] and not name.endswith(TOO_SHORT)
    }
    assert not outside


@pytest.mark.monte_carlo
@pytest.mark.parametrize("n_people", SIZES)
@pytest.mark.parametrize("kind", ["curves", "hazards", "answers", "means"])
def test_intervals_that_ignore_repetition_do_not(kind: str, n_people: int) -> None:
    found = shares(kind, n_people, clustered=False, studies=SOME)
    limit = BAND[0] - 3 * math.sqrt(0.95 * 0.05 / SOME)
    failing = {name: share for name, share in found.items() if share < limit}
    assert set(found) - set(failing) == NAIVE_HOLDS.get(kind, set())
