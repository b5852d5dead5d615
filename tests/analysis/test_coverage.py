"""Clustered intervals cover the truth as often as they say; naive ones do not."""

import numpy as np
import pytest

import analysis as ta

pytestmark = pytest.mark.slow

REPLICATIONS = 5000
TIMES_MS = (120_000, 300_000)
ROOMS_EACH = 15
DESIGN = ta.Design(no_show_share=0)


def share_covered(n_people: int, *, clustered: bool, replications: int) -> np.ndarray:
    """Share of studies whose intervals hold the truth: causes by times."""
    truth = ta.Truth(design=DESIGN)
    wanted = np.array([[truth.incidence(t, cause) for t in TIMES_MS] for cause in (1, 2)])
    rng = np.random.default_rng([n_people, 3])
    n_covered = np.zeros(wanted.shape)
    for _ in range(replications):
        rooms = ta.draw_times(
            DESIGN, n_rooms=n_people * ROOMS_EACH, n_interrogators=n_people, rng=rng
        )
        # Whole seconds, rounded up, leave the truth at whole seconds as it is.
        second = -(-rooms.time // 1000) * 1000
        who = rooms.interrogator if clustered else None
        curve = ta.cumulative_incidence(second, rooms.cause, cluster=who)
        at = np.searchsorted(curve.times, TIMES_MS, side="right") - 1
        n_covered += (curve.low[:, at] <= wanted) & (wanted <= curve.high[:, at])
    return n_covered / replications


@pytest.mark.parametrize("n_people", [8, 15, 30, 60])
def test_clustered_intervals_cover(n_people: int) -> None:
    covered = share_covered(n_people, clustered=True, replications=REPLICATIONS)
    assert (covered >= 0.935).all() and (covered <= 0.965).all(), covered


@pytest.mark.parametrize("n_people", [8, 60])
def test_intervals_that_ignore_repetition_do_not(n_people: int) -> None:
    covered = share_covered(n_people, clustered=False, replications=400)
    assert (covered < 0.9).all(), covered
