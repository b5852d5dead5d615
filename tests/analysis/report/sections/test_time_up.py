"""What a report says of verdicts that the clock asked for."""

import dataclasses
import re
from pathlib import Path

import pandas as pd
import pytest

import analysis as ta
from analysis.outcomes.clocks import Clock
from analysis.report.curves import estimate
from analysis.report.render import render
from analysis.report.sections.curve import headlines
from analysis.report.sections.study import methods_section, rooms_section, rules_section
from analysis.report.sections.time_up import (
    accuracy_headlines,
    asked_first,
    end_headlines,
    time_up_section,
)
from tests.analysis.outcomes.hand_made import Told, study_of
from tests.analysis.outcomes.test_time_up import review_study
from tests.kit.paths import ROOT

NBSP = "\u00a0"
LATE = Told(acts=[("verdict", 320, True)])
FINE = Told(acts=[("verdict", 60, False)])


def plain(text: str) -> str:
    words = re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]+>", " ", text, flags=re.DOTALL)
    return " ".join(words.split()).replace("&#39;", "'").replace(NBSP, " ")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("separate", "They are kept apart from the curve, as an end of their own, by the study's"),
        ("count", "They are counted as decisions at the time at which they were given, by the"),
        ("exclude", "They are not counted at all, by the study's rule."),
        (None, "as an end of their own, as the study states no rule and the measure is time to"),
    ],
)
def test_they_are_named_first_with_what_became_of_them(rule: str | None, said: str) -> None:
    [sentence] = asked_first(study_of(FINE, LATE, FINE, FINE, forced_verdict=rule))
    start = f"1 of 4 verdicts (25.0{NBSP}%) came after the planned 5{NBSP}min: the interrogator was"
    assert sentence.startswith(start) and said in sentence


def test_nothing_is_said_where_all_were_in_time() -> None:
    study = study_of(FINE, FINE)
    assert asked_first(study) == ()
    assert time_up_section(study, estimate(study, Clock.WALL)) is None
    assert end_headlines(estimate(study, Clock.WALL)) == ()


def test_the_study_of_the_review_is_told_as_it_is() -> None:
    study = review_study()
    text = plain(render(study))
    assert "60 of 80 verdicts (75.0 %) came after the planned 5 min" in text
    wall = estimate(study, Clock.WALL)
    head = {each.name: each.value for each in (*headlines(wall), *end_headlines(wall))}
    assert head[f"Machine detected by 5{NBSP}min"] == f"18.8{NBSP}%"
    assert head["Median time to detection"] == "not reached"
    assert head["Right only once time was up"] == f"50.0{NBSP}%"
    right = {each.name: each.value for each in accuracy_headlines(wall.study)}
    assert right == {
        "Verdicts right while time ran": f"75.0{NBSP}%",
        "Right, of verdicts after time was up": f"66.7{NBSP}%",
    }


def test_ends_timing_and_rules_are_tabulated() -> None:
    study = review_study()
    section = time_up_section(study, estimate(study, Clock.WALL))
    assert section is not None
    ends, timing, rules = section.tables
    assert ends.values["probability"].tolist() == pytest.approx(
        [15 / 80, 5 / 80, 40 / 80, 20 / 80, 0]
    )
    assert [row[1] for row in ends.rows] == ["15", "5", "40", "20", "0"]
    assert [(row[0], row[1]) for row in timing.rows[:2]] == [
        ("All, while time ran", "15 of 20 (20 people)"),
        ("All, after time was up", "40 of 60 (60 people)"),
    ]
    lines = rules.values.set_index("rule")
    assert lines["by"].tolist() == [300_000, 360_000, 300_000]
    assert lines["cause_1"].tolist() == pytest.approx([15 / 80, 55 / 80, 15 / 80])
    assert [row[-1].partition(" (")[0] for row in rules.rows] == [
        f"68.8{NBSP}%",
        f"68.8{NBSP}%",
        f"75.0{NBSP}%",
    ]


def test_the_ends_and_the_rules_of_the_study_say_so() -> None:
    rooms = rooms_section(review_study(), ta.included(review_study()))
    [_, ends] = rooms.tables
    assert ("Time was up, then a verdict", "censored; right once time was up", "40") in ends.rows
    counted = study_of(FINE, LATE, forced_verdict="count")
    [flow, ends] = rooms_section(counted, ta.included(counted)).tables
    assert ("Verdict after time was up", "machine detected", "1") in ends.rows
    late = "of them with a verdict after time was up, which counts when it was given"
    assert (late, "1") in flow.rows
    facts = dict(rules_section(counted).tables[0].rows)
    assert facts["A verdict came after time was up"] == "count"
    assert facts["A room was paused"] == "count"
    limit = "at the planned one at the latest"
    assert limit not in methods_section(estimate(counted, Clock.WALL), []).intro[0]
    apart = study_of(FINE, LATE)
    assert limit in methods_section(estimate(apart, Clock.WALL), []).intro[0]


def test_two_kinds_of_rooms_have_ends_of_their_own() -> None:
    kinds = ("machine", "human")
    rooms = [
        Told(acts=[("verdict", 310 if k % 2 else 20 + k, k % 3 > 0)], kind=kinds[k // 12])
        for k in range(24)
    ]
    study = study_of(*rooms)
    section = time_up_section(study, estimate(study, Clock.WALL))
    assert section is not None
    names = [table.name for table in section.tables]
    assert names == ["ends", "ends-human", "verdict-timing", "time-up-rules", "time-up-rules-human"]
    assert section.tables[1].rows[0][0] == "Human recognised while time ran"


def test_a_study_without_time_for_it_needs_no_rule(tmp_path: Path) -> None:
    ta.simulate(tmp_path, n_rooms=20, n_interrogators=5, seed=1)
    study = ta.load(tmp_path)
    assert study.config["forced_verdict"] is None and asked_first(study) == ()


@pytest.mark.parametrize("name", ["1.zip", "1-withheld.zip"])
def test_exports_made_before_the_rule_are_read_by_what_is_measured(name: str) -> None:
    study = ta.load(ROOT / "tests/data/exports" / name)
    assert {"forced_verdict", "paused_room"}.isdisjoint(study.config)
    kept = ta.included(study)
    assert (kept.forced_verdict, kept.paused_room) == ("separate", "count")
    # Everybody decided in time there, so nothing else has changed.
    for clock in ta.Clock:
        counted = ta.detections(study, clock, forced_verdict="count")
        pd.testing.assert_frame_equal(ta.detections(study, clock), counted)
    late = study.verdicts.assign(elapsed_ms=study.verdicts["elapsed_ms"] + study.duration_ms)
    rooms = study.rooms.assign(elapsed_ms=study.rooms["elapsed_ms"] + study.duration_ms)
    asked = dataclasses.replace(study, verdicts=late, rooms=rooms)
    [sentence] = asked_first(asked)
    assert "as the study states no rule" in sentence
    assert set(ta.detections(asked)["cause"]) == {0}
