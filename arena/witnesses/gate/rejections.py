"""The reasons for which a machine's reply is rejected."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from arena.backends.base import Conversation, Profile, Speaker
from arena.backends.quoting import on_one_line
from arena.event_kinds import Claim
from arena.witnesses.gate.answers import admission
from arena.witnesses.gate.assistant import assistant_style
from arena.witnesses.gate.cues import cue
from arena.witnesses.gate.heard import recently_heard, without_quotations
from arena.witnesses.gate.leaks import DRAFT, leak
from arena.witnesses.gate.other_languages import says_in_another_language
from arena.witnesses.gate.self_identification import self_identification
from arena.witnesses.gate.stated_facts import Fact, answer, disagree, facts, persona_facts
from arena.witnesses.gate.typed import OTHERS, SPEAKERS
from arena.witnesses.memory.claims import current

#: How often a reply is generated again after a rejection.
MAX_REGENERATIONS = 2


class Reason(StrEnum):
    EMPTY = "empty"
    TOO_LONG = "too_long"
    LEAK = "leak"
    ASSISTANT = "assistant"
    DIALOGUE = "dialogue"
    CONTRADICTION = "contradiction"


#: What the page advises a model whose reply was rejected.
ADVICE = {
    Reason.EMPTY: "Your last draft was empty. Write a message.",
    Reason.TOO_LONG: "Your last draft was too long. Write a shorter message.",
    Reason.LEAK: "Your last draft repeated what you were told. Say nothing of it, in no code or "
    "language; answer as somebody who was told nothing.",
    Reason.ASSISTANT: "Your last draft did not sound like you. Answer as the person you are.",
    Reason.DIALOGUE: "Your last draft wrote lines for others. Write only your own next message.",
    Reason.CONTRADICTION: "Your last draft contradicted what you have said about yourself before.",
}
#: So much of a draft is enough to know it by.
_DRAFT_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Why a reply may not be shown; `detail` is for the log and quotes nothing."""

    reason: Reason
    detail: str

    def advice_on(self, draft: str) -> str:
        """What to tell the model about its draft, with the draft; never again what leaked."""
        advice = ADVICE[self.reason]
        shown = on_one_line(draft)[:_DRAFT_CHARS]
        return advice if self.reason == Reason.LEAK or not shown else f'{advice}{DRAFT}"{shown}"'

    @property
    def advice(self) -> str:
        return ADVICE[self.reason]


def rejection(
    text: str, *, conversation: Conversation, profile: Profile, claims: Sequence[Claim] = ()
) -> Rejection | None:
    """Why a reply may not be shown, or None if it may."""
    if not text.strip():
        return Rejection(reason=Reason.EMPTY, detail="no text")
    limit = conversation.message_chars
    if len(text) > limit:
        return Rejection(reason=Reason.TOO_LONG, detail=f"{len(text)} characters, at most {limit}")
    if found := leak(text, conversation=conversation, profile=profile):
        return Rejection(reason=Reason.LEAK, detail=found)
    own = without_quotations(text, recently_heard(conversation.turns))
    if found := _machine(own, conversation):
        return Rejection(reason=Reason.ASSISTANT, detail=found)
    if _writes_for_others(own):
        return Rejection(reason=Reason.DIALOGUE, detail="stamps or lines under names of roles")
    if found := _contradiction(own, conversation=conversation, profile=profile, claims=claims):
        return Rejection(reason=Reason.CONTRADICTION, detail=found)
    return None


def _machine(text: str, conversation: Conversation) -> str | None:
    """How a text says that a machine wrote it, if it does."""
    found = self_identification(text) or admission(text, conversation) or cue(text, conversation)
    if found:
        return found
    if says_in_another_language(text):
        return "what it is, in another language"
    return "the style of an assistant" if assistant_style(text) else None


_ROLE_LINE = re.compile(
    rf"^[\W_]*(?:{SPEAKERS}|{OTHERS}|witness(?: ?[ab])?)(?: ?[ab12])?[*_\"']*\s?:",
    re.IGNORECASE | re.MULTILINE,
)
_OTHERS_LINE = re.compile(rf"^[\W_]*(?:{OTHERS})[*_\"']*\s?:", re.IGNORECASE | re.MULTILINE)
#: Lines under any names, and lines that tell what happens.
_NAMED_LINE = re.compile(r"^([^\W\d_]\w{0,14}(?: [AB12])?)\s?:\s\S", re.MULTILINE)
_ADDRESSED = frozenset(["you", "du", "tú", "tu", "toi", "ты", "вы", "sie", "usted", "vous"])
_TOLD_LINE = re.compile(r"^\[[^\[\]\n]*[^\W\d_]{2,} [^\[\]\n]*\]$", re.MULTILINE)
_ROLE_FIELD = re.compile(
    r"[\"']?role[\"']?\s*[:=]\s*[\"']?(?:system|user|assistant)", re.IGNORECASE
)
_STAMP = re.compile(
    r"\[\s*(?:mon|tue|wed|thu|fri|sat|sun)\w*\s+\d{1,2}\s+\w{3,9}(?:\s+\d{4})?,?\s+\d{1,2}:\d\d"
    r"(?:,\s*you:?)?\s*\]",
    re.IGNORECASE,
)
_ROOM = re.compile(
    r"\b(?:other|another|next|previous) room\b.{0,40}[:\"]|\broom [\w-]{2,16}:", re.IGNORECASE
)


def _writes_for_others(text: str) -> bool:
    """Whether a reply is a dialogue or a transcript instead of one message."""
    return bool(
        len(_ROLE_LINE.findall(text)) >= 2
        or _OTHERS_LINE.search(text)
        or _is_transcript(_NAMED_LINE.findall(text))
        or (_TOLD_LINE.search(text) and "\n" in text)
        or _ROLE_FIELD.search(text)
        or _STAMP.search(text)
        or _ROOM.search(text)
    )


def _is_transcript(names: list[str]) -> bool:
    """Whether lines under these names are a dialogue: with the reader, or of people in turn."""
    with_reader = any(name.casefold() in _ADDRESSED for name in names)
    in_turn = any(len(name) == 1 and names.count(name) > 1 for name in names)
    return len(names) >= 2 and (with_reader or in_turn)


def _contradiction(
    text: str, *, conversation: Conversation, profile: Profile, claims: Sequence[Claim]
) -> str | None:
    """Which plain fact contradicts what the machine has stated before, if any."""
    new = _said(text, conversation.turns[-1].text if conversation.turns else "")
    if not new:
        return None
    for fact, days in _stated(conversation, profile, claims):
        if any(disagree(fact, each, days=days) for each in new):
            return str(fact.attribute)
    return None


def _said(text: str, before: str) -> tuple[Fact, ...]:
    return facts(answer(before, text) or text)


def _stated(
    conversation: Conversation, profile: Profile, claims: Sequence[Claim]
) -> Iterator[tuple[Fact, float]]:
    """Every plain fact in memory or in the shown turns, with its age in days."""
    yield from ((fact, 0.0) for fact in persona_facts(profile.persona))
    now = conversation.now
    for claim in current(claims):
        days = (now - claim.said_at).total_seconds() / 86_400
        begin = {"age": "i am ", "name": "my name is ", "home": "i live in "}.get(claim.subject, "")
        found = facts(claim.claim) or facts(begin + claim.claim)
        yield from ((fact, days) for fact in found)
    turns = conversation.turns
    replaced = {s.claim for s in set(claims) - set(current(claims))}
    for n, (before, turn) in enumerate(zip((None, *turns), turns, strict=False)):
        if turn.speaker != Speaker.ME or turn.text in replaced:
            continue
        question = before.text if before else ""
        found = _said(turn.text, question)
        if found:  # Who typed what was given out said nothing about itself.
            found = _said(without_quotations(turn.text, recently_heard(turns[:n])), question)
        days = (now - turn.at).total_seconds() / 86_400
        yield from ((fact, days) for fact in found)
