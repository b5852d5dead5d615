"""The judge of a machine profile, and what is refused of one."""

import json

import pytest

from arena.studies.design import JudgeSettings, StudyFile
from arena.studies.file import parse
from arena.studies.yaml import StudyFileError
from tests.kit.factories import study_text

PROFILE = """\
  - name: sam
    weight: 1
    backend: openai
    model: m
    persona: You are Sam.
    options: {temperature: 1.0, max_tokens: 100, timeout: 5 s}
    pacing: {rule: calibrated}
    life: none
    memory: none
    budget: {calls: 10, tokens: 1000, cost_usd: 1}
"""
OPTIONS = "options: {temperature: 0, max_tokens: 5, timeout: 5 s}"


def _study(judge: str) -> StudyFile:
    return parse(study_text(machines=f"{PROFILE}    {judge}\n"))


def test_a_judge_is_read_and_comes_back_from_its_stored_form() -> None:
    study = _study(f"judge: {{backend: openai, model: small, {OPTIONS}}}")
    [sam] = study.machines
    assert sam.judge is not None and sam.judge.options["max_tokens"] == 5
    assert StudyFile.from_config(json.loads(json.dumps(study.config()))) == study
    asked = sam.of_judge
    assert asked is not None
    assert (asked.name, asked.model, asked.judge) == ("sam", "small", None)
    assert isinstance(sam.judge, JudgeSettings) and asked.options == sam.judge.options


@pytest.mark.parametrize("judge", ["", "judge: none"])
def test_without_a_judge_the_rules_alone_decide(judge: str) -> None:
    [sam] = _study(judge).machines
    assert sam.judge is None and sam.of_judge is None and sam.config()["judge"] is None


@pytest.mark.parametrize(
    ("judge", "where", "expected"),
    [
        ("judge: some", "judge", "none"),
        (f"judge: {{backend: opneai, model: m, {OPTIONS}}}", "judge.backend", "openai"),
        (f"judge: {{backend: eliza, model: doctor, {OPTIONS}}}", "judge.backend", "asks a model"),
        (f"judge: {{backend: openai, {OPTIONS}}}", "judge.model", "characters"),
        ("judge: {backend: openai, model: m, options: {heat: 1}}", "judge.options.heat", "one of"),
        (f"judge: {{backend: openai, model: m, persona: x, {OPTIONS}}}", "judge.persona", "one of"),
    ],
)
def test_what_is_no_judge_is_refused(judge: str, where: str, expected: str) -> None:
    with pytest.raises(StudyFileError) as refused:
        _study(judge)
    problems = {each.where: each.expected for each in refused.value.problems}
    assert expected in problems[f"machines[0].{where}"]
