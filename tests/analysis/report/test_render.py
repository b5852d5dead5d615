"""The report page: whole, safe under a strict policy, and silent where there is too little."""

import dataclasses
import html
import html.parser
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis as ta
from analysis.outcomes.clocks import Clock
from analysis.planning.simulation import Design, Machine
from analysis.report.curves import estimate
from analysis.report.page import ReportSection
from analysis.report.render import STYLESHEET, _makers, _sections, render, report
from analysis.report.sections.interim import watching_section
from analysis.report.sections.model_coding import coded_section
from analysis.report.sections.strategy import accuracy_section, agreement_section
from analysis.report.sections.study import rules_section

SECTIONS = (
    *(
        "time",
        "machines",
        "drop-out",
        "unanswered",
        "win-rates",
        "ratings",
        "sides",
        "agreement",
        "strategies",
    ),
    *("strategies-time", "beliefs", "calibration", "watching", "rooms", "rules", "methods"),
)


#: The title of the study in all tests of this file.
EVIL = "<script>alert(1)</script>"


class Page(html.parser.HTMLParser):
    """What a page holds: tags, attributes, ids, and text outside figures."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self._in_figure = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self._in_figure |= tag == "svg"

    def handle_endtag(self, tag: str) -> None:
        self._in_figure &= tag != "svg"

    def handle_data(self, data: str) -> None:
        if not self._in_figure:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def study(export: Path) -> ta.Study:
    return dataclasses.replace(ta.load(export), title=EVIL)


@pytest.fixture(scope="module")
def page(study: ta.Study) -> str:
    return render(study)


@pytest.fixture(scope="module")
def parts(study: ta.Study) -> list[ReportSection]:
    made = _sections(study, estimate(study, Clock.WALL), lambda _: None)
    return [part for section in made for part in section.whole()]


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def written(study: ta.Study, told: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("written") / "new" / "report"
    return report(study, out, progress=told.append).parent


def test_page_is_self_contained(page: str) -> None:
    found = Page(page)
    assert not found.tags & {"script", "link", "img", "iframe", "object"}
    addresses = [value for name, value in found.attributes if name in ("src", "href")]
    assert all(value and value.startswith("#") for value in addresses)
    assert "url(http" not in page


def test_embedded_page_needs_no_inline_style(study: ta.Study) -> None:
    text = render(study, embedded=True)
    found = Page(text)
    assert text.lstrip().startswith('<article class="ta-report ta-embedded">')
    assert not found.tags & {"html", "head", "body", "style", "script", "h1", "img"}
    assert not [name for name, _ in found.attributes if name == "style" or name.startswith("on")]


def test_ids_are_unique_and_references_meet_them(page: str) -> None:
    found = Page(page)
    ids = [value for name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    wanted = set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page))
    assert wanted <= set(ids)


def test_figures_hold_text_as_text(page: str) -> None:
    figures = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(figures) >= 24
    assert all("<text" in figure and 'role="img"' in figure for figure in figures)
    assert all("SIMULATED" in figure and "Simulated data." in figure for figure in figures)


def test_simulated_study_says_so_first(page: str) -> None:
    assert Page(page).text.index("SIMULATED") < Page(page).text.index("Report of a study")


def test_numbers_are_those_of_the_estimators(study: ta.Study, page: str) -> None:
    rooms = ta.detections(study)
    found = ta.cumulative_incidence(rooms["time"], rooms["cause"], cluster=rooms["interrogator"])
    text = Page(page).text
    for cause in (1, 2):
        assert f"{100 * found.at(300_000, cause).value:.1f}\u00a0%" in page
    assert study.sha256 in text
    assert f"{len(rooms)} rooms analysed" in text


@pytest.mark.parametrize("n_rooms", [0, 1, 6])
@pytest.mark.parametrize("format", ["two_party", "three_party"])
def test_too_little_data_gives_a_page_without_numbers(
    tmp_path: Path, n_rooms: int, format: str
) -> None:
    ta.simulate(tmp_path, n_rooms=n_rooms, n_interrogators=2, seed=6, design=Design(format=format))
    text = Page(render(tmp_path, embedded=True)).text
    assert "Not enough data for a number here" in text
    results = text[: text.index("The hash covers every rule")]
    shown = re.sub("95 %|50 to 100 %|null it is for at 5 %", "", results)
    assert not re.findall(r"\d\s*%", shown)
    assert not re.findall(r"\b(nan|inf|None)\b", text)


@pytest.mark.parametrize("format", ["two_party", "three_party"])
def test_sections_have_the_keys_they_are_made_under(tmp_path: Path, format: str) -> None:
    ta.simulate(tmp_path, n_rooms=9, n_interrogators=3, seed=2, design=Design(format=format))
    study = ta.load(tmp_path)
    for maker in _makers(study, estimate(study, Clock.WALL)):
        section = maker.make()
        assert section is None or section.key == maker.key


def test_a_refused_section_keeps_its_key(tmp_path: Path) -> None:
    rule = ta.Rule(commitment=ta.Commitment.THRESHOLD, tau=0.8)
    ta.simulate(tmp_path, n_rooms=60, n_interrogators=12, seed=2, design=Design(rule=rule))
    study = ta.load(tmp_path)
    refused = {**study.config["commitment"], "sensitivity": [0.3]}
    study = dataclasses.replace(study, config={**study.config, "commitment": refused})
    made = {part.key: part for part in _sections(study, estimate(study, Clock.WALL), str)}
    assert "`tau` must be above 0.5 and at most 1 (got 0.3)" in made["sensitivity"].missing[0]


@pytest.mark.parametrize("key", SECTIONS)
def test_every_measure_has_its_section(page: str, key: str) -> None:
    assert f'<section class="ta-section" id="{key}"' in page
    assert f'<li><a href="#{key}">' in page


def test_sections_with_results_say_what_they_assume(parts: list[ReportSection]) -> None:
    for part in parts:
        assert part.assumes or not part.drawings or part.key in ("wall", "active", "messages")


def test_reader_chooses_the_clock_without_a_script(page: str) -> None:
    choices = re.findall(r'<input type="radio" name="(ta-time)" id="ta-choose-(\w+)"', page)
    assert choices == [("ta-time", clock) for clock in ("wall", "active", "messages")]
    for _, clock in choices:
        assert f'<label for="ta-choose-{clock}">' in page
        assert f'<section class="ta-panel" id="{clock}"' in page


def test_every_table_and_figure_is_a_file(parts: list[ReportSection], written: Path) -> None:
    files = {file.name for file in written.iterdir()}
    for table in (table for part in parts for table in part.tables):
        assert f"{table.name}.csv" in files
    for drawing in (drawing for part in parts for drawing in part.drawings):
        assert {f"{drawing.name}.svg", f"{drawing.name}.png"} <= files
    linked = re.findall(r'<a href="([^"#]+)"', (written / "index.html").read_text("utf-8"))
    assert set(linked) == files - {"index.html"}
    assert len(linked) == len(set(linked))


def test_every_file_of_a_simulated_study_says_so(written: Path) -> None:
    for file in written.glob("*.csv"):
        head, *lines = file.read_text(encoding="utf-8").split("\n")
        assert head.endswith("simulated"), file.name
        assert all(line.endswith("True") for line in lines if line and '"' not in line), file.name
    assert all("SIMULATED" in file.read_text("utf-8") for file in written.glob("*.svg"))


def test_progress_is_told_step_by_step(written: Path, told: list[str]) -> None:
    assert (written / "index.html").exists()
    assert told[0] == "1/23 Time to detection"
    assert told[-1] == "Writing the page"


@pytest.mark.parametrize("n_rooms", [14, pytest.param(60, marks=pytest.mark.long)])
def test_same_export_writes_the_same_bytes(n_rooms: int, tmp_path: Path) -> None:
    ta.simulate(tmp_path / "export", n_rooms=n_rooms, n_interrogators=7, seed=4)
    once, again = (report(tmp_path / "export", tmp_path / out).parent for out in ("once", "again"))
    assert {f.name: f.read_bytes() for f in once.iterdir()} == {
        f.name: f.read_bytes() for f in again.iterdir()
    }


def test_two_party_report_keeps_human_rooms_apart(tmp_path: Path) -> None:
    rule = ta.Rule(commitment=ta.Commitment.THRESHOLD, dwell_ms=60_000)
    design = ta.Design(format="two_party", rule=rule)
    ta.simulate(tmp_path, n_rooms=80, n_interrogators=6, seed=8, design=design)
    text = Page(render(tmp_path)).text
    assert "Rooms with a human witness" in text
    assert "Machine taken for a human" in text
    assert "Detected less falsely accused" not in text


def test_title_cannot_inject_markup(page: str, written: Path) -> None:
    for text in (page, (written / "index.html").read_text("utf-8")):
        assert "<script" not in text
        assert html.escape(EVIL) in text


def test_stylesheet_knows_every_colour_of_the_figures(page: str) -> None:
    known = set(re.findall(r'\[(?:fill|stroke)="(#[0-9a-f]{6})"\]', STYLESHEET.read_text()))
    assert set(re.findall(r' (?:fill|stroke)="(#[0-9a-f]{6})"', page)) <= known


def test_numbers_beside_the_curves_are_those_of_the_estimators(study: ta.Study, page: str) -> None:
    rooms = ta.detections(study)
    lost = ta.time_lost_differences(
        rooms["time"],
        rooms["cause"],
        rooms["profile"],
        tau=study.duration_ms,
        cluster=rooms["interrogator"],
    )
    gray = ta.gray_test(rooms["time"], rooms["cause"], rooms["profile"])
    wins = ta.win_rate_by_profile(study)
    text = Page(page).text
    assert f"{lost.value[0] / 60_000:.2f}".replace("-", "\u2212") in text
    assert f"{gray.statistic:.2f} {gray.df}" in text
    for k, name in enumerate(wins.groups):
        assert f"{name} {wins.shares.n_correct[k]} of {wins.n[k]}" in text


def test_methods_say_what_was_computed_and_nothing_else(tmp_path: Path, page: str) -> None:
    whole = Page(page).text.split("Every room that went live is counted.")[1]
    for words in ("Aalen-Johansen", "Gray", "Wilson", "Rasch", "CORP", "Beta mixture", "numpy 2."):
        assert words in whole
    ta.simulate(tmp_path, n_rooms=3, n_interrogators=2, seed=1)
    little = Page(render(tmp_path)).text.split("Every room that went live is counted.")[1]
    for words in ("Aalen-Johansen", "Gray", "Wilson", "Rasch", "CORP", "Beta mixture"):
        assert words not in little
    assert "numpy 2." in little


def test_curve_without_an_event_is_given_a_bound(tmp_path: Path) -> None:
    machines = (Machine(name="nobody-decides", rate_per_min=1e-9, p_right=0.5),)
    design = Design(machines=machines, loss_per_min=0.0, no_show_share=0.0)
    ta.simulate(tmp_path, n_rooms=40, n_interrogators=8, seed=2, design=design)
    text = Page(render(tmp_path)).text
    assert f"a share of up to {100 * (1 - 0.025 ** (1 / 40)):.1f}\u00a0%" in text.replace(
        " %", "\u00a0%"
    )
    assert "not reached" in text


def test_long_study_has_a_log_axis(tmp_path: Path) -> None:
    machines = (Machine(name="slow", rate_per_min=1 / 7_200, p_right=0.6),)
    design = Design(
        duration_s=90 * 86_400,
        machines=machines,
        pace_shape=0.5,
        loss_per_min=0.0,
        message_gap_s=5 * 86_400,
        belief_every_s=10 * 86_400,
    )
    ta.simulate(tmp_path, n_rooms=60, n_interrogators=8, seed=3, design=design)
    text = render(tmp_path)
    assert "Live time (logarithmic)" in text
    assert "The same on a linear axis." in text


def coded(study: ta.Study) -> ta.Study:
    """A model has coded every message of interrogators, and a coder those of two rooms in three."""
    asked = study.messages[study.messages["seat"] == "interrogator"].reset_index(drop=True)
    own = study.strategies.drop_duplicates("message").set_index("message")["strategy"]
    names = sorted(own.unique())
    base = pd.DataFrame(
        {
            "room": asked["room"],
            "message": asked["event"],
            "event": "",
            "at": asked["at"],
            "elapsed_ms": asked["elapsed_ms"],
            "strategy": asked["event"].map(own).fillna(names[0]),
        }
    )
    slip = np.arange(len(base)) % 5 == 0
    model = base.assign(coder="some-model", source="model")
    model["strategy"] = np.where(slip, names[1], base["strategy"])
    numbers = study.rooms["room"].to_list()
    chosen = base["room"].map(numbers.index) % 3 != 0
    coder = base[chosen].assign(coder="c1", source="coder")
    tags = pd.concat([study.strategies, model, coder], ignore_index=True)
    return dataclasses.replace(study, strategies=tags[study.strategies.columns])


def test_machine_codes_are_corrected_and_never_taken_for_true(study: ta.Study) -> None:
    both = coded(study)
    people = both.strategies[both.strategies["source"] != "model"]
    found = ta.accuracy_by_strategy(dataclasses.replace(both, strategies=people))
    rows = {row[0]: row[1] for row in accuracy_section(both).tables[-1].rows}
    for k, name in enumerate(found.groups):
        assert rows[str(name)].startswith(f"{found.n_correct[k]} of {found.n[k]} ")
    agreed = agreement_section(both)
    assert agreed.missing == ()
    assert [table.name for table in agreed.tables] == ["coding-sources", "agreement"]
    corrected = coded_section(both)
    assert corrected is not None
    assert corrected.missing == ()
    assert len(corrected.tables[0].rows) == both.strategies["strategy"].nunique()


def test_strategies_coded_by_a_model_alone_are_not_shown(study: ta.Study) -> None:
    both = coded(study)
    alone = both.strategies[both.strategies["source"] == "model"]
    only = dataclasses.replace(both, strategies=alone)
    assert accuracy_section(only).missing[0].startswith("Only a model has coded the strategies.")
    corrected = coded_section(only)
    assert corrected is not None
    assert "Only rooms that people have coded as well as the model count." in corrected.missing[0]
    assert not (accuracy_section(only).tables or corrected.tables)


@pytest.mark.parametrize(("share", "fair"), [(0.5, True), (0.3, False)])
def test_two_party_watching_needs_a_fair_draw(tmp_path: Path, share: float, fair: bool) -> None:
    design = Design(format="two_party", human_share=share)
    ta.simulate(tmp_path, n_rooms=60, n_interrogators=8, seed=5, design=design)
    study = ta.load(tmp_path)
    section = watching_section(study, estimate(study, Clock.WALL))
    assert ("watching" in [table.name for table in section.tables]) == fair
    assert bool(section.drawings) == fair


def test_rooms_of_other_rules_are_counted(study: ta.Study) -> None:
    rooms = study.rooms.assign(study_sha256="0" * 64)
    for frame, counted in ((study.rooms, "60 of 60"), (rooms, "0 of 60")):
        rules = rules_section(dataclasses.replace(study, rooms=frame)).tables[0].rows
        assert dict(rules)["Rooms made under this hash"] == counted  # type: ignore[arg-type]
