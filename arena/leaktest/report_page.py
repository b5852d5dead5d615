"""The report page of a leak test: figures, tables, and what was not tested."""

import math
from pathlib import Path

from analysis.plots.forest import Whiskers, plot_forest
from analysis.report.page import Drawing, Headline, ReportPage, ReportSection, ReportTable
from analysis.report.render import write
from arena.leaktest.families import ABOUT, NOT_TESTED, Play
from arena.leaktest.judging import Judged, Telling
from arena.leaktest.report_text import RULE, conclusion, number, plant_outcome, span
from arena.leaktest.running import LeakTest
from arena.studies.file import parse

_OF_PLAY = {
    Play.TALK: "Talks",
    Play.PROBE: "Probing sockets",
    Play.TROUBLE: "Failing providers and restarts",
    Play.ECHO: "Strings to be typed exactly",
    Play.LOOK: "Pages and look-ups",
    Play.SEASON: "Long rooms",
}


def write_page(done: LeakTest, out: Path) -> Path:
    """Write index.html, tables and figures into a folder; return the path of the page."""
    return write(_page(done), out)


def _page(done: LeakTest) -> ReportPage:
    design = parse(done.plan.text)
    counts = [sum(j.judgement == kind for j in done.judged) for kind in Telling]
    said = plant_outcome(done)
    facts = (
        f"{done.plan.n_pairs} pairs",
        f"model {done.plan.latency.text}",
        f"{done.length_s / 60:.0f} minutes",
        *(() if said is None else (said,)),
    )
    headlines = tuple(
        Headline(value=str(n), name=str(kind), interval="")
        for n, kind in zip(counts, Telling, strict=True)
    )
    sections = (_all_families(done), *_plays(done), _not_tested())
    return ReportPage(
        title=f"Leak test of {design.title}",
        slug=design.slug,
        sha256=design.sha256,
        simulated=True,
        blinded=False,
        facts=facts,
        headlines=headlines,
        missing=(conclusion(done),),
        sections=sections,
    )


def _all_families(done: LeakTest) -> ReportSection:
    run = [each for each in done.judged if each.choices.n]
    drawings = (_forest(run),) if run else ()
    return ReportSection(
        key="families",
        title="Families of channels",
        intro=(
            "Each room holds a person and a machine who say the same words, by the same rule of "
            "waiting. Classifiers learn from some rooms which pane is the machine's, and choose in "
            "others.",
            *done.changed,
        ),
        drawings=drawings,
        tables=(_table("families", "Accuracy of telling the kinds apart.", list(done.judged)),),
        assumes=RULE,
    )


def _forest(run: list[Judged]) -> Drawing:
    labels = [str(each.family) for each in run]
    whiskers = Whiskers(
        name="accuracy",
        value=[each.accuracy for each in run],
        low=[each.low for each in run],
        high=[each.high for each in run],
    )
    wide, narrow = (
        plot_forest(
            labels, whiskers, axis="accuracy of choosing", null=0.5, scale="share", width=width
        )
        for width in ("wide", "narrow")
    )
    caption = "Accuracy with its exact 95 % interval; the dashed line is chance."
    return Drawing(name="families-accuracy", caption=caption, wide=wide, narrow=narrow)


def _table(name: str, caption: str, judged: list[Judged]) -> ReportTable:
    rows = tuple(
        (
            f"{each.family} (timing)" if ABOUT[each.family].timing else str(each.family),
            number(each.accuracy),
            span(each),
            str(each.choices.n),
            "" if math.isnan(each.p) else f"{each.p:.3f}",
            each.why_not_run or str(each.judgement),
        )
        for each in judged
    )
    head = ("family", "accuracy", "95 %", "n", "adjusted p", "judgement")
    return ReportTable(name=name, caption=caption, head=head, rows=rows, numbers=False)


def _plays(done: LeakTest) -> list[ReportSection]:
    return [
        _play(done, play, own)
        for play in Play
        if (own := [each for each in done.judged if ABOUT[each.family].play == play])
    ]


def _play(done: LeakTest, play: Play, own: list[Judged]) -> ReportSection:
    rows = tuple(
        (str(e.family), ABOUT[e.family].looks_at, str(e.judgement), ABOUT[e.family].means)
        for e in own
    )
    notes = [(str(e.family), note) for e in own for note in done.notes.get(e.family, ())]
    tables = [
        ReportTable(
            name=f"play-{play}",
            caption="What was looked at, and what it would mean if it told.",
            head=("family", "looked at", "judgement", "would mean"),
            rows=rows,
            numbers=False,
            spread=True,
        )
    ]
    if notes:
        tables.append(
            ReportTable(
                name=f"play-{play}-remarks",
                caption="Remarks.",
                head=("family", "remark"),
                rows=tuple(notes),
                numbers=False,
                spread=True,
            )
        )
    return ReportSection(key=f"play-{play}", title=_OF_PLAY[play], tables=tuple(tables))


def _not_tested() -> ReportSection:
    return ReportSection(key="not-tested", title="What was not tested", intro=NOT_TESTED)
