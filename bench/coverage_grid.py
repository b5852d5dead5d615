"""The coverage of clustered intervals, thousands of studies at once, on a grid of times.

The design is that of `coverage.py`, with decisions and losses at the ends of twenty seconds; the
formulas are those of `analysis`, written for arrays of studies x people. A test holds them to the
estimators, study by study. ``python bench/coverage_grid.py --studies 2000`` prints the table of
`docs/statistics.md`; ``--before`` that of G/(G-1) with G - 1 degrees of freedom.
"""

import argparse
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from analysis.numerics.limits import FEW_EFFECTIVE
from bench.coverage import (
    CELLS,
    LOSS,
    LOSS_BY_PACE,
    MACHINES,
    MOST,
    PACE_SD,
    RATE,
    ROOMS_EACH,
    SIZE_SD,
    SKILL_SD,
    Cell,
)

STEP_MIN, STEPS = 1 / 3, 30
#: Steps whose ends are at about 1, 3, 6 and 9.3 minutes, and the horizon of the times lost.
AT, TAU = (2, 8, 17, 27), 27
CHUNK = 200

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Studies:
    """Rooms by study, person, machine, cause (0 to 2) and step."""

    rooms: Array

    @property
    def effective(self) -> Array:
        """People of equally many rooms that those of each study are worth."""
        size = self.rooms.sum(axis=(2, 3, 4))
        return np.asarray(size.sum(axis=1) ** 2 / (size**2).sum(axis=1))


@dataclass(frozen=True, slots=True)
class Estimates:
    """By study: value, error, degrees of freedom, and ends of the interval."""

    value: Array
    error: Array
    df: Array
    low: Array
    high: Array


def draw(cell: Cell, studies: int, rng: np.random.Generator) -> Studies:
    """Draw studies of one kind."""
    shape = (studies, cell.people)
    size = np.full(shape, ROOMS_EACH)
    if cell.unequal:
        mean = math.log(ROOMS_EACH) - SIZE_SD**2 / 2
        size = np.clip(np.exp(rng.normal(mean, SIZE_SD, shape)).round(), 1, MOST).astype(int)
    pace, skill = np.exp(rng.normal(0, PACE_SD, shape)), rng.normal(0, SKILL_SD, shape)
    study, person = np.nonzero(np.ones(shape))
    study, person = (np.repeat(index, size.ravel()) for index in (study, person))
    n = len(study)
    decide, lose = (chance[study, person] for chance in _chances(cell, pace))
    machine = rng.integers(0, 2, n)
    at, lost = rng.geometric(decide) - 1, np.minimum(rng.geometric(lose) - 1, STEPS - 1)
    right = rng.random(n) < special.expit(MACHINES[machine] + skill[study, person])
    cause = np.where(at > lost, 0, np.where(right, 1, 2))
    cells = (((study * cell.people + person) * 2 + machine) * 3 + cause) * STEPS
    counts = np.bincount(cells + np.minimum(at, lost), minlength=math.prod(shape) * 6 * STEPS)
    return Studies(rooms=counts.reshape(*shape, 2, 3, STEPS).astype(float))


def _chances(cell: Cell, pace: Array) -> tuple[Array, Array]:
    """Chances that an open room is decided in a step, and lost at its end."""
    loss = LOSS_BY_PACE * pace if cell.loss_by_pace else np.full(pace.shape, LOSS)
    return -np.expm1(-RATE * pace * STEP_MIN), -np.expm1(-loss * STEP_MIN)


def truth(cell: Cell) -> dict[str, float]:
    """What the estimates tend to in ever larger studies."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    weights = weights / weights.sum()
    decide, lose = _chances(cell, np.exp(PACE_SD * nodes))
    open_ = weights * ((1 - decide) * (1 - lose)) ** np.arange(STEPS)[:, None]
    decided = 1 - np.cumprod(1 - open_ @ decide / open_.sum(axis=1))
    shares = [float(special.expit(m + SKILL_SD * nodes) @ weights) for m in MACHINES]
    right, area = sum(shares) / 2, float(decided[:TAU].sum())
    found = {}
    for name, share in (("F1", right), ("F2", 1 - right), ("net", 2 * right - 1)):
        found |= {f"{name} {step}": float(decided[step]) * share for step in AT}
    gap = area * (shares[0] - shares[1])
    found |= {"lost 1": area * right, "lost 2": area * (1 - right)}
    return found | {"difference 1": gap, "difference 2": -gap, "share": right}


def estimates(studies: Studies, *, before: bool = False) -> dict[str, Estimates]:
    """Every estimate of every study; `before` with G/(G-1) and G - 1 degrees of freedom."""
    both = studies.rooms.sum(axis=2)
    share = _shares(both)
    incidence, sums = _curves(both)
    found = {}
    for step in AT:
        for k, name in enumerate(("F1", "F2")):
            value = incidence[:, k, step]
            found[f"{name} {step}"] = _one(value, sums[:, :, k, step], share, name, before=before)
        value = incidence[:, 0, step] - incidence[:, 1, step]
        each = sums[:, :, 0, step] - sums[:, :, 1, step]
        found[f"net {step}"] = _one(value, each, share, "net", before=before)
    for k in (0, 1):
        area, each = incidence[:, k, :TAU].sum(axis=-1), sums[:, :, k, :TAU].sum(axis=-1)
        found[f"lost {k + 1}"] = _one(area, each, share, "lost", before=before)
        found[f"difference {k + 1}"] = _difference(studies, k, before=before)
    given = both[:, :, 1:]
    right, n = given[:, :, 0].sum(axis=-1), given.sum(axis=(2, 3))
    value = right.sum(axis=1) / n.sum(axis=1)
    each = (right - n * value[:, None]) / n.sum(axis=1, keepdims=True)
    found["share"] = _one(value, each, _shares(given), "share", before=before)
    return found


def _shares(rooms: Array) -> Array:
    size = rooms.sum(axis=(2, 3))
    return np.asarray(size / size.sum(axis=1, keepdims=True))


def _curves(rooms: Array) -> tuple[Array, Array]:
    """Incidence by study, cause and step; influences summed within people."""
    whole = rooms.sum(axis=1)
    n = np.cumsum(whole.sum(axis=1)[:, ::-1], axis=1)[:, ::-1]
    events, some = whole[:, 1:], np.maximum(n, 1)
    left = n - events.sum(axis=1)
    kept = np.cumprod(np.where(n > 0, left / some, 1.0), axis=1)
    share = np.concatenate([np.ones((len(kept), 1)), kept[:, :-1]], axis=1) / some
    incidence = np.cumsum(share[:, None] * events, axis=2)
    hazard = (n - left) / (some * np.maximum(left, 1))
    risen = np.cumsum(hazard, axis=1)
    slope = np.stack([-risen, *[1 / np.maximum(left, 1) - risen] * 2], axis=1)
    waits = rooms.sum(axis=(2, 3))[..., None] - np.cumsum(rooms.sum(axis=2), axis=2)
    sums = np.empty((*rooms.shape[:2], 2, STEPS))
    for k in (0, 1):
        waiting = np.cumsum(share * events[:, k] * (risen - hazard - 1 / some), axis=1)
        fixed = waiting[:, None] + slope * incidence[:, k][:, None]
        fixed[:, k + 1] += share
        past = np.cumsum((rooms * fixed[:, None]).sum(axis=2), axis=2)
        bent = np.cumsum((rooms * slope[:, None]).sum(axis=2), axis=2)
        sums[:, :, k] = past - bent * incidence[:, k][:, None] + waits * waiting[:, None]
    return incidence, sums


def _one(value: Array, sums: Array, share: Array, kind: str, *, before: bool) -> Estimates:
    people = share.shape[1]
    if before:
        variance = (sums**2).sum(axis=1) * people / (people - 1)
        df = np.full(len(value), people - 1.0)
    else:
        variance = (sums**2 / (1 - share)).sum(axis=1)
        df = 1 / (_product([share], [np.ones(len(value))]))
    return _interval(value, variance, df, kind)


def _difference(studies: Studies, k: int, *, before: bool) -> Estimates:
    people, value, total, shares, own = studies.rooms.shape[1], 0.0, 0.0, [], []
    for machine, sign in ((0, 1), (1, -1)):
        rooms = studies.rooms[:, :, machine]
        incidence, sums = _curves(rooms)
        each, share = sums[:, :, k, :TAU].sum(axis=-1), _shares(rooms)
        value = value + sign * incidence[:, k, :TAU].sum(axis=-1)
        total = total + sign * each / (1.0 if before else np.sqrt(1 - share))
        shares.append(share)
        own.append(_own(rooms, k))
    variance = (np.asarray(total) ** 2).sum(axis=1)
    if before:
        df = np.full(len(variance), people - 1.0)
        return _interval(np.asarray(value), variance * people / (people - 1), df, "difference")
    weights = [part / sum(own) for part in own]
    return _interval(np.asarray(value), variance, 1 / _product(shares, weights), "difference")


def _own(rooms: Array, k: int) -> Array:
    """Sum of squared influences of rooms on the area: those alike are a person of their own."""
    code, step = np.nonzero(np.ones((3, STEPS)))
    alike = np.zeros((len(code), 3, STEPS))
    alike[np.arange(len(code)), code, step] = 1
    whole = rooms.sum(axis=1)
    each = whole[:, None] * alike
    _, sums = _curves(each)
    size = each.sum(axis=(2, 3))
    one = sums[:, :, k, :TAU].sum(axis=-1)
    return np.asarray((one**2 / np.maximum(size, 1)).sum(axis=1))


def _product(shares: list[Array], weights: list[Array]) -> Array:
    """``tr P^2`` of the stretched working covariance, whose trace is 1."""
    people, at = shares[0].shape[1], np.arange(shares[0].shape[1])
    matrix = np.zeros((len(shares[0]), people, people))
    for share, weight in zip(shares, weights, strict=True):
        part = -share[:, :, None] * share[:, None, :]
        part[:, at, at] += share
        stretch = (1 - share) ** -0.5
        matrix += part * stretch[:, :, None] * stretch[:, None, :] * weight[:, None, None]
    return np.asarray((matrix**2).sum(axis=(1, 2)))


def _interval(value: Array, variance: Array, df: Array, kind: str) -> Estimates:
    error = np.sqrt(np.where(variance > 1e-20, variance, np.nan))
    reach = special.stdtrit(df, 0.975) * error
    with np.errstate(all="ignore"):
        if kind in ("F1", "F2"):
            log = np.log(value)
            bent = np.exp(reach / (value * log))
            low, high = np.exp(log / bent), np.exp(log * bent)
        elif kind in ("lost", "share"):
            most = TAU if kind == "lost" else 1.0
            p = value / most
            odds, bent = special.logit(p), reach / most / (p * (1 - p))
            low, high = special.expit(odds - bent) * most, special.expit(odds + bent) * most
        else:
            low, high = value - reach, value + reach
    return Estimates(value=value, error=error, df=df, low=low, high=high)


def coverage(
    cell: Cell, studies: int, seed: int = 1, *, before: bool = False
) -> dict[str, tuple[float, int]]:
    """Share of studies whose interval holds the truth, and how many have one, by estimate.

    Studies whose people are worth too few of equally many rooms are left out (not `before`).
    """
    rng, wanted = np.random.default_rng([seed, cell.people, cell.unequal, cell.loss_by_pace]), {}
    wanted = truth(cell)
    held: dict[str, list[Array]] = {name: [] for name in wanted}
    for first in range(0, studies, CHUNK):
        drawn = draw(cell, min(CHUNK, studies - first), rng)
        with np.errstate(all="ignore"):
            found = estimates(drawn, before=before)
        enough = (drawn.effective >= FEW_EFFECTIVE) | before
        for name, each in found.items():
            known = enough & np.isfinite(each.low) & np.isfinite(each.high)
            held[name].append(((each.low <= wanted[name]) & (wanted[name] <= each.high))[known])
    joined = {name: np.concatenate(parts) for name, parts in held.items()}
    return {name: (float(all_.mean()) if len(all_) else math.nan, len(all_))
            for name, all_ in joined.items()}  # fmt: skip


def main() -> None:
    """Print the coverage of every estimate, cell by cell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=2000, help="in each cell")
    parser.add_argument("--before", action="store_true", help="with G/(G-1) and t on G - 1")
    chosen = parser.parse_args()
    for cell in CELLS:
        found = coverage(cell, chosen.studies, before=chosen.before)
        cells = "  ".join(f"{name} {100 * share:.1f}" for name, (share, _) in found.items())
        most = max(n for _, n in found.values())
        sys.stdout.write(f"{cell} ({most} studies): {cells}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
