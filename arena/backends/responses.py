"""The Responses API of OpenAI, where it is the only door to a model: its words for a chat."""

from collections.abc import Iterator, Mapping
from typing import Any

from arena.backends.base import Reply
from arena.backends.completion import field, malformed, refused, spent_on, text_reply
from arena.backends.failure import Spent
from arena.backends.prompting import PromptMessage

PATH = "/responses"


def request(chat: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request of a chat completion as one of the Responses API; nothing is stored."""
    sent = dict(chat)
    messages = sent.pop("messages")
    limit = sent.pop("max_completion_tokens", None) or sent.pop("max_tokens", None)
    effort, verbosity = sent.pop("reasoning_effort", None), sent.pop("verbosity", None)
    body: dict[str, Any] = {
        "input": [_item(m) for m in messages if m["role"] != "system"],
        "max_output_tokens": limit,
        "store": False,
    }
    if instructions := [m["content"] for m in messages if m["role"] == "system"]:
        body["instructions"] = "\n\n".join(instructions)
    if effort is not None:
        body["reasoning"] = {"effort": effort}
    if verbosity is not None:
        body["text"] = {"verbosity": verbosity}
    return body | sent


def spent_by(answer: object, request_id: object) -> Spent:
    """Return the tokens of an answer."""
    usage = field(answer, "usage")
    as_chat = {
        "prompt_tokens": field(usage, "input_tokens"),
        "completion_tokens": field(usage, "output_tokens"),
        "total_tokens": field(usage, "total_tokens"),
        "prompt_tokens_details": field(usage, "input_tokens_details"),
    }
    return spent_on(as_chat, request_id)


def read_response(answer: object, *, model: str, spent: Spent) -> Reply:
    """Return the text of an answer as a reply, or raise why it has none."""
    output = field(answer, "output")
    if not isinstance(output, list):
        raise malformed("it has no output", spent)
    parts = list(_parts(output))
    finish = _finish(answer)
    if finish == "content_filter" or any(field(part, "type") == "refusal" for part in parts):
        raise refused(finish, spent)
    texts = [text for part in parts if isinstance(text := field(part, "text"), str)]
    name = field(answer, "model")
    return text_reply(
        "".join(texts),
        model=name if isinstance(name, str) and name else model,
        finish=finish,
        spent=spent,
        thought=any(field(item, "type") == "reasoning" for item in output),
    )


def _item(message: PromptMessage) -> dict[str, Any]:
    """A message of a chat as an item; the machine's own as the parts it once answered."""
    if message["role"] != "assistant":
        return {"type": "message", **message}
    said = {"type": "output_text", "text": message["content"], "annotations": []}
    return {"type": "message", "role": "assistant", "status": "completed", "content": [said]}


def _parts(output: list[object]) -> Iterator[object]:
    for item in output:
        content = field(item, "content") if field(item, "type") == "message" else None
        yield from content if isinstance(content, list) else ()


def _finish(answer: object) -> str | None:
    status, why = field(answer, "status"), field(answer, "incomplete_details", "reason")
    if status == "incomplete":
        return "length" if why == "max_output_tokens" else str(why)
    return "stop" if status == "completed" else str(status)
