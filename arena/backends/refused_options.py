"""Which of the options sent a provider complains about, and what to write instead."""

import re
from collections.abc import Mapping

from arena.backends.error_answer import ErrorAnswer
from arena.backends.failure import RefusedOption

#: The option of a profile that goes out under another name.
_OPTION_OF = {
    "max_completion_tokens": "max_tokens",
    "max_output_tokens": "max_tokens",
    "reasoning": "reasoning_effort",
    "text": "verbosity",
}
#: What the arena sends of itself, and no option can mend.
_OURS = frozenset({"model", "messages", "input", "instructions", "store", "timeout", "api_key"})
_COMPLAINT = re.compile(
    r"unsupported|not support|n't support|does not allow|not allowed|not permitted|unknown|invalid"
    r"|unrecogni[sz]ed|unexpected|extra[ _](?:inputs?|fields?|forbidden)|deprecated"
    r"|only the default"
    r"|must be|should be|cannot be|can't be|no longer|incompatible|not (?:valid|accept)|forbidden"
    r"|out of range|greater than|less than|expected|too (?:large|high|low|small)",
    re.IGNORECASE,
)
_USE = re.compile(r"\buse [`'\"]?(\w+)[`'\"]?(?: parameter)? instead", re.IGNORECASE)
_ONLY = re.compile(
    r"only (?:the )?(?:default )?(?:value )?\(?(?:\w+ ?= ?)?([\w.]+?)\)?(?: value)? "
    r"(?:is|are) (?:supported|allowed)",
    re.IGNORECASE,
)
#: A complaint about the roles of the messages, and that the model has another door.
_NO_SYSTEM_ROLE = re.compile(
    r"system[ _-]?(?:role|message|prompt|instruction)s?\W[^.]{0,60}\b(?:not|only|n't|unsupported)\b"
    r"|(?:not|n't) support[^.]{0,60}\bsystem\b|(?:developer|system) instruction is not enabled"
    r"|only [^.]{0,40}user[^.]{0,40}assistant[^.]{0,60}roles?|unexpected role\W{1,4}system"
    r"|roles must alternate|does not support [`'\"]?(?:system|developer)\b"
    r"|(?:unknown|invalid|unsupported)[^.]{0,20}role\W{1,6}system",
    re.IGNORECASE,
)
_OTHER_DOOR = re.compile(
    r"\bv1/responses\b|\bresponses (?:api|endpoint)\b|/responses instead", re.IGNORECASE
)


def refused_option(answer: ErrorAnswer, sent: Mapping[str, object]) -> RefusedOption | None:
    """Return the option of those sent that the provider refuses to take, if it is one of them."""
    if not _COMPLAINT.search(answer.words):
        return None
    wire = _named(answer, sent)
    if wire is None:
        return None
    option = _OPTION_OF.get(wire, wire)
    return RefusedOption(
        option=option, value=_value(sent, wire), said=answer.message, instead=_instead(answer, wire)
    )


def wants_other_limit(refused: RefusedOption, limit: str) -> str | None:
    """The name under which the provider wants max_tokens, if it refused the one it was given."""
    if refused.option != "max_tokens":
        return None
    used = _USE.search(refused.said)
    other = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}.get(
        limit
    )
    if used:
        return used[1] if used[1] == other else None
    unknown = re.search(
        r"unsupported|not support|unknown|unrecogni|unexpected|extra|forbidden|permitted"
        r"|deprecated",
        refused.said,
        re.IGNORECASE,
    )
    return other if unknown else None


def refuses_system_role(answer: ErrorAnswer) -> bool:
    return _NO_SYSTEM_ROLE.search(answer.words) is not None


def wants_responses(answer: ErrorAnswer) -> bool:
    return _OTHER_DOOR.search(answer.words) is not None


def _named(answer: ErrorAnswer, sent: Mapping[str, object]) -> str | None:
    """The parameter sent that the complaint names first."""
    names = [name for name in sent if name not in _OURS]
    param = answer.param.partition(".")[0]
    if param in names:
        return param
    if param in _OURS or re.match(r"(?:messages|input)\b", answer.param):
        return None
    found = (
        (place.start(), -len(name), name)
        for name in names
        if (place := re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", answer.message))
    )
    return min(found, default=(0, 0, None))[2]


def _value(sent: Mapping[str, object], wire: str) -> object:
    value = sent[wire]
    if wire in ("reasoning", "text") and isinstance(value, Mapping):
        return next(iter(value.values()), value)
    return value


def _instead(answer: ErrorAnswer, wire: str) -> str:
    option = _OPTION_OF.get(wire, wire)
    if option == "max_tokens":
        return "a max_tokens that the provider allows, as it says"
    if used := _USE.search(answer.message):
        return f"{used[1]} (in extra_body, if it is no option here)"
    if only := _ONLY.search(answer.message):
        return f"nothing, or {option}: {only[1]}"
    if re.search(r"must be|should be|greater|less than|out of range|one of", answer.message, re.I):
        return f"a value of {option} that the provider allows, as it says, or nothing"
    return f"nothing: leave {option} out"
