"""What a report says of paused rooms."""

import dataclasses

from analysis.report.sections.pauses import pauses_section
from tests.analysis.outcomes.hand_made import Told, study_of

FINE = Told(acts=[("verdict", 60, False)])
PAUSED = Told(acts=[("ask", 10, "B"), ("verdict", 100, True)], pause=(50, 60))


def test_paused_rooms_are_named_with_the_numbers_under_each_rule() -> None:
    rooms = [FINE] * 8 + [PAUSED] * 4
    section = pauses_section(study_of(*rooms, paused_room="censor_at_first"))
    assert section is not None
    assert section.intro[0].startswith(
        "4 rooms were paused, in the median for 60\u00a0s in all. They are read up to the last "
        "act before the first pause, by the study's rule."
    )
    lines = section.tables[0].values.set_index("rule")
    assert lines["n_rooms"].tolist() == [8, 12, 12]
    assert lines.loc["Counted", "cause_1"] == 4 / 12
    assert lines.loc["Censored", "cause_1"] == 0


def test_one_room_and_no_rule() -> None:
    section = pauses_section(study_of(FINE, PAUSED, paused_room=None))
    assert section is not None
    assert section.intro[0].startswith("1 room was paused")
    assert (
        "It is counted, without the time of the pause, as the study states no rule"
        in (section.intro[0])
    )


def test_nothing_is_said_where_no_persons_room_was_paused() -> None:
    assert pauses_section(study_of(FINE)) is None
    program = dataclasses.replace(PAUSED, agent="openai/gpt-x")
    assert pauses_section(study_of(FINE, program)) is None
