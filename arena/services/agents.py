"""Programs in the places of people: what one must be called, and where it may sit."""

import hashlib
import re

from arena import clock
from arena.errors import AgentRefused
from arena.models import Participant, Seat

#: What a program calls itself: as models are called, with a provider or a maker before it.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,119}")


def check(agent: str, seat: Seat) -> None:
    """Refuse a name that is none, and a seat in which a program would falsify the study."""
    if not _NAME.fullmatch(agent):
        raise AgentRefused(
            agent, "the name of the program, such as openai/gpt-4.1: letters, digits, ._:/@+-"
        )
    if not seat.is_interrogator and not seat.room.study.simulated:
        raise AgentRefused(
            agent,
            "none: the witness who is invited has to be a person, or what is measured against is "
            "no person. A program may be the interrogator, and in a simulated study the witness",
        )


def person(agent: str) -> Participant:
    """The participant that a program is in the tables: the same in all its rooms."""
    # One code for one program: its rooms are not those of so many independent interrogators.
    code = "a-" + hashlib.sha256(agent.encode()).hexdigest()[:12]
    known, _ = Participant.objects.get_or_create(code=code, defaults={"created_at": clock.now()})
    return known
