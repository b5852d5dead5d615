"""The sections of a report that show time to detection: a curve per clock, other thresholds."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from analysis.dataset.study import Study
from analysis.errors import ArgumentError
from analysis.numerics.estimate import Estimate
from analysis.numerics.limits import FEW_EFFECTIVE, FEW_INTERROGATORS, FEW_ROOMS, SETTLED_SHARE
from analysis.outcomes.clocks import Clock
from analysis.plots import axis
from analysis.plots.compare import plot_net
from analysis.plots.end_step import has_step
from analysis.plots.incidence import plot_incidence
from analysis.plots.span import Span
from analysis.plots.step_curve import at_risk, known_until, solid_until
from analysis.report import wording
from analysis.report.curves import ClockCurve, drawing, estimate
from analysis.report.page import Drawing, Headline, ReportSection, ReportTable
from analysis.survival.end_states import end_states

CLOCKS = {
    Clock.WALL: ("Live time", "Live time since the room began; pauses do not count."),
    Clock.ACTIVE: (
        "Active time",
        "Live time in which every silence counts up to a limit fixed in the study's rules.",
    ),
    Clock.MESSAGES: (
        "Messages",
        "Messages the interrogator had sent. Many rooms end at the same count; tied counts are "
        "treated exactly.",
    ),
}

#: Marks times from which few rooms were at risk.
FEW = " †"

TOO_FEW_REMAIN = "too few interrogators still in a room by then"

_ASSUMES = (
    "Rooms that ended without a decision are censored: it is assumed that they would have gone on "
    "like those still open (see drop-out below). Interrogators are assumed independent of each "
    "other; rooms of one interrogator are not. Shaded bands hold at each time, dotted ones for the "
    "whole curve at once; both for one look at a study of a size fixed in advance."
)


def clocks_section(study: Study, wall: ClockCurve) -> ReportSection:
    """The main curves, of which the reader chooses the clock."""
    curves = [wall, *(estimate(study, clock) for clock in (Clock.ACTIVE, Clock.MESSAGES))]
    return ReportSection(
        key="time",
        title="Time to detection",
        intro=_intro(study),
        missing=(wall.missing,) if wall.missing else never_seen(wall),
        panels=tuple(curve_section(curve, title=CLOCKS[curve.clock][0]) for curve in curves),
        assumes=_ASSUMES if wall.result.n else "",
        methods=() if wall.missing else _methods(wall),
    )


def _methods(curve: ClockCurve) -> tuple[str, ...]:
    return (
        "Detection and the wrong decision compete, so each has its cumulative incidence; times are "
        "whole milliseconds or message counts. One minus a Kaplan-Meier curve with the other "
        "decision censored would overstate detection and is not used.",
        f"Incidence: {curve.result.method}. Clusters are interrogators, and human witnesses too "
        "where enough of them are met again. Medians invert the bands. Net detection and times "
        "lost use the influences of the difference and of the area; their intervals are plain and "
        "on the logit scale.",
    )


def human_section(study: Study) -> ReportSection | None:
    """Rooms with a human witness; None where every room has both."""
    if study.format != "two_party":
        return None
    curve = estimate(study, Clock.WALL, witness="human")
    intro = (
        "The same for rooms in which the witness was human: here a right decision recognises the "
        "human, and a wrong one is a false accusation.",
    )
    return curve_section(
        curve, title="Rooms with a human witness", intro=intro, missing=True, assumes=_ASSUMES
    )


def curve_section(
    curve: ClockCurve,
    *,
    title: str,
    intro: Sequence[str] = (),
    missing: bool = False,
    assumes: str = "",
) -> ReportSection:
    """A curve with its numbers; `missing` asks it to say what is missing for numbers."""
    key = curve.clock if curve.witness == "machine" else f"{curve.clock}-{curve.witness}"
    said = (*intro, *((CLOCKS[curve.clock][1],) if not intro else ()))
    if curve.result.n == 0:
        return ReportSection(
            key=key, title=title, intro=said, missing=("No room can be counted yet.",)
        )
    return ReportSection(
        key=key,
        title=title,
        intro=said,
        missing=((curve.missing,) if curve.missing else never_seen(curve)) if missing else (),
        drawings=_drawings(curve, key),
        tables=() if curve.missing else (_grid(curve, key), _summary(curve, key)),
        assumes=assumes,
        data=_data(curve, key),
    )


def headlines(curve: ClockCurve) -> tuple[Headline, ...]:
    """The numbers at the head of the report."""
    if curve.missing:
        return ()
    result, made = curve.result, []
    remain = curve.end <= known_until(result)
    for name, cause in zip(curve.names, (1, 2), strict=True):
        if not remain:
            said = f"{name} by {curve.end_words}"
            made.append(Headline(value=wording.TOO_FEW, name=said, interval=TOO_FEW_REMAIN))
            continue
        made.append(_headline(result.at(curve.end, cause), f"{name} by {curve.end_words}"))
    if curve.has_net and remain:
        made.append(_headline(result.net().at(curve.end), "Detected less falsely accused"))
    median = result.quantile(0.5)
    value = axis.words(median.value, curve.clock, unit=curve.unit)
    interval = wording.time_range(median, curve.clock, curve.unit)
    made.append(Headline(value=value, name="Median time to detection", interval=interval))
    return tuple(made)


def never_seen(curve: ClockCurve) -> tuple[str, ...]:
    """What decisions that no room saw leave open: a curve at 0 has no interval of its own."""
    result, said = curve.result, []
    followed = at_risk(result, [curve.end])[0] if result.n else 0
    for cause, name in zip((1, 2), curve.names, strict=True):
        if result.n_events[cause - 1].sum():
            continue
        bound = 1 - 0.025 ** (1 / followed) if followed else 1.0
        said.append(
            f"No room ended as “{name.lower()}”, so its curve has no interval. The {followed} "
            f"rooms followed up to {curve.end_words} are still compatible with a share of up to "
            f"{wording.percent(bound)} (exact 97.5 % bound, rooms taken as independent; more if "
            "interrogators come back)."
        )
    return tuple(said)


def time_lost_words(result_or: Callable[[], Estimate], curve: ClockCurve) -> str:
    """A mean time lost in words, or why there is none."""
    try:
        return wording.moment(result_or(), curve.clock, curve.unit)
    except ArgumentError:
        return wording.NOT_KNOWN


def _intro(study: Study) -> tuple[str, ...]:
    if study.format == "three_party":
        return (
            "The share of rooms in which, by then, the machine had been distinguished from the "
            "human, and in which the human had been taken for the machine. Net detection is the "
            "first less the second: 0 under guessing.",
        )
    return (
        "Rooms with a machine witness: the share in which, by then, it had been called a machine "
        "(detected), and in which it had been taken for a human. Who calls everybody a machine "
        "detects them all, so compare it with the rooms with a human witness.",
    )


def _headline(found: Estimate, name: str) -> Headline:
    interval = wording.percent_range(found.low, found.high)
    return Headline(value=wording.percent(found.value), name=name, interval=interval)


def _drawings(curve: ClockCurve, key: str) -> tuple[Drawing, ...]:
    names = " and ".join(name.lower() for name in curve.names)
    band = "" if curve.missing else " with 95 % bands"
    caption = f"Cumulative incidence{band}: {names}. Small marks are censored rooms; faint where "
    caption += f"fewer than {FEW_ROOMS} rooms or {FEW_INTERROGATORS} interrogators (or worth "
    caption += (
        f"{FEW_EFFECTIVE:g} of equally many rooms) are at risk. Below, counts up to each time."
    )
    whole = curve.whole() if curve.clock is Clock.WALL else ()
    if len(whole) == len(curve.names):
        caption += (
            " Dotted: 95 % bands that hold each curve as a whole, from a tenth of the axis on."
        )
    else:
        whole = ()
    shared = partial(
        plot_incidence,
        curve.result,
        clock=curve.clock,
        horizon=curve.end,
        names=curve.names,
        whole=whole,
    )
    ends = end_states(curve.rooms) if curve.clock is Clock.WALL and not curve.missing else None
    if has_step(ends):
        shared = partial(shared, ends=ends)
        caption += " Beside them, as a step of its own and as shares of all rooms, what was said "
        caption += "once time was up where nothing had been decided: right, wrong, nothing."
    draw = partial(shared, log_from=curve.log_from)
    made = [drawing(draw, curve.study, name=f"incidence-{key}", caption=caption)]
    if curve.log_from is not None:
        said = "The same on a linear axis."
        made.append(drawing(shared, curve.study, name=f"incidence-{key}-linear", caption=said))
    if curve.has_net and not curve.missing:
        net = partial(
            plot_net,
            curve.result.net(),
            clock=curve.clock,
            horizon=curve.end,
            log_from=curve.log_from,
            solid=solid_until(curve.result),
        )
        said = "Net detection with its 95 % band: 0 is what guessing gives."
        made.append(drawing(net, curve.study, name=f"net-{key}", caption=said))
    return tuple(made)


def _grid(curve: ClockCurve, key: str) -> ReportTable:
    result, net = curve.result, curve.result.net()
    times, solid, known = _places(curve), solid_until(result), known_until(result)
    rows, frame = [], []
    for (when, place), n in zip(times.items(), at_risk(result, list(times.values())), strict=True):
        found = [result.at(place, cause) for cause in (1, 2)]
        found += [net.at(place)] if curve.has_net else []
        few = place > solid
        said = [wording.share(each) if place <= known else wording.TOO_FEW for each in found]
        rows.append((when + FEW * few, f"{n}", *said))
        for name, each in zip(("cause 1", "cause 2", "net"), found, strict=False):
            frame.append(
                {
                    "time": place,
                    "n_at_risk": n,
                    "measure": name,
                    "value": each.value,
                    "std_error": each.std_error,
                    "low": each.low,
                    "high": each.high,
                }
            )
    head = ("By", "At risk", *curve.names, *(("Net",) if curve.has_net else ()))
    caption = "Cumulative incidence with 95 % intervals, clustered by interrogator."
    if any(place > solid for place in times.values()):
        caption += (
            f"{FEW} Fewer than {FEW_ROOMS} rooms or {FEW_INTERROGATORS} interrogators (or worth "
            f"{FEW_EFFECTIVE:g} of equally many rooms) were at risk by then; “{wording.TOO_FEW}” "
            f"where that is for want of interrogators and more than {SETTLED_SHARE:.0%} were open."
        )
    return ReportTable(
        name=f"grid-{key}", caption=caption, head=head, rows=tuple(rows), frame=pd.DataFrame(frame)
    )


def _places(curve: ClockCurve) -> dict[str, float]:
    """Round times up to the end of the axis, by what they are called."""
    if curve.log_from is None:
        places = [place for place in axis.ticks(curve.unit, curve.end, 6) if place > 0]
        named = {curve.words(place): place for place in places}
    else:
        span = Span(start=curve.log_from, end=curve.end)
        places, labels = span.ticks(curve.clock, 6)
        named = dict(zip(labels, places, strict=True))
    if not places or places[-1] < curve.end:
        named[curve.end_words] = curve.end
    return named


def _summary(curve: ClockCurve, key: str) -> ReportTable:
    """Median times and mean times lost."""
    rows, frame = [], []
    for cause, name in zip((1, 2), curve.names, strict=True):
        median = curve.result.quantile(0.5, cause)
        cells = [wording.moment(median, curve.clock, curve.unit)]
        cells.append(time_lost_words(partial(curve.result.time_lost, curve.tau, cause), curve))
        rows.append((name, *cells))
        frame.append({"cause": cause, "measure": "median", **_numbers(median)})
        try:
            area = curve.result.time_lost(curve.tau, cause)
        except ArgumentError:
            continue
        frame.append({"cause": cause, "measure": f"time lost to {curve.tau:g}", **_numbers(area)})
    registered = (
        f"the planned length of a room, {curve.words(curve.tau)}"
        if curve.clock is Clock.WALL
        else f"the end of the axis, {curve.words(curve.tau)}, which was not fixed in advance"
    )
    caption = (
        "Median: when half of all rooms had been decided this way; “not reached” if fewer were. "
        f"Time lost: the mean time by which the decision came before {registered} (0 without one)."
    )
    return ReportTable(
        name=f"times-{key}",
        caption=caption,
        head=("Decision", "Median time", "Mean time lost"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )


def _numbers(found: Estimate) -> dict[str, object]:
    return {
        "value": found.value,
        "std_error": found.std_error,
        "low": found.low,
        "high": found.high,
    }


def _data(curve: ClockCurve, key: str) -> tuple[tuple[str, pd.DataFrame], ...]:
    made = [(f"detections-{key}", curve.rooms)]
    if not curve.missing:
        made.append((f"incidence-{key}", curve.result.table))
        if curve.has_net:
            made.append((f"net-{key}", curve.result.net().table))
    return tuple(made)
