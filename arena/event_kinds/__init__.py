"""The kinds of event: one class each, which says what is in it, who sees it, what is kept of it.

Frames, sight, exports and transcripts go by what the classes say. Knows no framework.
"""

from collections.abc import Callable, Mapping

from arena.event_kinds.body import Body, BodyMisfit, Erasure, SeenBy
from arena.event_kinds.judgements import Belief, BeliefAsked, Tag, Verdict
from arena.event_kinds.machines import (
    AS_PEOPLE,
    NOT_ASKED,
    GaveUp,
    MachineCall,
    MessageRange,
    Purpose,
    Shown,
    Slip,
    SlipKind,
    Withheld,
)
from arena.event_kinds.memory import Claim, Claims, Remembered, Subject, Summary, SummaryPoint
from arena.event_kinds.phases import (
    Ended,
    Paused,
    Resumed,
    Revealed,
    Round,
    Sealed,
    Started,
    TimeUp,
    Unsealed,
)
from arena.event_kinds.seats import Away, Back, Claimed, Exit, Help, Left, Ready, Reminded
from arena.event_kinds.words import Held, Message, Typed, Words
from arena.rules import EventKind

__all__ = [
    "ACTS",
    "AS_PEOPLE",
    "BODIES",
    "ERASED_WITH_ANY",
    "ERASED_WITH_WRITER",
    "MOVES_ROOM",
    "NOT_ASKED",
    "WORDS",
    "Away",
    "Back",
    "Belief",
    "BeliefAsked",
    "Body",
    "BodyMisfit",
    "Claim",
    "Claimed",
    "Claims",
    "Ended",
    "Erasure",
    "Exit",
    "GaveUp",
    "Held",
    "Help",
    "Left",
    "MachineCall",
    "Message",
    "MessageRange",
    "Paused",
    "Purpose",
    "Ready",
    "Remembered",
    "Reminded",
    "Resumed",
    "Revealed",
    "Round",
    "Sealed",
    "SeenBy",
    "Shown",
    "Slip",
    "SlipKind",
    "Started",
    "Subject",
    "Summary",
    "SummaryPoint",
    "Tag",
    "TimeUp",
    "Typed",
    "Unsealed",
    "Verdict",
    "Withheld",
    "Words",
    "kinds",
    "seen_by",
]

#: The class of each kind.
BODIES: Mapping[EventKind, type[Body]] = {
    body.kind: body
    for body in (
        *(Sealed, Claimed, Ready, Started, Message, Held, Typed, Round),
        *(Belief, BeliefAsked, Tag, Verdict),
        *(Left, Paused, Resumed, TimeUp, Ended, Revealed, Unsealed),
        *(MachineCall, Withheld, GaveUp, Claims, Summary),
        *(Reminded, Away, Back, Help, Exit),
    )
}


def kinds(which: Callable[[type[Body]], bool]) -> frozenset[EventKind]:
    """The kinds whose class fits."""
    return frozenset(kind for kind, body in BODIES.items() if which(body))


def seen_by(*seats: SeenBy) -> frozenset[EventKind]:
    """The kinds that these may see."""
    return kinds(lambda body: body.seen_by in seats)


#: What somebody said, be it shown at once or at the end of a round.
WORDS = kinds(lambda body: issubclass(body, Words))
#: What a seat does of its own accord: a visit is made of these.
ACTS = kinds(lambda body: body.is_act)
#: After which every seat is told anew where the room stands.
MOVES_ROOM = kinds(lambda body: body.moves_room)
#: What is erased at its writer's wish, and what as soon as anybody in its room wishes it.
ERASED_WITH_WRITER = kinds(lambda body: body.erasure == Erasure.WRITER)
ERASED_WITH_ANY = kinds(lambda body: body.erasure == Erasure.ANYBODY)
