"""Studies with rooms that have ended, for tests of what is made of them."""

from arena import services
from arena.results import ResultKind
from arena.results.kept import folder_of, open_lock
from arena.results.making import make
from tests.kit.factories import MadeRoom, make_room
from tests.kit.pages import decide, interrogator, make_ready, say, seated


def ended_room(*, said: str = "Who are you?") -> MadeRoom:
    """A room that was played to its verdict."""
    made = make_room()
    play(made, said=said)
    return made


def play(made: MadeRoom, *, said: str = "Who are you?") -> None:
    """Play a room to its verdict."""
    seated(made.interrogator)
    seated(made.witness)
    make_ready(made)
    say(interrogator(made), said, pane="A")
    decide(made, "A")


def erase(made: MadeRoom) -> None:
    """Have the interrogator's words erased."""
    services.withdraw(interrogator(made), erase=True)


def make_here(room: MadeRoom, kind: ResultKind) -> str:
    """Do in this process what a process of its own does; return why it failed."""
    with open_lock(folder_of(room.study, kind)) as lock:
        return make(room.study, kind, lock=lock.fileno())
