"""What a study file may ask of people in long rooms, and every way to ask for it wrongly."""

import pytest

from arena.studies.design import Attendance, StudyFile
from arena.studies.file import parse
from arena.studies.yaml import StudyFileError
from tests.kit.factories import study_text
from tests.kit.paths import ROOT

ASKED = """\
attendance:
  cadence: 48 h
  reminders: [24 h, 48 h, 72 h]
  drop_out_after: 7 days
  pause_allowance: 14 days
  quiet_hours: "22:00-08:00"
"""
TEXT = study_text(duration="90 days").replace("attendance: none\n", ASKED)
#: The line of `attendance:` itself; those of its keys follow.
LINE = TEXT.splitlines().index("attendance:") + 1


def _problems(text: str) -> list[tuple[int, str, str, str]]:
    with pytest.raises(StudyFileError) as refused:
        parse(text)
    return [(each.line, each.where, each.value, each.expected) for each in refused.value.problems]


def _with(old: str, new: str) -> str:
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


def test_attendance_is_read_whole_and_stored_in_seconds() -> None:
    study = parse(TEXT)
    assert study.attendance == Attendance(
        cadence_s=48 * 3600,
        reminders_s=(24 * 3600, 48 * 3600, 72 * 3600),
        drop_out_s=7 * 86400,
        pause_s=14 * 86400,
        quiet_hours="22:00-08:00",
    )
    assert StudyFile.from_config(study.config()) == study


def test_reminders_and_pauses_may_be_none_at_all() -> None:
    text = _with("[24 h, 48 h, 72 h]", "[]").replace("allowance: 14 days", "allowance: 0 s")
    asked = parse(text).attendance
    assert asked is not None and (asked.reminders_s, asked.pause_s) == ((), 0)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("cadence: 48 h", "cadence: often", (1, "cadence", '"often"', "a length of time from 1 m")),
        ("cadence: 48 h", "cadence: 30 s", (1, "cadence", '"30 s"', "a length of time from 1 min")),
        ("cadence: 48 h", "cadence: 48", (1, "cadence", "48", "a length of time from 1 min to")),
        ("[24 h, 48 h, 72 h]", "24 h", (2, "reminders", '"24 h"', "a list, perhaps empty, of gro")),
        ("[24 h, 48 h", "[48 h, 24 h", (2, "reminders", '["48 h","24 h","72 h"]', "a list, perh")),
        ("[24 h, 48 h", "[24 h, 24 h", (2, "reminders", '["24 h","24 h","72 h"]', "a list, perh")),
        ("[24 h, 48 h", "[soon, 48 h", (2, "reminders", '["soon","48 h","72 h"]', "a list, perh")),
        ("72 h]", "7 days]", (2, "reminders", '["24 h","48 h","7 days"]', "times before drop_out")),
        ("7 days", "48 h", (3, "drop_out_after", '"48 h"', "a longer time than the cadence")),
        ("7 days", "90 days", (3, "drop_out_after", '"90 days"', "less than the duration")),
        ("14 days", "for ever", (4, "pause_allowance", '"for ever"', "a length of time from 0 s")),
        ('"22:00-08:00"', "night", (5, "quiet_hours", '"night"', "a span of the day such as")),
        ('"22:00-08:00"', '"22-8"', (5, "quiet_hours", '"22-8"', "a span of the day such as")),
        ('"22:00-08:00"', '"24:00-08:00"', (5, "quiet_hours", '"24:00-08:00"', "a span of the d")),
        ('"22:00-08:00"', "none", (5, "quiet_hours", '"none"', "a span of the day such as")),
    ],
)
def test_a_wrong_value_is_refused_where_it_stands(
    old: str, new: str, problem: tuple[int, str, str, str]
) -> None:
    after, key, value, expected = problem
    found = [
        (line - LINE, where, shown.replace(", ", ","), told[: len(expected)])
        for line, where, shown, told in _problems(_with(old, new))
    ]
    assert (after, f"attendance.{key}", value, expected) in found


def test_every_key_is_required_and_no_other_is_taken() -> None:
    found = _problems(_with("  pause_allowance: 14 days\n", ""))
    assert [each[1:3] for each in found] == [("attendance.pause_allowance", "missing")]
    found = _problems(_with("  cadence: 48 h", "  cadance: 48 h"))
    assert {each[1] for each in found} == {"attendance.cadence", "attendance.cadance"}
    assert (LINE + 1, "attendance.cadance") in [each[:2] for each in found]


@pytest.mark.parametrize("value", ["yes", "[]", "48 h"])
def test_attendance_is_none_or_a_mapping(value: str) -> None:
    text = study_text(duration="90 days", attendance=value)
    [problem] = _problems(text)
    assert problem[0] == LINE and problem[1] == "attendance"
    assert problem[3].startswith("none, or a mapping")


def test_all_problems_are_told_at_once() -> None:
    text = _with("7 days", "1 h").replace("14 days", "x").replace('"22:00-08:00"', "y")
    keys = ["drop_out_after", "pause_allowance", "quiet_hours"]
    assert sorted(each[1] for each in _problems(text)) == [f"attendance.{key}" for key in keys]


def test_ninety_days_asks_people_to_attend_and_says_so() -> None:
    study = parse((ROOT / "studies" / "ninety-days.yaml").read_text("utf-8"))
    assert study.attendance == parse(TEXT).attendance
    for promise in ("every two days", "e-mail address", "seven days", "fourteen days", "pause"):
        assert promise in study.consent


@pytest.mark.parametrize("name", ["five-minute", "two-party", "expert-hour", "demo"])
def test_short_studies_ask_for_nothing(name: str) -> None:
    assert parse((ROOT / "studies" / f"{name}.yaml").read_text("utf-8")).attendance is None
