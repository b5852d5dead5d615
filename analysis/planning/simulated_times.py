"""Times and causes of many simulated rooms at once, without their messages: for planning and tests.

Drawn from the same design, and with the same truth, as whole simulated studies in which the verdict
alone decides.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.numerics.arrays import Floats, Ints
from analysis.planning.simulation import Design, check_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Simulated times, one row per room that went live: whole milliseconds, and cause 0 to 2."""

    time: Ints
    cause: Ints
    interrogator: Ints
    machine: Ints  # position in the design


def draw_times(
    design: Design, *, n_rooms: int, n_interrogators: int, rng: np.random.Generator
) -> Drawn:
    """Draw rooms of a design; interrogators take turns, and meet the machines in turn."""
    check_size(n_rooms, n_interrogators)
    number = np.arange(n_rooms)
    who = number % n_interrogators
    machine = (number // n_interrogators + who) % len(design.machines)
    live = rng.random(n_rooms) >= design.no_show_share
    who, machine = who[live], machine[live]
    pace = rng.gamma(design.pace_shape, 1 / design.pace_shape, n_interrogators)[who]
    decided = _decided_ms(design, machine, pace, rng=rng)
    lost = _lost_ms(design, pace, rng)
    right = rng.random(len(who)) < _p_right(design, rng.random(n_interrogators))[who, machine]
    end = np.minimum(np.minimum(decided, lost), design.duration_s * 1000)
    cause = np.where(end == decided, np.where(right, 1, 2), 0)
    return Drawn(time=end, cause=cause, interrogator=who, machine=machine)


def _decided_ms(design: Design, machine: Ints, pace: Floats, *, rng: np.random.Generator) -> Ints:
    rate = np.array([m.rate_per_min for m in design.machines])[machine] * pace / 60_000
    decided = rng.exponential(1, len(machine)) / rate
    if (switching := design.switching) is not None:
        decided = switching.spend(rng, decided)
    return _whole(decided)


def _lost_ms(design: Design, pace: Floats, rng: np.random.Generator) -> Ints:
    with np.errstate(divide="ignore"):
        mean = 60_000 / (design.loss_per_min * pace**design.loss_by_pace)
    return _whole(rng.exponential(1, len(pace)) * mean)


def _whole(time: Floats) -> Ints:
    return np.minimum(time, 1e15).astype(np.int64) + 1


def _p_right(design: Design, skill: Floats) -> Floats:
    """Probability of a right decision, interrogators by machines."""
    mean = np.array([m.p_right for m in design.machines])
    a, b = mean * design.skill_concentration, (1 - mean) * design.skill_concentration
    return np.asarray(special.betaincinv(a, b, skill[:, None]))
