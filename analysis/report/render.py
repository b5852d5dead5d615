"""The report of a study: one self-contained page, and every table and figure as a file."""

import html
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import pandas as pd

from analysis.dataset.blinding import permuted
from analysis.dataset.schema import neutralise
from analysis.dataset.study import Study, load
from analysis.errors import ArgumentError
from analysis.outcomes.clocks import Clock
from analysis.outcomes.inclusion import IncludedStudy, agent_rooms, included
from analysis.plots import style
from analysis.report import curves
from analysis.report.curves import ClockCurve
from analysis.report.page import Drawing, ReportPage, ReportSection, sentences
from analysis.report.sections import (
    agent,
    belief,
    curve,
    dropout,
    interim,
    lateness,
    model_coding,
    pace,
    pauses,
    profile,
    rating,
    strategy,
    threshold,
    time_up,
    typing,
    unanswered,
    verdict,
)
from analysis.report.sections import study as study_sections
from analysis.report.wording import count

_FOLDER = Path(__file__).parent
STYLESHEET = _FOLDER / "static" / "report.css"

#: Sections made of what only one kind of witness has: they tell which it was.
_OF_ONE_KIND = frozenset({"unanswered", "late-replies"})
KEPT_BACK = (
    "Unanswered questions, late replies and calls to machines are not shown while labels are "
    "permuted: only one kind of witness has them. The rooms that they leave out are left out."
)

#: Called with what is being worked on, in a few words.
Progress = Callable[[str], None]


def render(
    study: Study | str | Path,
    *,
    embedded: bool = False,
    blinded: bool | None = None,
    progress: Progress | None = None,
) -> str:
    """Make the report page.

    Parameters
    ----------
    study : Study or path
        A loaded study or the path of an export.
    embedded : bool
        Give an ``<article class="ta-report">`` for another page, without style, script or links to
        files; that page must load the stylesheet (`STYLESHEET`). Otherwise a whole HTML page.
    blinded : bool, optional
        Permute the labels (see `permuted`), or not; by default as the study's rules say.
    progress : callable, optional
        Called with what is being worked on.
    """
    page = _page(_loaded(study), progress or _no_progress, blinded=blinded)
    return _html(page, _Figures(), embedded=embedded, linked=False)


def report(
    study: Study | str | Path,
    out: Path,
    *,
    blinded: bool | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write index.html, every table as CSV and every figure as SVG and PNG into `out`.

    Returns the path of index.html. `progress` is called with what is being worked on. With
    `blinded` labels are permuted (see `permuted`); by default as the study's rules say.
    """
    progress = progress or _no_progress
    return write(_page(_loaded(study), progress, blinded=blinded), out, progress=progress)


def write(page: ReportPage, out: Path, *, progress: Progress | None = None) -> Path:
    """Write a page that is made already, with its tables and figures, into `out`.

    Returns the path of index.html.
    """
    progress = progress or _no_progress
    out.mkdir(parents=True, exist_ok=True)
    figures = _Figures()
    sections = [part for section in page.sections for part in section.whole()]
    progress("Writing tables and figures")
    for section in sections:
        for name, frame in _frames(section):
            _write_csv(out / f"{name}.csv", frame, page=page)
        for drawing in section.drawings:
            (out / f"{drawing.name}.svg").write_text(figures.file(drawing), encoding="utf-8")
            (out / f"{drawing.name}.png").write_bytes(style.png(drawing.wide))
    progress("Writing the page")
    index = out / "index.html"
    index.write_text(_html(page, figures, embedded=False, linked=True), encoding="utf-8")
    return index


def _no_progress(_: str) -> None:
    """Ignore a step."""


def _loaded(study: Study | str | Path) -> Study:
    return study if isinstance(study, Study) else load(study)


def _labelled(counted: IncludedStudy, blinded: bool) -> IncludedStudy:
    return permuted(counted) if blinded and not counted.blinded else counted


def _page(study: Study, progress: Progress, *, blinded: bool | None) -> ReportPage:
    """The page of a study as it was loaded; the rooms that count are chosen by true labels."""
    if blinded is None:
        blinded = study.config.get("reports") == "blinded"
    counted = included(study)
    wall = curves.estimate(_labelled(counted, blinded), Clock.WALL)
    first = (KEPT_BACK,) if wall.study.blinded else unanswered.said_first(study)
    people = wall.rooms["interrogator"].nunique()
    facts = (
        f"{count(len(wall.rooms), 'room')} analysed",
        *_apart(study),
        count(people, "interrogator"),
        count(len(wall.study.verdicts), "verdict"),
        f"exported {study.exported_at[:10]}",
    )
    return ReportPage(
        title=study.title,
        slug=study.slug,
        sha256=study.sha256,
        simulated=study.simulated,
        blinded=wall.study.blinded,
        facts=facts,
        headlines=(
            *curve.headlines(wall),
            *time_up.end_headlines(wall),
            *time_up.accuracy_headlines(wall.study),
        ),
        missing=sentences(wall.missing, *time_up.asked_first(study), *first),
        sections=tuple(_sections(study, wall, progress)),
    )


def _apart(study: Study) -> tuple[str, ...]:
    """How many rooms are not people's."""
    n = agent_rooms(study).nunique()
    return (f"{count(n, 'room')} of programs apart",) if n else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    """How one section is made: its key, by which it is linked to, and a name for people."""

    key: str
    name: str
    make: Callable[[], ReportSection | None]


def _makers(study: Study, wall: ClockCurve) -> tuple[_Maker, ...]:
    """What makes each section, in their order: most of the rooms that count, some of all.

    Where labels are permuted, `study` still has the true ones.
    """
    counted = wall.study
    labelled = permuted(study) if counted.blinded and not study.blinded else study
    rates = "win-rates" if study.format == "three_party" else "pass-rates"
    made = (
        ("time", "Time to detection", partial(curve.clocks_section, counted, wall)),
        ("wall-human", "Rooms with a human witness", partial(curve.human_section, counted)),
        ("time-up", "Verdicts after time was up", partial(time_up.time_up_section, study, wall)),
        ("machines", "Machine profiles over time", partial(profile.profiles_section, wall)),
        ("drop-out", "Drop-out", partial(dropout.dropout_section, wall)),
        ("sensitivity", "Other thresholds", partial(threshold.sensitivity_section, wall)),
        ("pauses", "Pauses", partial(pauses.pauses_section, study)),
        (
            "unanswered",
            "Unanswered questions",
            partial(unanswered.unanswered_section, study, wall),
        ),
        ("late-replies", "Late replies", partial(lateness.lateness_section, study)),
        ("typing", "How witnesses typed", partial(typing.typing_section, study, counted)),
        (rates, "Verdicts", partial(verdict.rates_section, counted)),
        ("ratings", "Ratings", partial(rating.ratings_section, counted)),
        ("sides", "Sides", partial(verdict.side_section, counted)),
        ("agreement", "Coding of strategies", partial(strategy.agreement_section, counted)),
        ("strategies", "Accuracy by strategy", partial(strategy.accuracy_section, counted)),
        (
            "strategies-model",
            "Strategies coded by a model",
            partial(model_coding.coded_section, counted),
        ),
        ("strategies-time", "Strategies over time", partial(pace.pace_section, counted, wall)),
        ("beliefs", "Belief in the truth", partial(belief.belief_section, counted)),
        ("calibration", "Calibration", partial(belief.calibration_section, counted)),
        ("agents", "Programs as interrogators", partial(agent.agents_section, labelled)),
        ("watching", "Watching the study", partial(interim.watching_section, counted, wall)),
        ("rooms", "Rooms", partial(study_sections.rooms_section, study, counted)),
        ("rules", "Rules", partial(study_sections.rules_section, study)),
    )
    return tuple(_Maker(key=key, name=name, make=make) for key, name, make in made)


def _sections(study: Study, wall: ClockCurve, progress: Progress) -> Iterator[ReportSection]:
    made: list[ReportSection] = []
    hidden = _OF_ONE_KIND if wall.study.blinded else frozenset()
    makers = [maker for maker in _makers(study, wall) if maker.key not in hidden]
    for number, maker in enumerate(makers, start=1):
        progress(f"{number}/{len(makers)} {maker.name}")
        section = _attempt(maker)
        if section is not None:
            made.append(section)
            yield section
    yield study_sections.methods_section(wall, made)


def _attempt(maker: _Maker) -> ReportSection | None:
    """A section, or one that says why its estimator refused the data."""
    try:
        return maker.make()
    except ArgumentError as error:
        said = f"The data do not allow this: {error}"
        return ReportSection(key=maker.key, title=maker.name, missing=(said,))


def _frames(section: ReportSection) -> Iterable[tuple[str, pd.DataFrame]]:
    yield from ((table.name, table.values) for table in section.tables)
    yield from section.data


class _Figures:
    """Figures as text, each drawn once."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}

    def file(self, drawing: Drawing) -> str:
        """The SVG file of a figure."""
        if drawing.name not in self._files:
            self._files[drawing.name] = style.svg(drawing.wide)
        return self._files[drawing.name]

    def inline(self, drawing: Drawing) -> dict[str, str]:
        """Both widths of a figure, for a page."""
        texts = {"wide": self.file(drawing), "narrow": style.svg(drawing.narrow)}
        return {
            width: style.inline_svg(
                text, name=f"{drawing.name}-{width}", description=html.unescape(drawing.caption)
            )
            for width, text in texts.items()
        }


def _html(page: ReportPage, figures: _Figures, *, embedded: bool, linked: bool) -> str:
    text: str = _template().render(
        page=page,
        embedded=embedded,
        linked=linked,
        stylesheet=STYLESHEET.read_text(encoding="utf-8"),
        figures=figures.inline,
    )
    return text


@cache
def _template():  # type: ignore[no-untyped-def]
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("report.html.j2")


def _write_csv(path: Path, frame: pd.DataFrame, *, page: ReportPage) -> None:
    safe = frame.copy()
    for name in safe.columns[[kind.kind in "OUS" or kind == "str" for kind in safe.dtypes]]:
        safe[name] = [cell if cell is None else neutralise(str(cell)) for cell in safe[name]]
    safe["simulated"] = page.simulated
    if page.blinded:
        safe["labels"] = "permuted"
    safe.to_csv(path, index=False, lineterminator="\r\n")
