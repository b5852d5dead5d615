"""What a sound study file may still fail by: each is named with its machine and what to do."""

import pytest

from arena.studies.cautions import cautions
from arena.studies.file import parse
from tests.kit.factories import study_text

MACHINE = """\
  - name: kim
    weight: 1
    backend: {backend}
    model: {model}
    persona: ""
    options: {{{options}}}
    pacing: {{rule: calibrated}}
    life: none
    memory: none
    budget: {{calls: 10, tokens: 10000, cost_usd: {dollars}}}
"""
USUAL = "temperature: 1.0, max_tokens: 200, timeout: 20 s"
PRICED = f"{USUAL}, price_in: 1, price_out: 2"
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in KEYS:
        monkeypatch.setenv(variable, "any")


def found(options: str, *, backend: str = "openai", model: str = "some", dollars: float = 1) -> str:
    machines = MACHINE.format(backend=backend, model=model, options=options, dollars=dollars)
    design = parse(study_text(machines=machines, delay="8 s"))
    said = cautions(design)
    assert all(each.startswith("kim: ") for each in said)
    return "\n".join(said)


def test_nothing_is_said_of_a_usual_machine() -> None:
    assert found(PRICED) == ""
    assert found(USUAL, backend="litellm", model="anthropic/claude-sonnet-4-5") == ""


def test_a_judge_s_key_and_price_are_looked_at_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUDGE_KEY", raising=False)
    options = f"{{{USUAL}, key_env: JUDGE_KEY}}"
    judge = f"    judge: {{backend: openai, model: some, options: {options}}}\n"
    machines = MACHINE.format(backend="openai", model="some", options=PRICED, dollars=1) + judge
    key, price = cautions(parse(study_text(machines=machines, delay="5 s")))
    assert key.startswith("kim: of its judge, the environment variable JUDGE_KEY is not set here")
    assert price.startswith("kim: of its judge, no price is known")


@pytest.mark.parametrize(
    ("options", "backend", "model", "variable"),
    [
        (PRICED, "openai", "some", "OPENAI_API_KEY"),
        (f"{PRICED}, key_env: MY_KEY", "openai", "some", "MY_KEY"),
        (USUAL, "litellm", "anthropic/claude-sonnet-4-5", "ANTHROPIC_API_KEY"),
    ],
)
def test_a_key_that_is_not_set_is_named(
    options: str, backend: str, model: str, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(variable, raising=False)
    said = found(options, backend=backend, model=model)
    assert f"the environment variable {variable} is not set here" in said


def test_money_that_never_ends_and_money_that_is_none() -> None:
    assert "its budget of 1 US dollars never ends" in found(USUAL)
    assert "stops its rooms after the first reply" in found(PRICED, dollars=0)


def test_a_timeout_is_held_against_the_room_and_its_rule() -> None:
    assert "as long as the room" in found(PRICED.replace("20 s", "10 min"))
    assert "longer than machine_down.after (30 s)" in found(PRICED.replace("20 s", "40 s"))


def test_options_that_do_not_go_together() -> None:
    assert "temperature and top_p" in found(f"{PRICED}, top_p: 0.9")
    assert "max_tokens (60) is less" in found(PRICED.replace("200", "60"))


@pytest.mark.parametrize(
    ("delay", "needs", "expected"),
    [
        ("0 s", {}, "the delay is 0 s"),
        ("0 s", {"kim": 0}, ""),
        ("5 s", {}, ""),
        ("5 s", {"kim": 9}, "needed a delay of 9 s, and the study's is 5 s"),
        ("9 s", {"kim": 9}, ""),
    ],
)
def test_a_delay_too_short_for_a_model_is_named(
    delay: str, needs: dict[str, int], expected: str
) -> None:
    machines = MACHINE.format(backend="openai", model="some", options=PRICED, dollars=1)
    said = cautions(parse(study_text(machines=machines, delay=delay)), needs)
    assert [expected in each for each in said] == [True] * bool(expected)


def test_a_script_needs_no_delay() -> None:
    assert cautions(parse(study_text())) == ()
