"""What the section on rooms says of those that a host unsealed before their end."""

import pandas as pd
import pytest

import analysis as ta
from analysis.report.sections.study import rooms_section, rules_section
from tests.analysis.outcomes.hand_made import Told, study_of, unsealed

ROOM = Told(acts=[("ask", 5, "A"), ("say", 20, "A"), ("verdict", 60, True)])


def _unsealed(n: int, of: int, **config: object) -> ta.Study:
    return unsealed(study_of(*(ROOM for _ in range(of)), **config), n)


@pytest.mark.parametrize(
    ("rule", "made", "n_analysed"),
    [("exclude", "left out", 10), ("count", "counted like the others", 12)],
)
def test_report_names_the_rule_the_rooms_and_both_results(
    rule: str, made: str, n_analysed: int
) -> None:
    study = _unsealed(2, 12, unsealed=rule)
    section = rooms_section(study, ta.included(study))
    [said] = [each for each in section.intro if "who is who" in each]
    assert "In 2 rooms" in said and "r0, r1" in said and f"such rooms are {made}" in said
    flow, *_, either = section.tables
    assert dict(flow.rows)["Analysed"] == f"{n_analysed}"
    assert [row[:3] for row in either.rows] == [
        ("Left out", "10", "10 of 10"),
        ("Counted", "12", "12 of 12"),
    ]
    assert ("A host saw before the end who is who", rule) in rules_section(study).tables[0].rows


def test_nothing_is_said_where_no_room_was_unsealed() -> None:
    study = _unsealed(0, 3, unsealed="exclude")
    section = rooms_section(study, ta.included(study))
    assert not any("who is who" in each for each in section.intro)
    assert [table.name for table in section.tables] == ["rooms-flow", "rooms-ends"]


def test_blinded_rooms_have_one_flow_for_both_kinds() -> None:
    """By which rule a room is left out, and as what, would tell its kind."""
    said = [("ask", 5, "A"), ("say", 20, "A")]
    gone = ("withheld", 40, "A", "timeout", None)
    rooms = [
        *(
            Told(kind=kind, acts=[*said, ("verdict", 60, True)])
            for kind in ("human", "machine") * 3
        ),
        Told(kind="machine", acts=[*said, ("ask", 30, "A"), gone]),
    ]
    study = study_of(*rooms, machine_failure="exclude")
    section = rooms_section(study, ta.permuted(ta.included(study)))
    flow = section.tables[0]
    assert dict(flow.rows)["Counted"] == "6"
    told = " ".join(map(str, pd.DataFrame(flow.rows).to_numpy().ravel())).lower()
    assert "machine" not in told and "human" not in told
    assert [table.name for table in section.tables[1:]] == ["rooms-ends", "rooms-ends-human"]
