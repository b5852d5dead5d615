"""Every way we know in which a gateway fails: the kind and cause that come out, and no key."""

import json
import socket

import pytest

from arena import backends
from arena.backends import BackendError, Cause, ErrorKind
from arena.backends.answer_size import MOST_BYTES
from tests.arena.backends.conversations import AProfile, talk
from tests.arena.backends.gateways import Gateways, Said, message, page, said, wrong

pytestmark = pytest.mark.usefixtures("key", "closing")

K, C = ErrorKind, Cause
KEY = "sk-secret"
LARGE = json.dumps({"choices": [{"message": {"content": "x" * 24_000_000}}]}).encode()

#: What the gateway says, and the kind, the cause and whether another try may help.
WAYS: dict[str, tuple[Said, ErrorKind, Cause | None, bool]] = {
    # keys
    "bad-key": (
        wrong(f"Incorrect API key provided: {KEY}.", 401, code="invalid_api_key"),
        *(K.NO_KEY, C.KEY_REFUSED, False),
    ),
    "bad-key-400": (
        said([{"error": {"code": 400, "message": "API key not valid.", "status": "INVALID"}}], 400),
        *(K.NO_KEY, C.KEY_REFUSED, False),
    ),
    "no-right": (wrong("You have no access.", 403), K.NO_KEY, C.KEY_REFUSED, False),
    # money
    "quota": (
        wrong("You exceeded your current quota.", 429, code="insufficient_quota"),
        *(K.QUOTA, None, False),
    ),
    "quota-402": (wrong("Insufficient credits.", 402), K.QUOTA, None, False),
    "quota-anthropic": (
        said({"type": "error", "error": {"message": "Your credit balance is too low."}}, 400),
        *(K.QUOTA, None, False),
    ),
    "quota-that-passes": (
        wrong("You exceeded your current quota, retry.", 429, Retry_After="20"),
        *(K.RATE_LIMIT, None, True),
    ),
    # places
    "region": (
        wrong("Country not supported", 403, code="unsupported_country_region_territory"),
        *(K.REGION, None, False),
    ),
    "region-google": (
        wrong("User location is not supported for the API use.", 400),
        *(K.REGION, None, False),
    ),
    "legal": (wrong("Unavailable for legal reasons", 451), K.REGION, None, False),
    # models
    "no-model": (
        wrong("The model `gpt-9` does not exist.", 404, code="model_not_found"),
        *(K.UNKNOWN_MODEL, None, False),
    ),
    "no-model-400": (wrong("gpt-9 is not a valid model ID"), K.UNKNOWN_MODEL, None, False),
    "no-model-ollama": (
        wrong('model "qwen" not found, try pulling it first', 404),
        *(K.UNKNOWN_MODEL, None, False),
    ),
    "retired": (
        wrong("The model `x` has been deprecated.", 404, code="model_deprecated"),
        *(K.UNKNOWN_MODEL, None, False),
    ),
    "decommissioned": (
        wrong("The model has been decommissioned", code="model_decommissioned"),
        *(K.UNKNOWN_MODEL, None, False),
    ),
    "gone": (wrong("Gone", 410), K.UNKNOWN_MODEL, None, False),
    # contexts
    "too-long": (
        wrong("This model's maximum context length is 8192.", code="context_length_exceeded"),
        *(K.TOO_LONG, None, False),
    ),
    "too-long-llama": (
        said({"error": {"code": 400, "message": "exceeds the available context size"}}, 400),
        *(K.TOO_LONG, None, False),
    ),
    "too-long-413": (page("Request Entity Too Large", 413), K.TOO_LONG, None, False),
    # filters
    "filtered": (wrong("content management policy", code="content_filter"), K.REFUSED, None, False),
    "filtered-late": (message("", finish="content_filter"), K.REFUSED, None, True),
    "safety": (message(None, finish="SAFETY"), K.REFUSED, None, True),
    "refusal": (message(None, refusal="I can't."), K.REFUSED, None, True),
    # limits and outages
    "limit": (wrong("Slow down", 429, Retry_After="7"), K.RATE_LIMIT, None, True),
    "overloaded-529": (wrong("Overloaded", 529), K.UNAVAILABLE, C.OVERLOADED, True),
    "loading": (wrong("Loading model", 503), K.UNAVAILABLE, C.OVERLOADED, True),
    "bad-gateway": (page("<html><title>502 Bad Gateway</title>", 502), K.UNAVAILABLE,
                    C.SERVER_ERROR, True),
    "server": (said({}, 500), K.UNAVAILABLE, C.SERVER_ERROR, True),
    "cloudflare-524": (page("<html>timeout</html>", 524), K.TIMEOUT, None, True),
    "gateway-timeout": (page("", 504), K.TIMEOUT, None, True),
    # addresses
    "no-v1": (said({"detail": "Not Found"}, 404), K.BAD_REQUEST, C.WRONG_ADDRESS, False),
    "no-v1-html": (page("<html><h1>404 Not Found</h1>", 404), K.BAD_REQUEST, C.WRONG_ADDRESS,
                   False),
    "no-v1-text": (page("404 page not found", 404, "text/plain"), K.BAD_REQUEST, C.WRONG_ADDRESS,
                   False),
    "no-v1-llama": (
        said({"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}, 404),
        *(K.BAD_REQUEST, C.WRONG_ADDRESS, False),
    ),
    "not-allowed": (said({"detail": "Method Not Allowed"}, 405), K.BAD_REQUEST, C.WRONG_ADDRESS,
                    False),
    "https-only": (
        page("Client sent an HTTP request to an HTTPS server.", 400, "text/plain"),
        *(K.BAD_REQUEST, C.TLS, False),
    ),
    # 200, and no completion
    "html-200": (page("<html><title>Sign in</title></html>", 200), K.MALFORMED, C.NOT_JSON, True),
    "text-200": (page("OK", 200, "text/plain"), K.MALFORMED, C.NOT_JSON, True),
    "nothing-200": (page("", 200), K.MALFORMED, C.NOT_JSON, True),
    "stream-200": (page('data: {"choices": []}\n\n', 200, "text/event-stream"), K.MALFORMED,
                   C.NOT_JSON, True),
    "deep-200": (Said(body=b"[" * 200_000), K.MALFORMED, C.NOT_JSON, True),
    "error-200": (
        said({"error": {"message": "Provider returned error", "code": 502}}),
        *(K.UNAVAILABLE, C.SERVER_ERROR, True),
    ),
    "quota-200": (said({"error": {"message": "Insufficient credits", "code": 402}}), K.QUOTA, None,
                  False),
    "limit-200": (said({"error": {"message": "slow down", "code": 429}}), K.RATE_LIMIT, None, True),
    "error-in-choice": (
        said({"choices": [{"error": {"message": "upstream died", "code": 502}, "message": {}}]}),
        *(K.UNAVAILABLE, C.SERVER_ERROR, True),
    ),
    "vllm-200": (
        said({"object": "error", "message": "The model `x` does not exist.", "code": 404}),
        *(K.UNKNOWN_MODEL, None, False),
    ),
    "list-200": (said([]), K.MALFORMED, C.NOT_A_COMPLETION, True),
    "null-200": (said(None), K.MALFORMED, C.NOT_A_COMPLETION, True),
    "no-choices": (said({"id": "x"}), K.MALFORMED, C.NOT_A_COMPLETION, True),
    "empty-choices": (said({"choices": []}), K.MALFORMED, C.NOT_A_COMPLETION, True),
    "null-message": (said({"choices": [{"message": None}]}), K.MALFORMED, C.NOT_A_COMPLETION, True),
    "odd-part": (message([{"type": "text"}]), K.MALFORMED, C.NOT_A_COMPLETION, True),
    "surrogate": (message("half \ud83d"), K.MALFORMED, C.NOT_A_COMPLETION, True),
    # nothing to say
    "empty": (message(""), K.EMPTY, None, True),
    "blank": (message(" \u200b\n"), K.EMPTY, None, True),
    "tool": (message(None, finish="tool_calls", tool_calls=[]), K.EMPTY, None, True),
    "only-thoughts": (message("<think>Hm", finish="length"), K.EMPTY, C.ONLY_REASONING, True),
    "thoughts-beside": (message("", reasoning_content="Hm"), K.EMPTY, C.ONLY_REASONING, True),
    # too much
    "large": (Said(body=LARGE), K.MALFORMED, C.TOO_LARGE, True),
    "large-chunked": (Said(body=LARGE, chunks=400), K.MALFORMED, C.TOO_LARGE, True),
    "large-error": (Said(body=LARGE, status=500, chunks=400), K.MALFORMED, C.TOO_LARGE, True),
    "packed": (Said(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), K.MALFORMED,
               C.TOO_LARGE, True),
}  # fmt: skip
#: What litellm makes of an answer itself, before anybody else sees it.
OF_LITELLM = {
    "html-200", "text-200", "nothing-200", "stream-200", "deep-200", "error-200", "quota-200",
    "limit-200", "error-in-choice", "vllm-200", "list-200", "null-200", "no-choices",
    "empty-choices", "null-message", "odd-part", "tool", "safety",
}  # fmt: skip


def machine(backend: str, address: str, **options: object) -> AProfile:
    where = {"openai": "base_url", "litellm": "api_base"}[backend]
    given = {"max_tokens": 50, "timeout": "5 min", "max_retries": 0, where: address, **options}
    return AProfile(
        backend=backend, model="openai/m" if backend == "litellm" else "m", options=given
    )


async def fail(profile: AProfile) -> BackendError:
    with pytest.raises(BackendError) as caught:
        await backends.get_backend(profile.backend).reply(talk("hi"), profile=profile, seed=1)
    return caught.value


@pytest.mark.parametrize("way", WAYS)
async def test_openai_tells_what_is_wrong(way: str) -> None:
    answer, kind, cause, retryable = WAYS[way]
    with Gateways({way: lambda *_: answer}) as gateways:
        error = await fail(machine("openai", gateways.at(way)))
    assert (error.kind, error.cause, error.retryable) == (kind, cause, retryable), str(error)
    assert KEY not in str(error)
    assert "Expected" in str(error)
    assert str(error).endswith(".")


@pytest.mark.parametrize("way", WAYS)
async def test_litellm_tells_the_same_or_at_least_fails_as_a_backend(way: str) -> None:
    answer, kind, cause, _ = WAYS[way]
    with Gateways({way: lambda *_: answer}) as gateways:
        error = await fail(machine("litellm", gateways.at(way)))
    assert KEY not in str(error)
    if way not in OF_LITELLM:
        assert (error.kind, error.cause) == (kind, cause), str(error)


@pytest.mark.parametrize("backend", ["openai", "litellm"])
async def test_what_never_reached_a_server_keeps_its_cause(backend: str) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        refused = await fail(machine(backend, f"http://127.0.0.1:{port}/v1"))
    unknown = await fail(machine(backend, "http://no-such-host.invalid/v1"))
    with Gateways({"x": lambda *_: message("hi")}) as gateways:
        tls = await fail(machine(backend, gateways.at("x").replace("http:", "https:")))
    assert [(e.kind, e.cause, e.retryable) for e in (refused, unknown, tls)] == [
        (K.UNAVAILABLE, C.CONNECTION_REFUSED, True),
        (K.UNAVAILABLE, C.DNS, True),
        (K.UNAVAILABLE, C.TLS, False),
    ]
    assert "write http://" in str(tls)


@pytest.mark.parametrize("backend", ["openai", "litellm"])
async def test_answers_within_the_bound_are_whole(backend: str) -> None:
    text = "long " * ((MOST_BYTES - 2_000) // 5)
    with Gateways({"x": lambda *_: message(text)}) as gateways:
        profile = machine(backend, gateways.at("x"))
        reply = await backends.get_backend(backend).reply(talk("hi"), profile=profile, seed=1)
    assert reply.text == text
