"""The bench's pipeline is the product's: the same figures, and a line that hides a model's time."""

import random

from arena.services.replies import LISTEN
from arena.witnesses import listening
from bench.pacing.pipeline import HIDDEN, IN_SIGHT, LISTEN_S, LISTENS_S


def test_constants_are_the_product_s() -> None:
    assert LISTEN.total_seconds() == LISTEN_S
    assert listening.LISTENS_S == LISTENS_S


def shown(pipeline: object, wait_s: float) -> float:
    rng = random.Random(1)
    draw = lambda n_out, own: wait_s  # noqa: E731
    return pipeline.shown_s(draw, rule="calibrated", n_out=5, seed=1, rng=rng)  # type: ignore[attr-defined, no-any-return]


def test_a_line_hides_a_models_time_and_without_one_it_is_a_floor() -> None:
    assert shown(HIDDEN, 0.2) == 0.2
    assert shown(IN_SIGHT, 0.2) > 2
    assert shown(IN_SIGHT, 30.0) == 30.0
