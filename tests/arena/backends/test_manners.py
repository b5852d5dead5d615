"""How a provider wants to be asked is learnt; what a study states is never left out."""

from collections.abc import Iterator

import pytest

from arena import backends
from arena.backends import BackendError, Cause, ErrorKind, Reply, manners
from tests.arena.backends.conversations import AProfile, talk
from tests.arena.backends.gateways import Gateways, Request, Said, message, said, wrong

pytestmark = pytest.mark.usefixtures("key", "closing")

ASKED = talk("hi", "hello", "who are you?")
both = pytest.mark.parametrize("backend", ["openai", "litellm"])


@pytest.fixture(autouse=True)
def strangers() -> Iterator[None]:
    manners.forget()
    yield
    manners.forget()


def param_error(name: str, text: str, code: str = "unsupported_parameter") -> Said:
    error = {"message": text, "type": "invalid_request_error", "param": name, "code": code}
    return said({"error": error}, 400)


def longer_name(_path: str, request: Request) -> Said:
    """As OpenAI's reasoning models do."""
    if "max_tokens" in request:
        text = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
        return param_error("max_tokens", text)
    return message("hi")


def shorter_name(_path: str, request: Request) -> Said:
    """As servers that know no longer name, and forbid what they do not know."""
    if "max_completion_tokens" in request:
        detail = [{"loc": ["body", "max_completion_tokens"], "msg": "Extra inputs not permitted"}]
        return said({"detail": detail}, 422)
    return message("hi")


def no_system(_path: str, request: Request) -> Said:
    """As templates without a system role do (Gemma's)."""
    if any(each["role"] == "system" for each in request["messages"]):
        return wrong("System role not supported", 500)
    return message("hi")


def only_responses(path: str, request: Request) -> Said:
    """As OpenAI does for models that are not among chat completions."""
    if path.endswith("/chat/completions"):
        text = "This model is only supported in v1/responses and not in v1/chat/completions."
        return wrong(text, 404)
    return response("hi")


def response(text: str, **more: object) -> Said:
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "SECRET"}]}
    spoken = {"type": "message", "role": "assistant", "content": []}
    spoken["content"] = [{"type": "output_text", "text": text}] if text else []
    usage = {"input_tokens": 9, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 5}
    body = {"id": "resp-1", "object": "response", "model": "m-1", "status": "completed"}
    return said(body | {"output": [thought, spoken], "usage": usage, **more})


def everything_fixed(_path: str, request: Request) -> Said:
    """A model with which nothing can be chosen; it complains about one thing at a time."""
    if request.get("temperature", 1) != 1:
        text = (
            "Unsupported value: 'temperature' does not support 0.7 with this model. "
            "Only the default (1) value is supported."
        )
        return param_error("temperature", text, "unsupported_value")
    for name in ("top_p", "presence_penalty", "stop", "top_a"):
        if name in request:
            return param_error(name, f"Unsupported parameter: '{name}' is not supported.")
    return message("hi")


def machine(address: str, *, backend: str = "openai", **options: object) -> AProfile:
    where = {"openai": "base_url", "litellm": "api_base"}[backend]
    given = {"max_tokens": 50, "timeout": "5 min", "max_retries": 0, where: address, **options}
    name = "openai/m" if backend == "litellm" else "m"
    return AProfile(backend=backend, model=name, options=given)


async def ask(profile: AProfile) -> Reply:
    return await backends.get_backend(profile.backend).reply(ASKED, profile=profile, seed=1)


@both
async def test_limit_goes_out_under_the_name_that_is_wanted(backend: str) -> None:
    with Gateways({"x": longer_name}) as gateways:
        profile = machine(gateways.at("x"), backend=backend)
        replies = [await ask(profile) for _ in range(2)]
        sent = [request.keys() & {*manners.LIMIT_FIELDS} for _, request in gateways.requests]
    assert sent == [{"max_tokens"}, {"max_completion_tokens"}, {"max_completion_tokens"}]
    for reply in replies:
        [adapted] = reply.adapted
        assert (adapted.option, adapted.value) == ("max_tokens", 50)
        assert adapted.instead == "limit_field: max_completion_tokens"
        assert "Use 'max_completion_tokens' instead" in adapted.said


async def test_limit_goes_back_to_the_shorter_name() -> None:
    with Gateways({"x": shorter_name}) as gateways:
        profile = machine(gateways.at("x"), limit_field="max_completion_tokens")
        assert (await ask(profile)).adapted[0].instead == "limit_field: max_tokens"


@pytest.mark.parametrize(
    ("model", "of_openai", "name"),
    [
        ("gpt-4o", False, "max_tokens"),
        ("gpt-4o", True, "max_completion_tokens"),
        ("gpt-5.2-mini", False, "max_completion_tokens"),
        ("openai/o3-mini", False, "max_completion_tokens"),
        ("olmo-2", False, "max_tokens"),
        ("llama-3.1", False, "max_tokens"),
    ],
)
def test_names_tell_most_limits(model: str, of_openai: bool, name: str) -> None:
    assert manners.limit_field(model, of_openai=of_openai) == name


@both
async def test_instructions_go_into_the_first_user_message(backend: str) -> None:
    with Gateways({"x": no_system}) as gateways:
        profile = machine(gateways.at("x"), backend=backend)
        for _ in range(2):
            assert [each.option for each in (await ask(profile)).adapted] == ["system"]
        first, *others = (request["messages"] for _, request in gateways.requests)
    assert len(others) == 2
    for messages in others:
        assert [each["role"] for each in messages] == ["user", "assistant", "user"]
        assert messages[0]["content"] == f"{first[0]['content']}\n\n{first[1]['content']}"
        assert messages[1:] == first[2:]


async def test_responses_are_asked_where_they_are_the_only_door() -> None:
    with Gateways({"x": only_responses}) as gateways:
        profile = machine(
            gateways.at("x"), reasoning_effort="low", verbosity="low", price_in=1, price_out=10
        )
        reply = await ask(profile)
        (_, chat), (path, sent) = gateways.requests
    assert (reply.text, reply.model, reply.finish) == ("hi", "m-1", "stop")
    assert (reply.tokens_in, reply.tokens_out, reply.tokens_cached) == (9, 5, 4)
    assert reply.cost_usd == pytest.approx((9 * 1 + 5 * 10) / 1e6)
    assert [each.instead for each in reply.adapted] == ["api: responses"]
    assert path == "v1/responses"
    assert sent["instructions"] == chat["messages"][0]["content"]
    assert [item["role"] for item in sent["input"]] == ["user", "assistant", "user"]
    assert (sent["max_output_tokens"], sent["store"]) == (50, False)
    assert (sent["reasoning"], sent["text"]) == ({"effort": "low"}, {"verbosity": "low"})


@pytest.mark.parametrize(
    ("answer", "kind", "cause"),
    [
        (response(""), ErrorKind.EMPTY, Cause.ONLY_REASONING),
        (said({"output": None}), ErrorKind.MALFORMED, Cause.NOT_A_COMPLETION),
        (said({"error": {"code": "server_error", "message": "x"}, "status": "failed"}),
         ErrorKind.UNAVAILABLE, Cause.SERVER_ERROR),
        (response("x", status="incomplete", incomplete_details={"reason": "content_filter"}),
         ErrorKind.REFUSED, None),
        (said({"output": [{"type": "message", "content": [{"type": "refusal"}]}]}),
         ErrorKind.REFUSED, None),
    ],
)  # fmt: skip
async def test_responses_fail_in_the_same_ways(answer: Said, kind: str, cause: str | None) -> None:
    with Gateways({"x": lambda *_: answer}) as gateways, pytest.raises(BackendError) as caught:
        await ask(machine(gateways.at("x"), api="responses"))
    assert (caught.value.kind, caught.value.cause) == (kind, cause)


async def test_a_response_that_was_cut_says_so() -> None:
    cut = response("x", status="incomplete", incomplete_details={"reason": "max_output_tokens"})
    with Gateways({"x": lambda *_: cut}) as gateways:
        assert (await ask(machine(gateways.at("x"), api="responses"))).finish == "length"


@both
async def test_a_refused_option_is_never_left_out_for_a_room(backend: str) -> None:
    with Gateways({"x": everything_fixed}) as gateways:
        profile = machine(gateways.at("x"), backend=backend, temperature=0.7)
        with pytest.raises(BackendError) as caught:
            await ask(profile)
        assert len(gateways.requests) == 1
    error = caught.value
    assert (error.kind, error.cause, error.retryable) == ("bad_request", "option", False)
    assert error.refused is not None
    assert (error.refused.option, error.refused.value) == ("temperature", 0.7)
    assert error.refused.instead == "nothing, or temperature: 1"
    assert "refuses the option 'temperature' (0.7)" in str(error)


@both
async def test_trying_a_machine_finds_every_refused_option(backend: str) -> None:
    extra = {"openai": "extra_body", "litellm": "extra_params"}[backend]
    with Gateways({"x": everything_fixed}) as gateways:
        profile = machine(
            gateways.at("x"),
            backend=backend,
            temperature=0.7,
            top_p=0.9,
            presence_penalty=0.1,
            stop="\n",
            **{extra: {"top_a": 0.2}},
        )
        found = await backends.try_machine(
            backends.get_backend(backend), ASKED, profile=profile, seed=1
        )
    assert found.error is None
    assert found.reply is not None
    assert found.reply.text == "hi"
    assert [each.option for each in found.refused] == [
        "temperature",
        "top_p",
        "presence_penalty",
        "stop",
        "top_a",
    ]


async def test_trying_a_machine_ends_with_the_failure_that_no_option_mends() -> None:
    with Gateways({"x": lambda *_: wrong("The model `m` does not exist.", 404)}) as gateways:
        profile = machine(gateways.at("x"), temperature=0.7)
        found = await backends.try_machine(
            backends.get_backend("openai"), ASKED, profile=profile, seed=1
        )
    assert found.error is not None
    assert (found.reply, found.error.kind, found.refused) == (None, "unknown_model", ())


@both
async def test_every_option_goes_out_under_its_name(backend: str) -> None:
    sampling = {
        "temperature": 0.5,
        "top_p": 0.9,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "stop": ["\n"],
    }
    own = {"top_k": 40, "min_p": 0.05, "reasoning_effort": "low", "verbosity": "low"}
    extra = {"openai": "extra_body", "litellm": "extra_params"}[backend]
    with Gateways({"x": lambda *_: message("hi")}) as gateways:
        address = gateways.at("x")
        await ask(machine(address, backend=backend, **sampling, **own))
        await ask(machine(address, backend=backend, **sampling, **{extra: {"top_a": 0.2}}))
        (_, plain), (_, more) = gateways.requests
    assert plain.items() >= {**sampling, **own}.items()
    assert more.items() >= {**sampling, "top_a": 0.2}.items()


async def test_what_was_cached_is_counted_and_priced() -> None:
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 10,
        "prompt_tokens_details": {"cached_tokens": 80},
    }
    with Gateways({"x": lambda *_: message("hi", usage=usage)}) as gateways:
        prices = {"price_in": 10, "price_out": 20, "price_cached_in": 1}
        reply = await ask(machine(gateways.at("x"), **prices))
    assert reply.tokens_cached == 80
    assert reply.cost_usd == pytest.approx((20 * 10 + 80 * 1 + 10 * 20) / 1e6)
