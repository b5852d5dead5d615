"""The report page: whole, safe under a strict policy, and silent where there is too little."""

import html.parser
import re
from pathlib import Path

import pytest

import analysis as ta
from analysis.report import STYLESHEET, render, report


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
    return ta.load(export)


@pytest.fixture(scope="module")
def page(study: ta.Study) -> str:
    return render(study)


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
    assert len(figures) == 10
    assert all("<text" in figure and 'role="img"' in figure for figure in figures)
    assert all("SIMULATED" in figure for figure in figures)


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
def test_too_little_data_gives_a_page_without_numbers(tmp_path: Path, n_rooms: int) -> None:
    ta.simulate(tmp_path, n_rooms=n_rooms, n_interrogators=2, seed=6)
    text = Page(render(tmp_path, embedded=True)).text
    assert "Not enough data for a number here" in text
    results = text[: text.index("The study's rules")]
    assert not re.findall(r"\d\s*%", results.replace("95 %", ""))
    assert "nan" not in results


def test_everything_is_written_as_files(study: ta.Study, tmp_path: Path) -> None:
    index = report(study, tmp_path / "new" / "report")
    files = {file.name for file in index.parent.iterdir()}
    for clock in ("wall", "active", "messages"):
        names = (f"incidence-{clock}.csv", f"incidence-{clock}.svg", f"incidence-{clock}.png")
        assert {*names, f"detections-{clock}.csv", f"net-{clock}.csv"} <= files
    assert {"accuracy-profile.svg", "accuracy-strategy.csv", "rooms-flow.csv"} <= files
    linked = re.findall(r'<a href="([^"#]+)"', index.read_text(encoding="utf-8"))
    assert set(linked) == files - {"index.html"}
    assert "simulated" in (index.parent / "incidence-wall.csv").read_text().split("\r\n")[0]


def test_same_export_writes_the_same_bytes(study: ta.Study, tmp_path: Path) -> None:
    one, two = (report(study, tmp_path / name).parent for name in ("one", "two"))
    assert {f.name: f.read_bytes() for f in one.iterdir()} == {
        f.name: f.read_bytes() for f in two.iterdir()
    }


def test_two_party_report_keeps_human_rooms_apart(tmp_path: Path) -> None:
    rule = ta.Rule(commitment=ta.Commitment.THRESHOLD, dwell_ms=60_000)
    design = ta.Design(format="two_party", rule=rule)
    ta.simulate(tmp_path, n_rooms=80, n_interrogators=6, seed=8, design=design)
    text = Page(render(tmp_path)).text
    assert "Rooms with a human witness" in text
    assert "Machine taken for a human" in text
    assert "Detected less falsely accused" not in text


def test_title_cannot_inject_markup(export: Path, study: ta.Study) -> None:
    import dataclasses

    evil = dataclasses.replace(study, title="<script>alert(1)</script>")
    assert "<script" not in render(evil)


def test_stylesheet_knows_every_colour_of_the_figures(page: str) -> None:
    known = set(re.findall(r'\[(?:fill|stroke)="(#[0-9a-f]{6})"\]', STYLESHEET.read_text()))
    assert set(re.findall(r' (?:fill|stroke)="(#[0-9a-f]{6})"', page)) <= known
