"""A key that is missing is known without any provider's library."""

import pytest

from arena import backends
from tests.arena.backends.conversations import AProfile


@pytest.mark.parametrize(
    ("backend", "model", "options", "variable"),
    [
        ("openai", "gpt", {}, "OPENAI_API_KEY"),
        ("openai", "gpt", {"key_env": "LAB_KEY"}, "LAB_KEY"),
        ("litellm", "anthropic/claude", {}, "ANTHROPIC_API_KEY"),
        ("litellm", "anthropic/claude", {"key_env": "LAB_KEY"}, "LAB_KEY"),
    ],
)
def test_the_variable_that_is_not_set_is_named(
    monkeypatch: pytest.MonkeyPatch,
    backend: str,
    model: str,
    options: dict[str, object],
    variable: str,
) -> None:
    profile = AProfile(backend=backend, model=model, options=options)
    monkeypatch.delenv(variable, raising=False)
    assert backends.missing_key(profile) == variable
    monkeypatch.setenv(variable, " ")
    assert backends.missing_key(profile) == variable
    monkeypatch.setenv(variable, "a-key")
    assert backends.missing_key(profile) is None


@pytest.mark.parametrize(
    ("backend", "model"),
    [
        ("eliza", "doctor"),
        ("scripted", "lines"),
        ("litellm", "ollama/gemma"),
        ("litellm", "gpt-4o"),
    ],
)
def test_what_needs_no_key_or_may_need_another_is_not_named(
    monkeypatch: pytest.MonkeyPatch, backend: str, model: str
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert backends.missing_key(AProfile(backend=backend, model=model)) is None
