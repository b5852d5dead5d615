"""The sections of a report that show time to detection: a curve per clock, and the machines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis import axis, page
from analysis.clocks import Clock
from analysis.detection import Commitment, Rule, detections, study_rule
from analysis.errors import ArgumentError
from analysis.incidence import CumulativeIncidence, cumulative_incidence
from analysis.limits import lacking
from analysis.page import Drawing, Headline, Section, Table
from analysis.plots import NAMES, plot_incidence
from analysis.study import Study

TITLES = {
    Clock.WALL: "Time to detection",
    Clock.ACTIVE: "Time to detection in active time",
    Clock.MESSAGES: "Messages to detection",
}

_TWO_PARTY_NAMES = {
    "machine": ("Machine detected", "Machine taken for a human"),
    "human": ("Human recognised", "Human falsely accused"),
}

_ASSUMES = (
    "Rooms that ended without a decision are censored: it is assumed that they would have gone on "
    "like those still open. Interrogators are assumed independent of each other; rooms of one "
    "interrogator are not. Bands hold at each time, not for the whole curve at once."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Decided rooms on one clock, and the incidence estimated from them."""

    study: Study
    clock: Clock
    witness: str
    rooms: pd.DataFrame
    result: CumulativeIncidence
    end: float

    @property
    def unit(self) -> axis.Unit:
        """What times are shown in."""
        return axis.unit_of(self.clock, self.end)

    @property
    def names(self) -> tuple[str, str]:
        """What causes 1 and 2 are called in this study."""
        return NAMES if self.study.format == "three_party" else _TWO_PARTY_NAMES[self.witness]

    @property
    def has_net(self) -> bool:
        """Whether guessing would give both causes the same share."""
        return self.study.format == "three_party"

    @property
    def lacks(self) -> str:
        """What is missing for numbers."""
        return _lacks(self.result)

    @property
    def end_words(self) -> str:
        """The end of the axis, in words."""
        return axis.words(self.end, self.clock, unit=self.unit)


def estimate(
    study: Study, clock: Clock, *, witness: str = "machine", rule: Rule | None = None
) -> Curve:
    """Date the decisions and estimate the incidence, clustered by interrogator."""
    rooms = detections(study, clock, rule, witness=witness)
    result = cumulative_incidence(rooms["time"], rooms["cause"], cluster=rooms["interrogator"])
    decided = rooms.loc[rooms["cause"] != 0, "time"].max() if len(rooms) else 0
    longest = rooms["time"].max() if len(rooms) else 1
    planned = study.duration_ms if clock is Clock.WALL else longest
    return Curve(
        study=study,
        clock=clock,
        witness=witness,
        rooms=rooms,
        result=result,
        end=float(np.nanmax([planned, decided, 1])),
    )


def curve_section(curve: Curve, *, says: Sequence[str] = ()) -> Section:
    """A curve with its numbers."""
    key = curve.clock if curve.witness == "machine" else f"{curve.clock}-{curve.witness}"
    title = TITLES[curve.clock]
    if curve.witness == "human":
        title = "Rooms with a human witness"
    if curve.result.n == 0:
        return Section(key=key, title=title, says=tuple(says), lacks="No room can be counted yet.")
    return Section(
        key=key,
        title=title,
        says=tuple(says),
        lacks=curve.lacks,
        drawings=(_drawing(curve, key),),
        tables=() if curve.lacks else (_grid(curve),),
        assumes=_ASSUMES,
        data=_data(curve, key),
    )


def headlines(curve: Curve) -> tuple[Headline, ...]:
    """The numbers at the head of the report."""
    if curve.lacks:
        return ()
    result, made = curve.result, []
    for name, cause in zip(curve.names, (1, 2), strict=True):
        found = result.at(curve.end, cause)
        made.append(_headline(found.value, found.low, found.high, f"{name} by {curve.end_words}"))
    if curve.has_net:
        net = result.net().at(curve.end)
        made.append(_headline(net.value, net.low, net.high, "Detected less falsely accused"))
    median = result.quantile(0.5)
    value = axis.words(median.value, curve.clock, unit=curve.unit)
    interval = page.time_range(median, curve.clock, curve.unit)
    made.append(Headline(value=value, name="Median time to detection", interval=interval))
    return tuple(made)


def machines_section(curve: Curve) -> Section:
    """Each machine profile on the wall clock."""
    found = {
        str(name): cumulative_incidence(
            rooms["time"], rooms["cause"], cluster=rooms["interrogator"]
        )
        for name, rooms in curve.rooms.groupby("profile", sort=True)
    }
    return Section(
        key="machines",
        title="Machine profiles over time",
        says=("The longer a machine lasts, the lower its share of detections and the later.",),
        lacks="" if found else "No room with a machine can be counted yet.",
        tables=(_machine_shares(found, curve), _machine_times(found, curve)) if found else (),
        assumes="Machines met by different interrogators or in other rooms may differ for that "
        "reason alone: assignment is random within a study, and not between studies.",
    )


def sensitivity_section(curve: Curve) -> Section | None:
    """Other thresholds that the study named in advance; None if it has no threshold."""
    rule = study_rule(curve.study)
    given = curve.study.config.get("commitment")
    others = given.get("sensitivity") if isinstance(given, dict) else None
    if rule.commitment is not Commitment.THRESHOLD or not others or curve.lacks:
        return None
    taus = sorted({rule.tau, *(float(tau) for tau in others)})
    rows = []
    for tau in taus:
        other = Rule(
            commitment=rule.commitment,
            tau=tau,
            dwell_ms=rule.dwell_ms,
            dwell_messages=rule.dwell_messages,
        )
        found = estimate(curve.study, curve.clock, witness=curve.witness, rule=other).result
        name = f"{tau:g}" + (" (the study's rule)" if tau == rule.tau else "")
        rows.append((name, *(page.share(found.at(curve.end, cause)) for cause in (1, 2))))
    caption = f"Incidence by {curve.end_words}, with 95 % intervals."
    table = Table(caption=caption, head=("Threshold", *curve.names), rows=tuple(rows))
    return Section(
        key="sensitivity",
        title="Other thresholds",
        says=("How much the numbers owe to the belief at which a room counts as decided.",),
        tables=(table,),
    )


def _headline(value: float, low: float, high: float, name: str) -> Headline:
    return Headline(value=page.percent(value), name=name, interval=page.percent_range(low, high))


def _drawing(curve: Curve, key: str) -> Drawing:
    mark = "SIMULATED" if curve.study.simulated else ""
    wide, narrow = (
        plot_incidence(
            curve.result,
            clock=curve.clock,
            horizon=curve.end,
            names=curve.names,
            width=width,
            mark=mark,
        )
        for width in ("wide", "narrow")
    )
    names = " and ".join(name.lower() for name in curve.names)
    return Drawing(
        name=f"incidence-{key}",
        description=f"{mark} Cumulative incidence: {names}, with numbers at risk.".strip(),
        wide=wide,
        narrow=narrow,
    )


def _grid(curve: Curve) -> Table:
    result, net = curve.result, curve.result.net()
    places = [place for place in axis.ticks(curve.unit, curve.end, 6) if place > 0]
    if not places or places[-1] < curve.end:
        places.append(curve.end)
    rows = []
    for place in places:
        at_risk = int(np.append(result.n_at_risk, 0)[np.searchsorted(result.times, place)])
        cells = [page.share(result.at(place, cause)) for cause in (1, 2)]
        cells += [page.share(net.at(place))] if curve.has_net else []
        rows.append((axis.words(place, curve.clock, unit=curve.unit), f"{at_risk}", *cells))
    head = ("By", "At risk", *curve.names, *(("Net",) if curve.has_net else ()))
    caption = "Cumulative incidence with 95 % intervals, clustered by interrogator."
    return Table(caption=caption, head=head, rows=tuple(rows))


def _data(curve: Curve, key: str) -> tuple[tuple[str, pd.DataFrame], ...]:
    made = [(f"detections-{key}", curve.rooms)]
    if not curve.lacks:
        made.append((f"incidence-{key}", curve.result.table))
        if curve.has_net:
            made.append((f"net-{key}", curve.result.net().table))
    return tuple(made)


def _machine_shares(found: Mapping[str, CumulativeIncidence], curve: Curve) -> Table:
    rows = []
    for name, result in found.items():
        counts = (name, f"{result.n}", f"{result.n_clusters}")
        cells = ["too few"] * 3
        if not _lacks(result):
            cells = [page.share(result.at(curve.end, cause)) for cause in (1, 2)]
            cells.append(page.share(result.net().at(curve.end)))
        rows.append((*counts, *cells[: 3 if curve.has_net else 2]))
    net = ("Net",) if curve.has_net else ()
    head = ("Machine profile", "Rooms", "Interrogators", *curve.names, *net)
    caption = f"By {curve.end_words}, with 95 % intervals."
    return Table(caption=caption, head=head, rows=tuple(rows))


def _machine_times(found: Mapping[str, CumulativeIncidence], curve: Curve) -> Table:
    rows = []
    for name, result in found.items():
        cells = ("too few", "too few")
        if not _lacks(result):
            median = page.moment(result.quantile(0.5), curve.clock, curve.unit)
            cells = (_lost(result, curve), median)
        rows.append((name, *cells))
    head = ("Machine profile", "Time lost to detection", "Median time to detection")
    caption = "Time lost: the mean time by which detection came before the end, 0 without one."
    return Table(caption=caption, head=head, rows=tuple(rows))


def _lost(result: CumulativeIncidence, curve: Curve) -> str:
    try:
        return page.moment(result.time_lost(curve.end), curve.clock, curve.unit)
    except ArgumentError:
        return page.NOT_KNOWN


def _lacks(result: CumulativeIncidence) -> str:
    return lacking(result.n, result.n_clusters or 0)
