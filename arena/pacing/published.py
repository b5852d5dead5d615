"""The waits of Jones and Bergen (2024): for replication only, their timing gives a machine away."""

import random


def published_s(*, n_in: int, n_out: int, rng: random.Random) -> float:
    """Return the wait of Jones and Bergen (2024), arXiv 2405.08007.

    1 + N(0.3, 0.03) n_out + N(0.03, 0.003) n_in + Gamma(2.5, 0.25) seconds: a least wait, typing,
    reading, thinking. The paper does not name the gamma's parameters; here they are shape 2.5 and
    scale 0.25 s (mean 0.625 s), since a rate of 0.25 would make every thought 10 s long. A reply
    of 30 characters to 30 takes 11.5 s on average, 5-95 %: 9.9-13.2 s. It varies far less than
    people do: for replicating that study, not for hiding a machine by its timing.
    """
    typing = published_typing_s(n_out, rng=rng)
    reading = rng.gauss(0.03, 0.003) * n_in
    return max(1.0, 1.0 + typing + reading + rng.gammavariate(2.5, 0.25))


def published_typing_s(n_out: int, *, rng: random.Random) -> float:
    """Return the part of such a wait in which `n_out` characters are typed."""
    return rng.gauss(0.3, 0.03) * n_out
