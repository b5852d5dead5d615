"""What a rehearsal changes in a study file: no model is paid, and everything says simulated."""

from pathlib import Path

import pytest
from django.conf import settings

from arena.rehearsal.design import rehearsed, simulated
from arena.studies.file import parse
from arena.studies.yaml import StudyFileError
from tests.kit.factories import study_text

URL = "http://127.0.0.1:9/v1"
PAID = """\
  - name: gpt
    weight: 1
    backend: openai
    model: gpt-4.1
    persona: Somebody who does not say much.
    options: {temperature: 1.0, max_tokens: 100, timeout: 60 s, price_in: 2.0, price_out: 8.0}
    pacing: {rule: calibrated}
    life: none
    memory: none
    budget: {calls: 10, tokens: 10000, cost_usd: 1}
  - name: claude
    weight: 2
    backend: litellm
    model: anthropic/claude-sonnet-4-5
    persona: Somebody who says even less.
    options: {temperature: 1.0, max_tokens: 100, timeout: 60 s}
    pacing: {rule: calibrated}
    life: none
    memory: {window_tokens: 200000, extractor: anthropic/claude-haiku-4-5}
    judge: {backend: openai, model: small, options: {temperature: 0, max_tokens: 5, timeout: 9 s}}
    budget: {calls: 10, tokens: 10000, cost_usd: 1}
"""


def test_models_that_cost_money_are_asked_at_the_stand_in() -> None:
    text = study_text(machines=PAID).replace("simulated: true", "simulated: false")
    played = parse(rehearsed(text, provider_url=URL))
    gpt, claude = played.machines
    assert played.simulated
    assert (gpt.backend, gpt.model, gpt.options["base_url"]) == ("openai", "gpt-4.1", URL)
    assert (gpt.options["price_in"], gpt.options["price_out"]) == (2.0, 8.0)
    assert claude.options["api_base"] == URL
    assert claude.model == "openai/anthropic/claude-sonnet-4-5"
    assert claude.judge is not None
    assert (claude.judge.backend, claude.judge.options["base_url"]) == ("openai", URL)
    assert claude.memory is not None
    assert claude.memory.extractor == "openai/anthropic/claude-haiku-4-5"


def test_with_real_models_nothing_changes_but_the_mark() -> None:
    text = study_text(machines=PAID).replace("simulated: true", "simulated: false")
    played, design = parse(simulated(text)), parse(text)
    assert played.simulated and not design.simulated
    assert played.machines == design.machines


@pytest.mark.parametrize(
    "path", sorted((settings.BASE_DIR / "studies").glob("*.yaml")), ids=lambda path: path.stem
)
def test_shipped_studies_stay_what_they_are_but_for_the_mark(path: Path) -> None:
    text = path.read_text("utf-8")
    played, design = parse(rehearsed(text, provider_url=URL)), parse(text)
    expected = {**design.config(), "simulated": True}
    for machine in expected["machines"]:
        if machine["backend"] == "openai":
            machine["options"]["base_url"] = URL
    assert played.config() == expected


def test_a_file_with_problems_is_refused() -> None:
    with pytest.raises(StudyFileError):
        rehearsed(study_text().replace("duration: 10 min", "duration: 10"), provider_url=URL)
