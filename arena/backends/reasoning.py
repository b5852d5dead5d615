"""A model's reasoning, taken out of what it says: nobody is ever shown it.

Providers put it beside the text, into parts of it, or into the text itself between marks that
differ by model; servers lose the first mark (the template wrote it) or the last (the limit came).
"""

import re
from collections.abc import Iterator, Mapping

_NAMES = (
    r"think(?:ing)?|thoughts?|reason(?:ing)?|reflection|analysis|scratchpad|"
    r"inner_monologue|internal_monologue"
)
#: `<think>`, `<seed:think>`, `[THINK]`, `◁think▷`, `<|START_THINKING|>`, `<|begin_of_thought|>`.
_MARK = re.compile(
    rf"""(?x)
    <(?P<shut>/)?\s?(?:\w{{1,12}}:)?(?:{_NAMES})(?:\s[^<>]{{0,80}})?>
    | \[(?P<shut_box>/)?(?-i:THINK)\]
    | ◁(?P<shut_kimi>/)?think▷
    | <\|(?:start|(?P<shut_bar>end))_thinking\|>
    | <\|(?:begin|(?P<shut_of>end))_of_thought\|>
    """,
    re.IGNORECASE,
)
_SHUT = ("shut", "shut_box", "shut_kimi", "shut_bar", "shut_of")
#: Wrappers around what is said, once it has been parted from what was thought.
_WRAPPED = re.compile(
    r"\s*(?:<(answer|response|final|output)>(?P<tagged>.*)</\1>"
    r"|<\|(?:begin_of_solution|START_RESPONSE)\|>(?P<barred>.*?)"
    r"(?:<\|(?:end_of_solution|END_RESPONSE)\|>)?)\s*",
    re.DOTALL,
)
#: OpenAI's harmony format, with its marks or, where a server dropped them, without.
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)[^<]{0,80}<\|message\|>")
_CHANNEL_END = re.compile(r"<\|(?:end|return|start|call|channel)\|>")
_BARE_FINAL = re.compile(r"assistant\s?final")
_SAID_TYPES = frozenset({"text", "output_text", "input_text", None})
_THOUGHT_TYPES = re.compile(r"reason|think|thought|summary", re.IGNORECASE)


class UnreadableContent(ValueError):
    """Content that is neither a text nor parts of one."""


def said(text: str) -> str:
    """Return what a text says, without what it thinks."""
    if "<|channel|>" in text:
        text = "".join(_final_channels(text))
    elif text.startswith("analysis") and (final := _BARE_FINAL.search(text)):
        text = text[final.end() :]
    outside = "".join(_outside(text))
    if outside == text:
        return text
    wrapped = _WRAPPED.fullmatch(outside)
    return (wrapped["tagged"] or wrapped["barred"] or "" if wrapped else outside).strip()


def opens_unmarked(text: str) -> bool:
    """Whether a text thinks first without having said so: its first mark is a closing one."""
    first = _MARK.search(text)
    return first is not None and _shuts(first)


def content_text(content: object) -> str | None:
    """Return the text of a message's content, which may come as parts; None if there is none."""
    if content is None or isinstance(content, str):
        return content
    parts = content if isinstance(content, list | tuple) else [content]
    texts = [_part_text(part) for part in parts]
    return "".join(texts)


def is_thinking(message: object) -> bool:
    """Whether a message carries reasoning beside its text, or as a part of it."""
    kept = _field(message, "provider_specific_fields")
    places = (message, kept) if isinstance(kept, Mapping) else (message,)
    names = ("reasoning_content", "reasoning", "thinking", "thinking_blocks", "reasoning_details")
    if any(_field(place, name) for place in places for name in names):
        return True
    content = _field(message, "content")
    parts = content if isinstance(content, list | tuple) else [content]
    return any(_THOUGHT_TYPES.search(str(_field(part, "type") or "")) for part in parts)


def _outside(text: str) -> Iterator[str]:
    """The pieces of a text that stand outside of marks; all before an unopened end is inside."""
    pieces: list[str] = []
    inside, at = False, 0
    for mark in _MARK.finditer(text):
        shuts = _shuts(mark)
        if shuts and not inside:
            pieces.clear()
        elif not inside:
            pieces.append(text[at : mark.start()])
        inside, at = not shuts, mark.end()
    yield from pieces
    if not inside:
        yield text[at:]


def _shuts(mark: re.Match[str]) -> bool:
    return any(mark[name] for name in _SHUT)


def _final_channels(text: str) -> Iterator[str]:
    for channel in _CHANNEL.finditer(text):
        if channel[1] == "final":
            end = _CHANNEL_END.search(text, channel.end())
            yield text[channel.end() : end.start() if end else len(text)]


def _part_text(part: object) -> str:
    if isinstance(part, str):
        return part
    kind, text = _field(part, "type"), _field(part, "text")
    if kind in _SAID_TYPES and isinstance(text, str):
        return text
    if kind in _SAID_TYPES and isinstance(value := _field(text, "value"), str):
        return value
    if isinstance(kind, str) and kind not in _SAID_TYPES:
        return ""  # reasoning, images, calls of tools: nothing of them is said
    raise UnreadableContent(f"a part of its content is a {type(part).__name__} without a text")


def _field(of: object, name: str) -> object:
    return of.get(name) if isinstance(of, Mapping) else getattr(of, name, None)
