"""The extractor of a machine's memory is tried with it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from arena.studies.design import MemorySettings
from arena.trial import ProfileTrial, TrialSetting, default_profile, format_trial, try_machines
from tests.kit.fake_provider import FakeProvider


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


def tried(extractor: str) -> ProfileTrial:
    memory = MemorySettings(window_tokens=2_000, extractor=extractor)
    plain = default_profile("openai:ok", address=None, options={"max_retries": 0})
    profile = replace(plain, memory=memory)
    setting = TrialSetting()
    [found] = asyncio.run(try_machines([profile], lambda _: setting, questions=("hi",)))
    return found


def test_an_extractor_that_does_not_answer_is_told(provider: FakeProvider) -> None:
    found = tried("err404")
    assert found.questions[0].shown and not found.ok
    assert "the extractor of its memory (err404) does not" in found.why


def test_an_answer_that_cannot_be_read_is_told_and_no_failure(provider: FakeProvider) -> None:
    found = tried("ok")
    assert found.ok and found.memory is not None and found.memory.outcome == "malformed"
    assert "Memory, asked of ok-2026-01-01 once: " in format_trial(found, TrialSetting())
    assert len(provider.requests) == 2
