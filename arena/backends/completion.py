"""Reading a chat completion, as either library returns it.

An answer that is empty, refused, filtered or not readable is a failure, never a text.
"""

import unicodedata

from arena.backends.base import Reply
from arena.backends.chat_options import ChatOptions
from arena.backends.failure import BackendError, ErrorKind, Spent


def spent_on(response: object, options: ChatOptions, request_id: str | None) -> Spent:
    """Return what an answer has cost, as far as it says."""
    usage = getattr(response, "usage", None)
    tokens_in = getattr(usage, "prompt_tokens", None)
    tokens_out = getattr(usage, "completion_tokens", None)
    return Spent(
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost_usd=options.cost_usd(tokens_in, tokens_out),
        request_id=request_id,
    )


def read_reply(response: object, *, model: str, spent: Spent) -> Reply:
    """Return the text of a chat completion as a reply, or raise why it has none."""
    choices = getattr(response, "choices", None)
    message = (
        getattr(choices[0], "message", None) if isinstance(choices, list) and choices else None
    )
    if not isinstance(choices, list) or message is None or not hasattr(message, "content"):
        raise _malformed("it has no message", spent)
    finish = getattr(choices[0], "finish_reason", None)
    if _refusal(message) or finish == "content_filter":
        raise _refused(finish, spent)
    return Reply(
        text=_text(message.content, finish, spent),
        model=getattr(response, "model", None) or model,
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        cost_usd=spent.cost_usd,
        finish=finish,
        request_id=spent.request_id,
    )


def _refusal(message: object) -> object:
    """Return the refusal that came instead of a text, where either library keeps it."""
    kept = getattr(message, "provider_specific_fields", None) or {}
    return getattr(message, "refusal", None) or kept.get("refusal")


def _text(content: object, finish: str | None, spent: Spent) -> str:
    if content is None or (isinstance(content, str) and not _visible(content)):
        raise _empty(finish, spent)
    if not isinstance(content, str):
        raise _malformed(f"its content is a {type(content).__name__}, not a text", spent)
    if any(unicodedata.category(c) == "Cs" or c in "\0\ufffd" for c in content):
        raise _malformed("its text is not valid Unicode", spent)
    return content


def _visible(text: str) -> bool:
    return any(unicodedata.category(c)[0] not in "ZC" for c in text)


def _empty(finish: str | None, spent: Spent) -> BackendError:
    return BackendError(
        ErrorKind.EMPTY,
        f"The model wrote nothing (finish: {finish}). Expected a text. If the finish is 'length', "
        "raise max_tokens: a model that reasons first may use them all before it writes.",
        spent=spent,
    )


def _refused(finish: str | None, spent: Spent) -> BackendError:
    return BackendError(
        ErrorKind.REFUSED,
        f"The model or its filter refused to answer (finish: {finish}). Expected a text. Look at "
        "the conversation and the persona for what the provider does not allow.",
        spent=spent,
    )


def _malformed(why: str, spent: Spent) -> BackendError:
    return BackendError(
        ErrorKind.MALFORMED,
        f"The answer cannot be read: {why}. Expected a chat completion. Check that the address "
        "belongs to a server that speaks the OpenAI protocol.",
        spent=spent,
    )
