"""The report of a study: one self-contained page, and every table and figure as a file."""

import html
from functools import cache
from pathlib import Path

import pandas as pd

from analysis import curve_sections, study_sections, style, verdict_sections
from analysis.clocks import Clock
from analysis.curve_sections import Curve
from analysis.page import Drawing, Page, Section, count
from analysis.plots import save_figure
from analysis.schema import neutralise
from analysis.study import Study, load

STYLESHEET = Path(__file__).parent / "static" / "analysis" / "report.css"
_TEMPLATES = Path(__file__).parent.parent / "templates" / "analysis"


def render(study: Study | str | Path, *, embedded: bool = False) -> str:
    """Make the report page.

    Parameters
    ----------
    study : Study or path
        A loaded study or the path of an export.
    embedded : bool
        Give an ``<article class="ta-report">`` for another page, without style, script or links to
        files; that page must load the stylesheet (`STYLESHEET`). Otherwise a whole HTML page.
    """
    return _html(_page(_loaded(study)), embedded=embedded, linked=False)


def report(study: Study | str | Path, out: Path) -> Path:
    """Write index.html, every table as CSV and every figure as SVG and PNG into `out`.

    Returns the path of index.html.
    """
    out.mkdir(parents=True, exist_ok=True)
    page = _page(_loaded(study))
    for section in page.sections:
        for name, frame in section.data:
            _write_csv(out / f"{name}.csv", frame, simulated=page.simulated)
        for drawing in section.drawings:
            save_figure(drawing.wide, out / f"{drawing.name}.svg")
            save_figure(drawing.wide, out / f"{drawing.name}.png")
    index = out / "index.html"
    index.write_text(_html(page, embedded=False, linked=True), encoding="utf-8")
    return index


def _loaded(study: Study | str | Path) -> Study:
    return study if isinstance(study, Study) else load(study)


def _page(study: Study) -> Page:
    wall = curve_sections.estimate(study, Clock.WALL)
    people = wall.rooms["interrogator"].nunique()
    facts = (
        f"{count(len(wall.rooms), 'room')} analysed",
        count(people, "interrogator"),
        count(len(study.verdicts), "verdict"),
        f"exported {study.exported_at[:10]}",
    )
    return Page(
        title=study.title,
        slug=study.slug,
        sha256=study.sha256,
        simulated=study.simulated,
        facts=facts,
        headlines=curve_sections.headlines(wall) + verdict_sections.accuracy_headline(study),
        lacks=wall.lacks,
        sections=_sections(study, wall),
    )


def _sections(study: Study, wall: Curve) -> tuple[Section, ...]:
    made: list[Section | None] = [
        curve_sections.curve_section(wall, says=_wall_says(study)),
        _human_rooms(study),
        curve_sections.machines_section(wall),
        curve_sections.curve_section(
            curve_sections.estimate(study, Clock.MESSAGES),
            says=("The same, counted in messages the interrogator had sent.",),
        ),
        curve_sections.curve_section(
            curve_sections.estimate(study, Clock.ACTIVE),
            says=("The same, with every silence counted up to a limit fixed in advance.",),
        ),
        curve_sections.sensitivity_section(wall),
        verdict_sections.profile_section(study),
        verdict_sections.strategy_section(study),
        verdict_sections.side_section(study),
        study_sections.rooms_section(study),
        study_sections.rules_section(study),
        study_sections.methods_section(study),
    ]
    return tuple(section for section in made if section is not None)


def _wall_says(study: Study) -> tuple[str, ...]:
    if study.format == "three_party":
        return (
            "The share of rooms in which, by then, the machine had been told from the human, and "
            "in which the human had been taken for the machine. Net is the first less the second: "
            "0 for somebody who guesses.",
        )
    return (
        "Rooms with a machine witness: the share in which, by then, it had been called a machine "
        "(detected), and in which it had been taken for a human. Who calls everybody a machine "
        "detects them all, so read it beside the rooms with a human witness.",
    )


def _human_rooms(study: Study) -> Section | None:
    if study.format != "two_party":
        return None
    curve = curve_sections.estimate(study, Clock.WALL, witness="human")
    says = "Here a right decision recognises the human, and a wrong one is a false accusation."
    return curve_sections.curve_section(curve, says=(says,))


def _html(page: Page, *, embedded: bool, linked: bool) -> str:
    text: str = _template().render(
        page=page,
        embedded=embedded,
        linked=linked,
        stylesheet=STYLESHEET.read_text(encoding="utf-8"),
        figures=_figures,
    )
    return text


@cache
def _template():  # type: ignore[no-untyped-def]
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("report.html.j2")


def _figures(drawing: Drawing) -> dict[str, str]:
    return {
        width: style.inline_svg(
            getattr(drawing, width),
            name=f"{drawing.name}-{width}",
            description=html.unescape(drawing.description),
        )
        for width in ("wide", "narrow")
    }


def _write_csv(path: Path, frame: pd.DataFrame, *, simulated: bool) -> None:
    safe = frame.copy()
    for name in safe.columns[[kind.kind in "OUS" or kind == "str" for kind in safe.dtypes]]:
        safe[name] = [neutralise(str(cell)) for cell in safe[name]]
    safe["simulated"] = simulated
    safe.to_csv(path, index=False, lineterminator="\r\n")
