"""What a report says of questions left unanswered, and of programs that took people's seats."""

import dataclasses
import re

import pytest

import analysis as ta
from analysis.outcomes.clocks import Clock
from analysis.report.curves import estimate
from analysis.report.page import ReportSection
from analysis.report.render import render
from analysis.report.sections.agent import agents_section
from analysis.report.sections.study import rooms_section
from analysis.report.sections.unanswered import said_first, unanswered_section
from tests.analysis.outcomes.hand_made import Told, study_of
from tests.kit.paths import ROOT

LEFT = ("withheld", 30, "B", "rate_limit", None)
FAILING = Told(acts=[("ask", 10, "B"), ("ask", 20, "B"), LEFT, ("verdict", 80, True)])
FINE = Told(acts=[("ask", 10, "B"), ("say", 14, "B"), ("verdict", 60, False)])


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> ta.Study:
    folder = tmp_path_factory.mktemp("failing")
    design = ta.Design(
        down_share=0.3, mute_share=0.3, machine_failure="exclude", human_silence="censor_at_first"
    )
    ta.simulate(folder, n_rooms=120, n_interrogators=12, seed=4, design=design)
    return ta.load(folder)


def section_of(study: ta.Study) -> ReportSection:
    return unanswered_section(study, estimate(study, Clock.WALL))


def plain(text: str) -> str:
    words = re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]+>", " ", text, flags=re.DOTALL)
    return " ".join(words.split()).replace("&#39;", "'")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"machine_failure": "exclude"}, "It is left out, by the study's rule."),
        (
            {"machine_failure": "censor_at_first"},
            "It is censored at the first such question, by the study's rule.",
        ),
        ({"machine_failure": None}, "It is counted all the same, as the study states no rule."),
    ],
)
def test_a_failure_is_named_first_with_what_became_of_it(config: dict, said: str) -> None:
    study = study_of(FINE, FAILING, **config)
    wanted = f"1 room: the machine left 2 questions unanswered (rate_limit). {said}"
    assert said_first(study) == (wanted,)
    text = plain(render(study))
    assert text.index(wanted) < text.index("1. ") < text.rindex(wanted)


def test_nothing_is_said_first_where_all_was_answered() -> None:
    study = study_of(FINE, FINE)
    assert said_first(study) == ()
    section = section_of(study)
    assert "No question was left unanswered." in section.intro
    assert [table.name for table in section.tables] == ["reliability"]


def test_a_study_without_rules_says_so() -> None:
    section = section_of(study_of(FINE, machine_failure=None, human_silence=None))
    assert "do not say what becomes of such rooms, so all of them count" in section.intro[0]
    assert "A silence is not looked for" in section.missing[0]


def test_the_numbers_stand_side_by_side_under_each_rule(failing: ta.Study) -> None:
    section = section_of(failing)
    [rules, rooms, _] = section.tables
    own = {"machine_failure": "exclude", "human_silence": "censor_at_first"}
    wanted = {
        "By the study\u2019s rules": own,
        "Left out": dict.fromkeys(own, "exclude"),
        "Censored": dict.fromkeys(own, "censor_at_first"),
        "Counted": dict.fromkeys(own, "count"),
    }
    assert list(rules.values["rule"]) == list(wanted)
    for line, by in zip(rules.values.to_dict("records"), wanted.values(), strict=True):
        dated = ta.detections(failing, **by)
        curve = ta.cumulative_incidence(
            dated["time"], dated["cause"], cluster=dated["interrogator"]
        )
        assert line["n_rooms"] == len(dated)
        assert line["cause_1"] == pytest.approx(curve.at(300_000).value, abs=1e-12)
        assert line["median"] == pytest.approx(curve.quantile(0.5).value)
    assert len({line["cause_1"] for line in rules.values.to_dict("records")}) == 4
    assert rooms.values.equals(ta.unanswered(failing))
    assert len(rooms.rows) == 8


def test_reliability_counts_questions_calls_and_failures() -> None:
    call = ("call", 12, "B", "timeout", "reply")
    failing = Told(
        acts=[
            *(("ask", 10, "B"), call, ("call", 13, "B", "ok", "reply"), ("say", 14, "B")),
            *(("ask", 20, "B"), ("call", 21, "B", "rate_limit", "reply"), LEFT),
            *(("ask", 40, "A"), ("verdict", 110, True)),
        ]
    )
    [*_, reliability] = section_of(study_of(failing)).tables
    assert reliability.rows == (
        ("m1", "2", "1", "50.0", "3", "timeout 1, rate_limit 1"),
        ("(human)", "1", "1", "100.0", "", ""),
    )


def test_the_flow_table_names_what_was_left_out(failing: ta.Study) -> None:
    [flow, ends] = rooms_section(failing, ta.included(failing)).tables
    steps = dict(flow.rows)
    n_out = ta.unanswered(failing).query("kind == 'machine'")["room"].nunique()
    assert steps["The machine left a question unanswered"] == f"\u2212{n_out}"
    n_cut = int(steps["of them censored where the human left a question unanswered"])
    said = ("A question was left unanswered, and the rest is not counted", "censored", f"{n_cut}")
    assert said in ends.rows and n_cut > 0


def test_programs_have_a_section_of_their_own_and_are_in_no_other(failing: ta.Study) -> None:
    assert agents_section(failing) is None
    chosen = failing.rooms["room"][::3]
    seats = failing.seats.copy()
    took = seats["room"].isin(chosen) & (seats["seat"] == "interrogator")
    seats.loc[took, "agent"] = "openai/gpt-x"
    study = dataclasses.replace(failing, seats=seats)
    section = agents_section(study)
    assert section is not None and "In 40 rooms a program took" in section.intro[0]
    kept = ta.included(study, agents="only")
    right, n = int(kept.verdicts["correct"].sum()), len(kept.verdicts)
    [row] = section.tables[0].rows
    assert row[0] == "openai/gpt-x" and row[2] == f"{right} of {n}"
    text = plain(render(study))
    assert "40 rooms of programs apart" in text
    assert f"{len(ta.detections(study))} rooms analysed" in text
    people = dataclasses.replace(
        study, rooms=study.rooms[~study.rooms["room"].isin(chosen)].reset_index(drop=True)
    )
    assert said_first(study) == said_first(people)


def test_the_kept_exports_say_what_failed() -> None:
    path = ROOT / "tests/data/exports/1-withheld.zip"
    text = plain(render(path))
    assert "2 rooms: the machine left 2 questions unanswered (timeout)" in text
