"""How often clustered intervals hold the truth when some people play sixty rooms and some two.

``python bench/coverage.py --studies 2000`` prints one line per cell of the table in
`docs/statistics.md`. The tests of the analysis take their studies from here.
"""

import argparse
import math
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import analysis as ta
from analysis.numerics.limits import FEW_EFFECTIVE

MINUTE, END_MS, TAU_MS = 60_000, 600_000, 540_000
TIMES_MS = (60_000, 180_000, 360_000, 570_000)
BAND_MS = (60_000, 570_000)

#: Decisions per minute of a middling person; spread of paces and skills between people (logs).
RATE, PACE_SD, SKILL_SD = 0.15, 0.6, 1.0
#: Log-odds of a right decision against each of two machines.
MACHINES = np.array([0.9, -0.1])
#: Rooms lost per minute, of everybody alike, or of a middling person in proportion to pace.
LOSS, LOSS_BY_PACE = 0.04, 0.08
#: Spread of how hard human witnesses are to tell (logits), in studies where they come back.
WITNESS_SD = 0.8
ROOMS_EACH, SIZE_SD, MOST = 11, 0.9, 60

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of study."""

    people: int
    unequal: bool = False
    loss_by_pace: bool = False
    crossed: bool = False

    def __str__(self) -> str:
        words = f"{'unequal' if self.unequal else 'equal'}, G={self.people}"
        words += ", drop-out by pace" if self.loss_by_pace else ""
        return words + (", witnesses come back" if self.crossed else "")


SIZES = (5, 8, 15, 30, 60)
CELLS = (
    *(Cell(g, unequal=True) for g in SIZES),
    *(Cell(g, unequal=True, loss_by_pace=True) for g in SIZES),
    *(Cell(g) for g in SIZES),
)
CROSSED = tuple(Cell(g, unequal=u, crossed=True) for u in (False, True) for g in (15, 30, 60))


@dataclass(frozen=True, slots=True)
class Rooms:
    """One simulated study; times in milliseconds."""

    who: np.ndarray
    witness: np.ndarray
    machine: np.ndarray
    time: np.ndarray
    cause: np.ndarray
    stated: np.ndarray

    @property
    def effective(self) -> float:
        """People of equally many rooms that these are worth."""
        size = np.bincount(self.who).astype(float)
        return float(size.sum() ** 2 / (size @ size))


def draw(cell: Cell, rng: np.random.Generator) -> Rooms:
    """Draw a study."""
    size = np.full(cell.people, ROOMS_EACH)
    if cell.unequal:
        mean = math.log(ROOMS_EACH) - SIZE_SD**2 / 2
        size = np.clip(np.exp(rng.normal(mean, SIZE_SD, cell.people)).round(), 1, MOST).astype(int)
    who = np.repeat(np.arange(cell.people), size)
    n = len(who)
    # Witnesses are the same people, as often as they like to play.
    witness = rng.choice(cell.people, n, p=size / n)
    hard = rng.normal(0, WITNESS_SD, cell.people)[witness] * cell.crossed
    pace = np.exp(rng.normal(0, PACE_SD, cell.people))[who]
    skill = rng.normal(0, SKILL_SD, cell.people)[who]
    machine = rng.integers(0, 2, n)
    right = rng.random(n) < special.expit(MACHINES[machine] + skill + hard)
    decided = rng.exponential(size=n) / (RATE * pace) * MINUTE
    loss = LOSS_BY_PACE * pace if cell.loss_by_pace else np.full(n, LOSS)
    lost = np.minimum(rng.exponential(size=n) / loss * MINUTE, END_MS)
    bold = rng.normal(0, 1, cell.people)[who] + rng.normal(0, 1, n)
    return Rooms(
        who=who,
        witness=witness,
        machine=machine,
        time=np.ceil(np.minimum(decided, lost)).astype(np.int64),
        cause=np.where(decided > lost, 0, np.where(right, 1, 2)),
        # Percentages, as they are given.
        stated=(0.5 + special.expit(bold) / 2).round(2),
    )


def truth(cell: Cell) -> dict[str, float]:
    """What the estimates tend to in ever larger studies of this kind."""
    (nodes, weights), (t, decided) = _people(), _decided(cell)
    sd = math.hypot(SKILL_SD, WITNESS_SD if cell.crossed else 0.0)
    shares = [float(special.expit(m + sd * nodes) @ weights) for m in MACHINES]
    right = sum(shares) / 2
    at = {time: float(np.interp(time / MINUTE, t, decided)) for time in TIMES_MS}
    found: dict[str, float] = {}
    for name, share in (("F1", right), ("F2", 1 - right), ("net", 2 * right - 1)):
        found |= {f"{name} {time / MINUTE:g}": at[time] * share for time in TIMES_MS}
    inside = t <= TAU_MS / MINUTE
    area = float(np.trapezoid(decided[inside], t[inside])) * MINUTE
    gap = area * (shares[0] - shares[1])
    found |= {"lost 1": area * right, "lost 2": area * (1 - right)}
    found |= {"difference 1": gap, "difference 2": -gap, "undecided": TAU_MS - area}
    found |= {"share": right, "share of one machine": shares[0]}
    # Confidence does not depend on being right.
    first, second = _stated_moments()
    found["Brier score"] = second - 2 * first * right + right
    return found | {"calibration slope": 0.0}


def _people() -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of a standard normal distribution."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return nodes, weights / weights.sum()


def _decided(cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """Minutes, and the share decided by then that Aalen-Johansen curves tend to."""
    nodes, weights = _people()
    pace, t = np.exp(PACE_SD * nodes), np.arange(0, END_MS + 1, 500) / MINUTE
    loss = LOSS_BY_PACE * pace if cell.loss_by_pace else np.full(len(pace), LOSS)
    open_ = weights * np.exp(-np.multiply.outer(t, RATE * pace + loss))
    hazard = open_ @ (RATE * pace) / open_.sum(axis=1)
    risen = np.concatenate([[0.0], np.cumsum((hazard[1:] + hazard[:-1]) / 2 * np.diff(t))])
    return t, 1 - np.exp(-risen)


def _stated_moments() -> tuple[float, float]:
    nodes, weights = _people()
    stated = 0.5 + special.expit(math.sqrt(2) * nodes) / 2
    return float(stated @ weights), float(stated**2 @ weights)


def whole_curves(cell: Cell) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Times and truth of what bands have to hold at once."""
    times = np.arange(BAND_MS[0], BAND_MS[1] + 1, 15_000)
    decided = np.interp(times / MINUTE, *_decided(cell))
    right = truth(cell)["share"]
    return {"band F1": (times, decided * right), "band net": (times, decided * (2 * right - 1))}


def intervals(rooms: Rooms, cluster: np.ndarray) -> dict[str, Ends]:
    """The interval of every estimate, by the names of `truth`."""
    curve = ta.cumulative_incidence(rooms.time, rooms.cause, cluster=cluster)
    net, found = curve.net(), {}
    for time in TIMES_MS:
        each = {"F1": curve.at(time, 1), "F2": curve.at(time, 2), "net": net.at(time)}
        found |= {f"{k} {time / MINUTE:g}": (e.low, e.high) for k, e in each.items()}
    open_ = ta.kaplan_meier(rooms.time, rooms.cause > 0, cluster=cluster)
    areas = {"lost 1": lambda: curve.time_lost(TAU_MS, 1)}
    areas |= {"lost 2": lambda: curve.time_lost(TAU_MS, 2)}
    areas |= {"undecided": lambda: open_.restricted_mean(TAU_MS)}
    for name, area in areas.items():
        found[name] = _ends(area)
    for of in (1, 2):
        found[f"difference {of}"] = _difference(rooms, cluster, of)
    given = rooms.cause > 0
    right, who = (rooms.cause == 1)[given], cluster[given]
    share = ta.accuracy(right, rooms.machine[given], cluster=who)
    found["share of one machine"] = _of_machine(share)
    alike = ta.accuracy(right, cluster=who)
    found["share"] = float(alike.cluster_low[0]), float(alike.cluster_high[0])
    if cluster.ndim > 1:  # one cluster for nearly every room takes long
        return found
    stated = ta.calibration(rooms.stated[given], right, cluster=who, n_resamples=1)
    found["Brier score"] = stated.brier.low, stated.brier.high
    found["calibration slope"] = stated.slope.low, stated.slope.high
    return found


def _ends(area: Callable[[], ta.Estimate]) -> Ends:
    try:
        found = area()
    except ta.ArgumentError:  # nobody is left at the horizon
        return math.nan, math.nan
    return found.low, found.high


def _difference(rooms: Rooms, cluster: np.ndarray, of: int) -> Ends:
    """Of the first machine less the second, which are compared in the order of their rooms."""
    try:
        found = ta.time_lost_differences(
            rooms.time, rooms.cause, rooms.machine, tau=TAU_MS, of=of, cluster=cluster
        )
    except ta.ArgumentError:
        return math.nan, math.nan
    low, high = float(found.low[0]), float(found.high[0])
    return (low, high) if found.first[0] == 0 else (-high, -low)


def _of_machine(share: ta.Accuracy) -> Ends:
    if 0 not in share.groups:
        return math.nan, math.nan
    k = share.groups.index(0)
    return float(share.cluster_low[k]), float(share.cluster_high[k])


def hold(rooms: Rooms, of: int | str, curve: tuple[np.ndarray, np.ndarray]) -> bool | None:
    """Whether a band holds the whole truth from its start on; None if there is no band."""
    found = ta.cumulative_incidence(rooms.time, rooms.cause, cluster=rooms.who)
    band = ta.simultaneous_band(found, of, start=BAND_MS[0], end=BAND_MS[1], n_draws=1000)
    if not len(band.times) or np.isnan(band.width):
        return None
    at = np.searchsorted(band.times, curve[0], side="right") - 1
    inside = at >= 0
    low, high, wanted = band.low[at[inside]], band.high[at[inside]], curve[1][inside]
    return bool(((low <= wanted) & (wanted <= high)).all())


def count(cell: Cell, studies: int, seed: int, *, bands: bool = True) -> dict[str, Counter[str]]:
    """Studies that have an interval, and those whose interval holds the truth, by estimate.

    Studies whose people are worth too few of equally many rooms are left out, as reports say so
    instead of printing a number. Where witnesses come back, both one and two ways are counted.
    """
    rng, wanted, curves = np.random.default_rng([seed, hash_of(cell)]), truth(cell), {}
    if bands and not cell.crossed:
        curves = whole_curves(cell)
    known: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for _ in range(studies):
        rooms = draw(cell, rng)
        if rooms.effective < FEW_EFFECTIVE:
            continue
        known["studies"] += 1
        ways = {"": rooms.who}
        if cell.crossed:
            ways[", two ways"] = np.stack([rooms.who, rooms.witness], axis=1)
        for way, cluster in ways.items():
            for name, (low, high) in intervals(rooms, cluster).items():
                if math.isfinite(low) and math.isfinite(high):
                    known[name + way] += 1
                    held[name + way] += low <= wanted[name] <= high
        for name, curve in curves.items():
            answer = hold(rooms, "net" if name == "band net" else 1, curve)
            if answer is not None:
                known[name] += 1
                held[name] += answer
    return {"known": known, "held": held}


def hash_of(cell: Cell) -> int:
    """A number of its own for each cell."""
    return cell.people * 8 + cell.unequal * 4 + cell.loss_by_pace * 2 + cell.crossed


def main() -> None:
    """Print the coverage of every estimate, cell by cell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=200, help="in each cell")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-bands", action="store_true", help="pointwise intervals only")
    parser.add_argument("--crossed", action="store_true", help="studies whose witnesses come back")
    chosen = parser.parse_args()
    for cell in CROSSED if chosen.crossed else CELLS:
        found = count(cell, chosen.studies, chosen.seed, bands=not chosen.no_bands)
        known, held = found["known"], found["held"]
        lines = [f"{cell}: {known['studies']} of {chosen.studies} studies"]
        for name in held:
            share, n = held[name] / known[name], known[name]
            error = math.sqrt(share * (1 - share) / n)
            lines.append(f"  {name:28} {100 * share:5.1f} ± {100 * error:.1f}  ({n})")
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
