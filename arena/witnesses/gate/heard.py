"""What the interrogator has just written: whoever repeats it tells nothing."""

from arena.backends.base import Conversation, Speaker

#: So many of the newest turns are recent.
_RECENT = 24


def recently_heard(conversation: Conversation) -> str:
    """The interrogator's recent messages, below each other."""
    newest = conversation.turns[-_RECENT:]
    return "\n\n".join(turn.text for turn in newest if turn.speaker == Speaker.INTERROGATOR)
