"""Keys stay out of study files and of all that is said about failures."""

import pytest

from arena import backends
from arena.backends.keys import holds_key, without_keys
from tests.arena.backends.conversations import AProfile

KEY = "sk-proj-abcDEF1234567890"


@pytest.mark.parametrize(
    "text",
    [
        f"Incorrect API key provided: {KEY}.",
        "Incorrect API key provided: sk-abcd********wxyz.",
        f"headers: {{'Authorization': 'Bearer {KEY}'}}",
        "GET https://ann:hunter22@example.org/v1",
        "POST https://example.org/v1?api_key=hunter22&x=1",
        "key=AIzaSyA1234567890abcdefghij",
        "token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
        "AKIAIOSFODNN7EXAMPLE is not authorised",
        "my own word: correct-horse",
    ],
)
def test_messages_lose_their_keys(text: str) -> None:
    shown = without_keys(text, "correct-horse")
    secrets = (KEY, "abcd", "wxyz", "hunter22", "AIza", "eyJ", "AKIA", "correct-horse")
    assert not [secret for secret in secrets if secret in shown]
    assert "<key>" in shown


@pytest.mark.parametrize(
    "text",
    [
        "The model `gpt-4o-mini-2024-07-18` does not exist.",
        "max_tokens must be at most 8192.",
        "status 503 at api.example.org:443",
        "anthropic/claude-sonnet-4-20250514 is overloaded",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert without_keys(text) == text


@pytest.mark.parametrize(
    ("value", "held"),
    [
        ({"api_key": "x"}, True),
        ({"a": {"Authorization": "Bearer abcdefgh"}}, True),
        ({"a": [KEY]}, True),
        ({"session_token": "x"}, True),
        (
            {"max_tokens": 5, "top_a": 0.1, "chat_template_kwargs": {"enable_thinking": False}},
            False,
        ),
        ({"service_tier": "flex", "prompt_cache_key": ""}, False),
    ],
)
def test_secrets_among_parameters_are_seen(value: object, held: bool) -> None:
    assert holds_key(value) is held


@pytest.mark.parametrize(
    "options",
    [
        {"extra_body": {"api_key": KEY}},
        {"base_url": f"https://ann:{KEY}@example.org/v1"},
        {"base_url": f"https://example.org/v1?key={KEY}"},
        {"api_key": KEY},
    ],
)
def test_a_key_in_a_study_file_is_refused_and_not_repeated(options: dict[str, object]) -> None:
    given = {"max_tokens": 5, "timeout": "5 s", **options}
    [problem] = backends.check(AProfile(backend="openai", model="m", options=given))
    assert KEY not in f"{problem}"


def test_parameters_that_have_an_option_are_refused_as_further_ones() -> None:
    for extra in ({"temperature": 1}, {"messages": []}, {"stream": True}, {}, {1: 2}):
        options = {"max_tokens": 5, "timeout": "5 s", "extra_body": extra}
        [problem] = backends.check(AProfile(backend="openai", model="m", options=options))
        assert problem.where == "options.extra_body"
