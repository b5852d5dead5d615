"""Trying a machine before anyone sees it: every option that its provider refuses, in one go."""

from collections.abc import Mapping
from dataclasses import dataclass

from arena.backends.base import Backend, Conversation, Profile, Reply
from arena.backends.failure import BackendError, RefusedOption


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of trying: the reply or the last failure, and the options refused on the way.

    The reply is that to the profile without the refused options; a room would have had none.
    """

    reply: Reply | None
    error: BackendError | None
    refused: tuple[RefusedOption, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Without:
    """A profile without some of its options."""

    name: str
    backend: str
    model: str
    persona: str
    options: Mapping[str, object]


async def try_machine(
    backend: Backend, conversation: Conversation, *, profile: Profile, seed: int
) -> Tried:
    """Ask for a reply; after each option that is refused, ask again without it."""
    refused: list[RefusedOption] = []
    options = dict(profile.options)
    while True:
        asked = _Without(
            name=profile.name,
            backend=profile.backend,
            model=profile.model,
            persona=profile.persona,
            options=dict(options),
        )
        try:
            reply = await backend.reply(conversation, profile=asked, seed=seed)
        except BackendError as error:
            found = error.refused
            if found is None or not _leave_out(options, found.option):
                return Tried(reply=None, error=error, refused=tuple(refused))
            refused.append(found)
            continue
        return Tried(reply=reply, error=None, refused=tuple(refused))


def _leave_out(options: dict[str, object], name: str) -> bool:
    """Take an option or a further parameter out of a profile's; tell whether it was in."""
    if name in options:
        del options[name]
        return True
    for bag in ("extra_body", "extra_params"):
        held = options.get(bag)
        if isinstance(held, Mapping) and name in held:
            rest = {key: value for key, value in held.items() if key != name}
            if rest:
                options[bag] = rest
            else:
                del options[bag]
            return True
    return False
