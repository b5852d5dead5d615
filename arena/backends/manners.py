"""How a provider wants to be asked for one of its models, learnt from what it refuses.

Only what changes nothing for the model is adapted: the name of the limit, where the instructions
stand, and which door is used. An option that the study states is never left out for a provider.
"""

import re
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, replace

from arena.backends.base import Reply
from arena.backends.failure import BackendError, RefusedOption
from arena.backends.prompting import PromptMessage
from arena.backends.provider_errors import ProviderFailed
from arena.backends.reasoning import opens_unmarked
from arena.backends.refused_options import (
    refuses_system_role,
    wants_other_limit,
    wants_responses,
)

LIMIT_FIELDS = ("max_tokens", "max_completion_tokens")
APIS = ("chat", "responses")
#: Models that have never taken the short name.
_LONGER_NAME = re.compile(r"(?:.*/)?(?:gpt-[5-9]|o[1-9])(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    limit_field: str
    system_role: bool = True
    api: str = "chat"
    adapted: tuple[RefusedOption, ...] = ()
    thinks_unmarked: bool = False

    def after(self, error: BackendError) -> "Manner | None":
        """Return how to ask after a failure that another way of asking may mend, if one is left."""
        if not isinstance(error, ProviderFailed):
            return None
        tried = {each.option for each in self.adapted}
        refused = error.refused
        other = refused and wants_other_limit(refused, self.limit_field)
        if refused and other and "max_tokens" not in tried:
            named = replace(refused, instead=f"limit_field: {other}")
            return replace(self, limit_field=other, adapted=(*self.adapted, named))
        said, status = error.answer.message, error.answer.status or 0
        if self.system_role and status in _ROLE_STATUS and refuses_system_role(error.answer):
            note = RefusedOption(
                option="system", value="a system message", said=said, instead="a user message"
            )
            return replace(self, system_role=False, adapted=(*self.adapted, note))
        if self.api == "chat" and 400 <= status < 500 and wants_responses(error.answer):
            note = RefusedOption(option="api", value="chat", said=said, instead="api: responses")
            return replace(self, api="responses", adapted=(*self.adapted, note))
        return None

    def messages(self, prompt: Sequence[PromptMessage]) -> list[PromptMessage]:
        """Return a prompt as the provider takes it; without a system role, in user messages."""
        if self.system_role or not prompt or prompt[0]["role"] != "system":
            return list(prompt)
        instructions, *talk = prompt
        if not talk or talk[0]["role"] != "user":
            return [PromptMessage(role="user", content=instructions["content"]), *talk]
        first = f"{instructions['content']}\n\n{talk[0]['content']}"
        return [PromptMessage(role="user", content=first), *talk[1:]]


_ROLE_STATUS = frozenset({400, 404, 422, 500, 501})
_learnt: dict[Hashable, Manner] = {}


def limit_field(model: str, *, of_openai: bool) -> str:
    """The name under which a model's provider takes the limit, as far as names tell."""
    longer = of_openai or _LONGER_NAME.match(model) is not None
    return LIMIT_FIELDS[longer]


async def in_its_manner(
    ask: Callable[[Manner], Awaitable[Reply]], first: Manner, *, where: Hashable
) -> Reply:
    """Return the reply of `ask`, put another way where the provider wants it, and remember it."""
    manner = _learnt.get(where, first)
    while True:
        try:
            reply = await ask(manner)
        except BackendError as error:
            other = manner.after(error)
            if other is None:
                _forget_if_wrong(where, error)
                raise
            manner = other
            continue
        if reply.raw and opens_unmarked(reply.raw):
            manner = replace(manner, thinks_unmarked=True)
        if manner != first:
            _learnt[where] = manner
        return replace(reply, adapted=manner.adapted) if manner.adapted else reply


def forget() -> None:
    """Forget what was learnt of all providers."""
    _learnt.clear()


def _forget_if_wrong(where: Hashable, error: BackendError) -> None:
    """A provider may change its mind: the next call begins anew."""
    if error.refused is not None:
        _learnt.pop(where, None)
