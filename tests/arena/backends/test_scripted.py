"""The machine that says fixed lines."""

import pytest

from arena.backends import BackendError, Reply, get_backend
from tests.arena.backends.conversations import AProfile, talk


async def said(*texts: str, **options: object) -> Reply:
    profile = AProfile(
        backend="scripted", model="lines", options={"lines": ["One.", "Two."], **options}
    )
    return await get_backend("scripted").reply(talk(*texts), profile=profile, seed=0)


async def test_scripted_says_its_lines_in_order_and_begins_again() -> None:
    texts = [(await said(*["x"] * (2 * n + 1))).text for n in range(4)]
    assert texts == ["One.", "Two.", "One.", "Two."]


async def test_scripted_reply_costs_nothing() -> None:
    assert await said("x") == Reply(text="One.", model="lines", cost_usd=0.0, finish="stop")


async def test_scripted_falls_silent_when_told_to() -> None:
    assert (await said("x", "One.", "x", at_end="silence")).text == "Two."
    with pytest.raises(BackendError) as caught:
        await said("x", "One.", "x", "Two.", "x", at_end="silence")
    assert (caught.value.kind, caught.value.retryable) == ("empty", False)


async def test_scripted_answers_a_word_of_the_last_message() -> None:
    answers = {"name": "Kim.", "how old": "34."}
    assert (await said("What's your NAME?", answers=answers)).text == "Kim."
    assert (await said("So how old are you", answers=answers)).text == "34."
    assert (await said("Rename it.", answers=answers)).text == "One."
    assert (await said("name?", "Kim.", "ok", answers=answers)).text == "Two."
