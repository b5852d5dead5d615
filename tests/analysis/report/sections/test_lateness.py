"""What a report says of replies that came too late to be hidden by a study's delay."""

import dataclasses
import datetime as dt

import pandas as pd

import analysis as ta
from analysis.report.sections.lateness import lateness_section
from tests.analysis.outcomes.hand_made import Told, study_of

FINE = Told(acts=[("ask", 10, "B"), ("say", 14, "B"), ("verdict", 60, False)])
AT = pd.Timestamp(dt.datetime(2026, 11, 22, tzinfo=dt.UTC))


def _study(late_s: list[float | None], *, delay_s: int = 0) -> ta.Study:
    """A study whose one machine's replies came so long after they were to be written."""
    study = study_of(FINE, delay_s=delay_s)
    calls = pd.DataFrame(
        {
            "profile": ["kim"] * len(late_s),
            "drawn_at": [None if late is None else AT for late in late_s],
            "due_at": [None if x is None else AT + pd.Timedelta(x, unit="s") for x in late_s],
        }
    )
    moments = {name: pd.to_datetime(calls[name], utc=True) for name in ("drawn_at", "due_at")}
    return dataclasses.replace(study, machine_calls=calls.assign(**moments))


def test_late_replies_are_counted_by_machine() -> None:
    section = lateness_section(_study([0, 0, 1.5, 2.5, None], delay_s=8))
    assert section is not None
    assert "with the study's delay of 8 s to hide it" in section.intro[0]
    [table] = section.tables
    assert table.rows[0][:3] == ("kim", "4", "2")
    assert table.rows[0][4:] == ("2.0 s", "2.5 s")
    [row] = table.values.to_dict("records")
    assert row["share_late"] == 0.5 and row["share_low"] < 0.5 < row["share_high"]
    assert "do not take the waits of this study for blind" in section.missing[0]


def test_nothing_is_amiss_where_none_was_late() -> None:
    section = lateness_section(_study([0.0] * 5))
    assert section is not None and section.missing == ()
    assert "no delay in the study" in section.intro[0]
    assert section.tables[0].rows[0][2:] == ("0", section.tables[0].rows[0][3], "", "")


def test_exports_that_say_nothing_of_it_have_no_section() -> None:
    assert lateness_section(_study([None, None])) is None
    assert lateness_section(study_of(FINE)) is None
