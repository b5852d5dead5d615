"""What a model thinks never stands in what it says, wherever a provider puts it."""

from types import SimpleNamespace

import pytest

from arena import backends
from arena.backends import BackendError, Cause, ErrorKind, Reply, manners, reasoning
from tests.arena.backends.conversations import AProfile, talk
from tests.arena.backends.gateways import Gateways, Request, Said, message

pytestmark = pytest.mark.usefixtures("key", "closing")

SECRET = "I am a machine and must hide it"
SAID = "no idea, you?"

TEXTS = {
    "closed": f"<think>{SECRET}</think>\n\n{SAID}",
    "unopened": f"{SECRET}</think>\n{SAID}",
    "twice": f"<think>{SECRET}</think><think>{SECRET}</think>{SAID}",
    "nested": f"<think>{SECRET}<think>{SECRET}</think>{SECRET}</think>{SAID}",
    "after": f"{SAID}<think>{SECRET}",
    "capitals": f"<Thinking>{SECRET}</Thinking>{SAID}",
    "attributes": f'<think lang="en">{SECRET}</think>{SAID}',
    "seed": f"<seed:think>{SECRET}</seed:think>{SAID}",
    "reasoning": f"<reasoning>{SECRET}</reasoning>{SAID}",
    "mistral": f"[THINK]{SECRET}[/THINK]{SAID}",
    "kimi": f"◁think▷{SECRET}◁/think▷{SAID}",
    "cohere": f"<|START_THINKING|>{SECRET}<|END_THINKING|><|START_RESPONSE|>{SAID}<|END_RESPONSE|>",
    "thought": f"<|begin_of_thought|>{SECRET}<|end_of_thought|>"
    f"<|begin_of_solution|>{SAID}<|end_of_solution|>",
    "answer": f"<think>{SECRET}</think><answer>{SAID}</answer>",
    "harmony": f"<|channel|>analysis<|message|>{SECRET}<|end|><|start|>assistant"
    f"<|channel|>final<|message|>{SAID}<|return|>",
    "harmony-unmarked": f"analysis{SECRET}assistantfinal{SAID}",
}
ONLY_THOUGHTS = {
    "unclosed": f"<think>{SECRET}",
    "closed": f"<think>{SECRET}</think>",
    "unopened": f"{SECRET}</think>",
    "harmony": f"<|channel|>analysis<|message|>{SECRET}",
    "mistral": f"[THINK]{SECRET}",
}
#: The same words, beside the text or in parts of it.
MESSAGES = {
    "reasoning_content": message(SAID, reasoning_content=SECRET),
    "reasoning": message(SAID, reasoning=SECRET),
    "thinking_blocks": message(SAID, thinking_blocks=[{"type": "thinking", "thinking": SECRET}]),
    "fields": message(SAID, provider_specific_fields={"reasoning_content": SECRET}),
    "parts": message([{"type": "thinking", "thinking": SECRET}, {"type": "text", "text": SAID}]),
    "parts-mistral": message(
        [
            {"type": "thinking", "thinking": [{"type": "text", "text": SECRET}]},
            {"type": "text", "text": SAID},
        ]
    ),
    "parts-reasoning": message(
        [{"type": "reasoning", "text": SECRET}, {"type": "output_text", "text": SAID}]
    ),
    "one-part": message({"type": "text", "text": SAID}),
    "plain-parts": message(["no idea, ", {"text": "you?"}]),
}


def machine(address: str, *, backend: str = "openai", **options: object) -> AProfile:
    where = {"openai": "base_url", "litellm": "api_base"}[backend]
    given = {"max_tokens": 50, "timeout": "5 min", "max_retries": 0, where: address, **options}
    name = "openai/m" if backend == "litellm" else "m"
    return AProfile(backend=backend, model=name, options=given)


async def ask(answer: Said, *, backend: str = "openai") -> Reply:
    with Gateways({"x": lambda *_: answer}) as gateways:
        profile = machine(gateways.at("x"), backend=backend)
        return await backends.get_backend(backend).reply(talk("hi"), profile=profile, seed=1)


@pytest.mark.parametrize("way", TEXTS)
def test_thoughts_are_taken_out_of_a_text(way: str) -> None:
    assert reasoning.said(TEXTS[way]) == SAID


@pytest.mark.parametrize("way", ONLY_THOUGHTS)
def test_thoughts_alone_say_nothing(way: str) -> None:
    assert reasoning.said(ONLY_THOUGHTS[way]) == ""


@pytest.mark.parametrize(
    "text",
    ["i think so", "a < b, think about it", "what's <b>?", "analysis is fun", "thinking...", " x "],
)
def test_words_about_thinking_stay(text: str) -> None:
    assert reasoning.said(text) == text


def test_many_marks_take_no_longer_than_their_number() -> None:
    """Each mark is read once: by the square of their number this would take hours."""
    assert reasoning.said("<think>" * 150_000) == ""
    assert reasoning.said("</think>" * 150_000) == ""
    assert reasoning.said("<think></think>" * 70_000 + SAID) == SAID


@pytest.mark.parametrize("backend", ["openai", "litellm"])
@pytest.mark.parametrize("way", MESSAGES)
async def test_thoughts_beside_a_text_are_not_in_the_reply(way: str, backend: str) -> None:
    try:
        reply = await ask(MESSAGES[way], backend=backend)
    except BackendError as error:
        # litellm reads no parts of some shapes; what it refuses, nobody sees.
        assert backend == "litellm"
        assert way in {"parts", "parts-mistral", "parts-reasoning", "one-part", "plain-parts"}
        assert SECRET not in str(error)
        return
    assert reply.text == SAID
    assert SECRET not in repr(reply)


async def test_the_host_who_tries_a_model_may_see_what_was_taken_out() -> None:
    reply = await ask(message(TEXTS["closed"]))
    assert (reply.text, reply.raw) == (SAID, TEXTS["closed"])
    assert (await ask(message(SAID))).raw is None


async def test_reasoning_alone_says_what_to_raise() -> None:
    with pytest.raises(BackendError) as caught:
        await ask(message(ONLY_THOUGHTS["unclosed"], finish="length"))
    error = caught.value
    assert (error.kind, error.cause) == (ErrorKind.EMPTY, Cause.ONLY_REASONING)
    assert "Raise max_tokens" in str(error)
    assert "lower reasoning_effort" in str(error)
    assert SECRET not in str(error)


async def test_a_model_known_to_think_unmarked_is_not_believed_when_it_is_cut() -> None:
    """A template opens the thoughts: cut before their end, they look like words."""
    manners.forget()
    answers = [message(TEXTS["unopened"]), message(SECRET, finish="length"), message(SAID)]

    def answer(_path: str, _request: Request) -> Said:
        return answers.pop(0)

    with Gateways({"x": answer}) as gateways:
        profile = machine(gateways.at("x"))
        backend = backends.get_backend("openai")
        assert (await backend.reply(talk("hi"), profile=profile, seed=1)).text == SAID
        with pytest.raises(BackendError) as caught:
            await backend.reply(talk("hi"), profile=profile, seed=1)
        assert caught.value.cause == Cause.ONLY_REASONING
        assert (await backend.reply(talk("hi"), profile=profile, seed=1)).text == SAID


@pytest.mark.parametrize(
    ("usage", "written"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 50, "total_tokens": 60}, 50),
        ({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 60}, 50),
        ({"prompt_tokens": 10, "completion_tokens": 5}, 5),
        ({"prompt_tokens": 10, "completion_tokens": True, "total_tokens": "60"}, None),
    ],
)
async def test_tokens_of_reasoning_count_as_written(usage: object, written: int | None) -> None:
    assert (await ask(message(SAID, usage=usage))).tokens_out == written


def test_objects_are_read_like_mappings() -> None:
    part = SimpleNamespace(type="text", text=SAID)
    assert reasoning.content_text([part]) == SAID
