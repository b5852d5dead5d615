"""Lists, notes and typing in a machine profile, and what is refused of them."""

import json

import pytest

from arena.pacing import Layout, TypingSettings
from arena.persona.day_notes import DayNote
from arena.studies.design import StudyFile
from arena.studies.file import parse
from arena.studies.yaml import StudyFileError
from tests.kit.factories import ELIZA, study_text

PROFILE = """\
  - name: sam
    weight: 1
    backend: openai
    model: m
    persona: {persona}
    options: {{temperature: 1.0, max_tokens: 100, timeout: 5 s}}
    pacing: {{rule: calibrated}}
    life: none
    memory: none
    budget: {{calls: 10, tokens: 1000, cost_usd: 1}}
{more}"""

LISTS = """\
    draws:
      name: [Nina, Tom]
      age: {from: 19, to: 21}
      home: [{town: Leeds, tongue: English}, {town: Graz, tongue: German}]
"""
WORDS = "You are {name}, {age}, from {home.town}. {{You}} speak {home.tongue}."


def _study(persona: str = WORDS, more: str = LISTS) -> StudyFile:
    return parse(study_text(machines=PROFILE.format(persona=f'"{persona}"', more=more)))


def _problems(persona: str = WORDS, more: str = LISTS) -> list[tuple[str, str, str]]:
    with pytest.raises(StudyFileError) as refused:
        _study(persona, more)
    return [(each.where, each.value, each.expected) for each in refused.value.problems]


def test_every_part_is_read_and_comes_back_from_its_stored_form() -> None:
    more = LISTS + (
        '    notes: [{date: 2026-12-01, text: "Snow in {home.town}."}]\n'
        "    typing: {layout: jcuken, errors: 0.01, corrected: 0.2, lower_case: 1, "
        "no_apostrophes: 0}\n"
    )
    study = _study(more=more)
    [sam] = study.machines
    assert sam.draws == {
        "name": ({"": "Nina"}, {"": "Tom"}),
        "age": ({"": "19"}, {"": "20"}, {"": "21"}),
        "home": (
            {"town": "Leeds", "tongue": "English"},
            {"town": "Graz", "tongue": "German"},
        ),
    }
    assert sam.notes == (DayNote(date="2026-12-01", text="Snow in {home.town}."),)
    assert sam.typing == TypingSettings(
        layout=Layout.JCUKEN, errors=0.01, corrected=0.2, lower_case=1.0, no_apostrophes=0.0
    )
    assert StudyFile.from_config(json.loads(json.dumps(study.config()))) == study


def test_what_is_left_out_is_stored_as_nothing() -> None:
    config = _study("A nurse.", "").machines[0].config()
    assert {key: config[key] for key in ("draws", "notes", "typing")} == dict.fromkeys(
        ("draws", "notes", "typing")
    )


@pytest.mark.parametrize(
    ("persona", "shown"),
    [
        ("Hi {nmae}, {name}{age}{home.town}", "{nmae}"),
        ("{name}{age}{home}", "{home}"),
        ("{name}{age}{home.town}{home.zip}", "{home.zip}"),
        ("{name}{age}{home.town} { alone", "a brace alone"),
        ("{name}{age}{home.town} alone }", "a brace alone"),
        ("{name}{age}{home.town} {}", "{}"),
    ],
)
def test_braces_that_are_no_places_are_refused(persona: str, shown: str) -> None:
    [(where, value, expected)] = _problems(persona)
    assert (where, value) == ("machines[0].persona", shown)
    assert "{home.tongue}" in expected and "write it twice: {{ or }}" in expected


def test_braces_mean_places_without_lists_too() -> None:
    [(_, value, expected)] = _problems("You are {name}.", "")
    assert value == "{name}" and "no place, as there is no list" in expected
    assert _study("A {{brace}}.", "").machines[0].persona == "A {{brace}}."


def test_list_that_no_place_uses_is_refused() -> None:
    [(where, value, expected)] = _problems("{name} {home.town}")
    assert (where, value) == ("machines[0].draws.age", "never used")
    assert "{age}" in expected


def test_place_in_a_note_counts_and_is_checked() -> None:
    note = '    notes: [{date: 2026-12-01, text: "%s"}]\n'
    assert _study("{name}{home.town}", LISTS + note % "{age} degrees").machines[0].notes
    [(where, value, _)] = _problems("{name}{age}{home.town}", LISTS + note % "{sky}")
    assert (where, value) == ("machines[0].notes", "{sky}")


@pytest.mark.parametrize(
    "values",
    [
        "[Nina]",
        "[Nina, Nina]",
        "Nina",
        "[Nina, '']",
        "[true, false]",
        "[1.5, 2.5]",
        "{from: 5, to: 5}",
        "{from: 1, to: 500}",
        "{from: 1}",
        "[{a: 1}, {b: 1}]",
        "[{a: 1}, Nina]",
        "[{a: {b: c}}, {a: d}]",
        "[{A b: 1}, {A b: 2}]",
        "[]",
    ],
)
def test_lists_of_other_shapes_are_refused(values: str) -> None:
    [(where, _, expected)] = _problems("{x}", f"    draws:\n      x: {values}\n")
    assert where == "machines[0].draws.x"
    assert "a list of 2 to 200" in expected


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ("    draws: {}\n", "machines[0].draws"),
        ("    draws: {Name: [a, b]}\n", "machines[0].draws.Name"),
        ("    notes: [{date: 1 December, text: x}]\n", "machines[0].notes[0].date"),
        ("    notes: [{date: 2026-02-30, text: x}]\n", "machines[0].notes[0].date"),
        ("    notes: [{date: 2026-12-01}]\n", "machines[0].notes[0].text"),
        ("    typing: {layout: dvorak, errors: 0, corrected: 0, lower_case: 0, "
         "no_apostrophes: 0}\n", "machines[0].typing.layout"),
        ("    typing: {layout: qwerty, errors: 1, corrected: 0, lower_case: 0, "
         "no_apostrophes: 0}\n", "machines[0].typing.errors"),
        ("    typing: {layout: qwerty}\n", "machines[0].typing.errors"),
    ],
)  # fmt: skip
def test_what_else_is_refused(more: str, where: str) -> None:
    assert where in [place for place, _, _ in _problems("A nurse.", more)]


def test_script_has_no_notes() -> None:
    with pytest.raises(StudyFileError, match="follows its script alone"):
        parse(study_text(machines=ELIZA + "    notes: [{date: 2026-12-01, text: Snow.}]\n"))


RULES = [
    ("calibrated", "people"),
    ("matched", "people"),
    ("published", "none"),
    ("none", "none"),
]


@pytest.mark.parametrize(("rule", "initiative"), RULES)
def test_initiative_left_out_is_people_s_where_the_waits_are(rule: str, initiative: str) -> None:
    text = study_text(machines=PROFILE.format(persona="A nurse.", more=""))
    study = parse(text.replace("{rule: calibrated}", f"{{rule: {rule}}}"))
    assert study.machines[0].initiative == initiative
    assert StudyFile.from_config(json.loads(json.dumps(study.config()))) == study


@pytest.mark.parametrize("rule", [rule for rule, _ in RULES])
@pytest.mark.parametrize("stated", ["people", "none"])
def test_initiative_is_what_is_stated(rule: str, stated: str) -> None:
    text = study_text(
        machines=PROFILE.format(persona="A nurse.", more=f"    initiative: {stated}\n")
    )
    study = parse(text.replace("{rule: calibrated}", f"{{rule: {rule}}}"))
    assert study.machines[0].initiative == stated


def test_script_writes_unasked_only_where_that_is_stated() -> None:
    calibrated = ELIZA.replace("{rule: none}", "{rule: calibrated}")
    left_out = calibrated.replace("    initiative: none\n", "")
    assert parse(study_text(machines=left_out)).machines[0].initiative == "none"
    stated = calibrated.replace("initiative: none", "initiative: people")
    assert parse(study_text(machines=stated)).machines[0].initiative == "people"


def test_in_rounds_a_witness_writes_when_it_is_asked() -> None:
    def text(more: str) -> str:
        machines = PROFILE.format(persona="A nurse.", more=more)
        machines = machines.replace("{rule: calibrated}", "{rule: rounds}")
        return study_text(machines=machines, rounds="60 s")

    assert parse(text("")).machines[0].initiative == "none"
    with pytest.raises(StudyFileError) as refused:
        parse(text("    initiative: people\n"))
    [problem] = refused.value.problems
    assert problem.where == "machines[0].initiative"
    assert problem.expected == "none: in rounds a witness writes when it is asked"


def test_initiative_of_another_name_is_refused() -> None:
    problems = _problems("A nurse.", "    initiative: often\n")
    assert problems == [("machines[0].initiative", '"often"', "people or none")]
