"""Clustered intervals cover the truth as often as they say; naive ones do not."""

import math
import multiprocessing
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

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


@pytest.fixture(scope="module")
def workers() -> Iterator[ProcessPoolExecutor]:
    # Each worker is a thread of its own; more would only be in each other's way.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
            yield pool


def shares(
    pool: ProcessPoolExecutor, kind: str, n_people: int, *, clustered: bool, studies: int
) -> dict[str, float]:
    jobs = [
        pool.submit(count, kind, n_people, clustered, chunk, CHUNK)
        for chunk in range(studies // CHUNK)
    ]
    total = sum((Counter(job.result()) for job in jobs), Counter())
    return {name: total[name] / studies for name in STUDIES[kind][1]()}


@pytest.mark.parametrize("kind", STUDIES)
def test_clustered_intervals_cover_as_far_as_a_few_studies_tell(kind: str) -> None:
    studies = QUICK.get(kind, 400)
    slack = 3 * math.sqrt(0.95 * 0.05 / studies)
    hits = count(kind, QUICK_SIZE, True, 0, studies)
    shares = {name: n / studies for name, n in hits.items() if not name.endswith(TOO_SHORT)}
    outside = {name for name, share in shares.items() if not _near(share, slack)}
    assert not outside


def _near(share: float, slack: float) -> bool:
    return BAND[0] - slack <= share <= BAND[1] + slack


@pytest.mark.monte_carlo
@pytest.mark.parametrize("n_people", SIZES)
@pytest.mark.parametrize("kind", STUDIES)
def test_clustered_intervals_cover(workers: ProcessPoolExecutor, kind: str, n_people: int) -> None:
    found = shares(workers, kind, n_people, clustered=True, studies=FEWER.get(kind, MANY))
    outside = {
        name: share
        for name, share in found.items()
        if not BAND[0] <= share <= BAND[1] and not name.endswith(TOO_SHORT)
    }
    assert not outside


@pytest.mark.monte_carlo
@pytest.mark.parametrize("n_people", SIZES)
@pytest.mark.parametrize("kind", ["curves", "hazards", "answers", "means"])
def test_intervals_that_ignore_repetition_do_not(
    workers: ProcessPoolExecutor, kind: str, n_people: int
) -> None:
    found = shares(workers, kind, n_people, clustered=False, studies=SOME)
    limit = BAND[0] - 3 * math.sqrt(0.95 * 0.05 / SOME)
    failing = {name: share for name, share in found.items() if share < limit}
    assert set(found) - set(failing) == NAIVE_HOLDS.get(kind, set())
