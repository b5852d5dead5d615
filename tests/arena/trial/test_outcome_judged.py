"""What a trial says of a machine's judge."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from arena.studies.design import JudgeSettings
from arena.trial import ProfileTrial, TrialSetting, default_profile, format_trial, try_machines
from tests.kit.fake_provider import MODES, Answer, FakeProvider, completion


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    for word in ("yes", "no"):
        monkeypatch.setitem(MODES, word, lambda r, word=word: Answer(body=completion(word, r)))
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


def tried(judge: str) -> ProfileTrial:
    prices = {"price_in": 1.0, "price_out": 1.0}
    plain = default_profile("openai:ok", address=None, options={"max_retries": 0, **prices})
    asked = JudgeSettings(backend="openai", model=judge, options=plain.options)
    profile = replace(plain, judge=asked)
    [found] = asyncio.run(try_machines([profile], lambda _: TrialSetting(), questions=("hi",)))
    return found


def test_a_judge_that_lets_pass_is_told_and_paid(provider: FakeProvider) -> None:
    found = tried("no")
    assert found.ok and found.questions[0].shown
    assert "no-2026-01-01: passes" in format_trial(found, TrialSetting())
    assert found.tokens()["in"] == 2 * 21 and found.cost_usd == pytest.approx(2 * 28e-6)


def test_a_judge_that_objects_has_other_drafts_asked_for(provider: FakeProvider) -> None:
    found = tried("yes")
    assert [call.outcome for call in found.questions[0].calls] == ["objected"] * 3
    assert not found.ok and "No draft may be shown" in found.why
    assert "says that it tells what its writer is" in format_trial(found, TrialSetting())


def test_a_judge_that_does_not_answer_is_no_ready_machine(provider: FakeProvider) -> None:
    found = tried("err404")
    assert found.questions[0].shown and not found.ok
    assert "its judge (err404) does not, so that the rules alone would hold" in found.why
