"""Reading a chat completion, as an object of litellm or as plain JSON.

An answer that is empty, refused, filtered or not readable is a failure, never a text.
"""

import re
from collections.abc import Mapping

from arena.backends import reasoning
from arena.backends.base import Reply
from arena.backends.failure import BackendError, Cause, ErrorKind, Spent

#: What providers call the end that max_tokens makes, and the one that a filter makes.
_CUT = frozenset({"length", "max_tokens", "max_output_tokens", "model_length"})
_FILTERED = frozenset(
    {"content_filter", "safety", "recitation", "prohibited_content", "blocklist", "refusal"}
)
_BROKEN_TEXT = re.compile("[\ud800-\udfff\0\ufffd]")
#: Anything but separators and control characters, which is what can be seen.
_VISIBLE = re.compile(r"[^\s\x00-\x1f\x7f-\xa0\xad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")
_NAME_CHARS = 200


def field(of: object, *path: str) -> object:
    """Return what stands at a path of names in JSON or an object; None where there is nothing."""
    for name in path:
        of = of.get(name) if isinstance(of, Mapping) else getattr(of, name, None)
    return of


def spent_on(usage: object, request_id: object) -> Spent:
    """Return the tokens of an answer, as far as it says; those of reasoning count as written.

    Some providers leave reasoning out of what was written, and have it in the total.
    """
    read = _count(field(usage, "prompt_tokens"))
    written = _count(field(usage, "completion_tokens"))
    total = _count(field(usage, "total_tokens"))
    if read is not None and written is not None and total is not None:
        written = max(written, total - read)
    return Spent(
        tokens_in=read,
        tokens_out=written,
        request_id=request_id[:_NAME_CHARS] if isinstance(request_id, str) else None,
        tokens_cached=_cached(usage),
    )


def read_reply(answer: object, *, model: str, spent: Spent, unmarked: bool = False) -> Reply:
    """Return the text of a chat completion as a reply, or raise why it has none.

    A model that is known to think `unmarked` has said nothing before the mark where it ends.
    """
    choices = field(answer, "choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = field(first, "message")
    if message is None or isinstance(message, str | int | list):
        raise malformed("it has no message", spent)
    finish = finish_of(field(first, "finish_reason"))
    if _refusal(message) or finish == "content_filter":
        raise refused(finish, spent)
    try:
        raw = reasoning.content_text(field(message, "content"))
    except reasoning.UnreadableContent as error:
        raise malformed(str(error), spent) from error
    return text_reply(
        raw,
        model=_model(answer, model),
        finish=finish,
        spent=spent,
        thought=reasoning.is_thinking(message),
        unmarked=unmarked,
    )


def text_reply(
    raw: str | None,
    *,
    model: str,
    finish: str | None,
    spent: Spent,
    thought: bool,
    unmarked: bool = False,
) -> Reply:
    """Return a reply that says what a text says, or raise that it says nothing."""
    text = reasoning.said(raw or "")
    if unmarked and finish == "length" and text == raw:
        text = ""
    if _BROKEN_TEXT.search(text):
        raise malformed("its text is not valid Unicode", spent)
    if not _VISIBLE.search(text):
        raise empty(finish, spent, thought=thought or bool(raw and _VISIBLE.search(raw)))
    return Reply(
        text=text,
        model=model,
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        cost_usd=spent.cost_usd,
        finish=finish,
        request_id=spent.request_id,
        tokens_cached=spent.tokens_cached,
        raw=raw if text != raw else None,
    )


def finish_of(said: object) -> str | None:
    """Return why a model stopped, under one name for each reason."""
    if not isinstance(said, str):
        return None
    finish = said.lower()
    if finish in _CUT:
        return "length"
    return "content_filter" if finish in _FILTERED else said[:_NAME_CHARS]


def empty(finish: str | None, spent: Spent, *, thought: bool) -> BackendError:
    if thought:
        return BackendError(
            ErrorKind.EMPTY,
            f"The model reasoned and then wrote nothing (finish: {finish}). Expected a text after "
            "the reasoning. Raise max_tokens, which reasoning uses up too, or lower "
            "reasoning_effort.",
            cause=Cause.ONLY_REASONING,
            spent=spent,
        )
    advice = {
        "length": "Raise max_tokens: a model that reasons may use them all before it writes.",
        "tool_calls": "Give the model no tools: it called one instead of writing.",
    }.get(finish or "", "Look at the persona and the model: it may take its turn for over.")
    return BackendError(
        ErrorKind.EMPTY,
        f"The model wrote nothing (finish: {finish}). Expected a text. {advice}",
        spent=spent,
    )


def refused(finish: str | None, spent: Spent) -> BackendError:
    return BackendError(
        ErrorKind.REFUSED,
        f"The model or its filter refused to answer (finish: {finish}). Expected a text. Look at "
        "the conversation and the persona for what the provider does not allow.",
        spent=spent,
    )


def malformed(why: str, spent: Spent) -> BackendError:
    return BackendError(
        ErrorKind.MALFORMED,
        f"The answer cannot be read: {why}. Expected a chat completion. Check that the address "
        "belongs to a server that speaks the OpenAI protocol.",
        cause=Cause.NOT_A_COMPLETION,
        spent=spent,
    )


def _refusal(message: object) -> object:
    """Return the refusal that came instead of a text, where either library keeps it."""
    said = field(message, "refusal") or field(message, "provider_specific_fields", "refusal")
    return said if isinstance(said, str) else None


def _model(answer: object, asked: str) -> str:
    name = field(answer, "model")
    return name[:_NAME_CHARS] if isinstance(name, str) and name.strip() else asked


def _cached(usage: object) -> int | None:
    """The tokens that the provider had read before, under the names that providers use."""
    places = (
        ("prompt_tokens_details", "cached_tokens"),
        ("cache_read_input_tokens",),
        ("prompt_cache_hit_tokens",),
    )
    counts = [_count(field(usage, *place)) for place in places]
    return max((n for n in counts if n is not None), default=None)


def _count(said: object) -> int | None:
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    return int(said) if 0 <= said <= 1e12 and said == int(said) else None
