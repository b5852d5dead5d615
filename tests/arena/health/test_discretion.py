"""What is told of a failed call holds no words of its room and no key."""

import pytest

from arena.health.discretion import discreet
from arena.models import MachineHealth
from tests.kit.calls import call, counted, failed, log
from tests.kit.factories import make_room
from tests.kit.pages import interrogator, make_ready, say

SAID = ("My sister Ada lives in Trieste, you know.", "Ну ладно, до завтра", "ok", "Trieste")


@pytest.mark.parametrize(
    "error",
    [
        "Bad request: messages[3] 'My sister Ada lives in Trieste, you know.' is not allowed",
        "Filtered: MY SISTER ADA LIVES IN TRIESTE",
        "Filtered: sister\\n Ada \\u006c\\u0069ves in",
        '400: {"content": "\\u041d\\u0443 \\u043b\\u0430\\u0434\\u043d\\u043e, до завтра"}',
        'unexpected "Trieste"',
    ],
)
def test_a_sentence_that_quotes_the_room_is_not_told(error: str) -> None:
    assert discreet(error, instead="…", said=SAID) == "…"


def test_a_sentence_of_the_provider_is_told_on_one_line() -> None:
    error = "The provider gave no reply (status 503):\n overloaded. It is ok to try again."
    assert discreet(error, instead="…", said=SAID) == " ".join(error.split())


def test_control_characters_are_not_told() -> None:
    told = discreet("It said\0\x1b[31m no\n\u202eway", instead="…", said=())
    assert told == "It said [31m no way"


def test_keys_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "of-a-shape-that-nobody-knows")
    error = (
        "Wrong key sk-proj-abcDEF0123456789xyz (or of-a-shape-that-nobody-knows, "
        "AIzaSyA1234567890abcdefgh) at http://ada:pass@host/v1, Bearer eyJhbGciOi"
    )
    told = discreet(error, instead="…", said=())
    for secret in ("abcDEF", "of-a-shape", "SyA123", "ada:pass", "eyJ"):
        assert secret not in told
    assert "@host/v1" in told


def test_model_names_and_codes_are_told() -> None:
    error = "The model claude-sonnet-4-5-20250929 is not known (gpt-4o-mini-2024-07-18, err_503)."
    assert discreet(error, instead="…", said=()) == error


def test_words_of_a_room_do_not_leave_it() -> None:
    made = make_room()
    make_ready(made)
    say(interrogator(made), "Tell me the name of your first school", pane="A")
    log(made, failed("bad_request", "Refused: 'Tell me the name of your first school'"))
    found = counted(made)
    assert "school" not in found.sentence and found.sentence
    log(made, failed("bad_request", "The model is not known."))
    assert counted(made).sentence == "The model is not known."


def test_what_the_gate_rejected_is_not_told() -> None:
    made = make_room()
    log(made, call("objected", error="leak: I am a language model"))
    counted(made)
    for row in MachineHealth.objects.all():
        assert "language model" not in row.sentence
