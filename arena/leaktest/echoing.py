"""The echo corpus: what is shown of a string to be typed exactly, by a person and by a machine."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from arena.leaktest.choosing import Choices
from arena.leaktest.observing import PANES
from arena.leaktest.room import MatchedRoom
from arena.leaktest.words import echo_request, echo_strings
from arena.text import normalise

#: Strings for each room.
PER_ROOM = 10
#: How long (s, by the rooms' clock) a string is waited for: the longest takes minutes to type.
PATIENCE_S, QUIET_S = 240.0, 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A string, and what each pane showed of it; several messages are joined by a line break."""

    text: str
    shown: dict[str, str]


@dataclass(slots=True, kw_only=True)
class EchoTalk:
    """The strings of one room, and what became of them."""

    strings: Sequence[str]
    echoes: list[Echo] = field(default_factory=list)

    async def play(self, room: MatchedRoom) -> None:
        """Ask for one string after another."""
        for n, text in enumerate(self.strings):
            before = {pane: len(room.asker.messages(pane)) for pane in PANES}
            await room.ask_both(n, echo_request(text))
            await room.both_answered(patience_s=PATIENCE_S, quiet_s=QUIET_S)
            said = {pane: room.asker.messages(pane)[before[pane] :] for pane in PANES}
            shown = {p: "\n".join(str(e.frame["text"]) for e in said[p]) for p in PANES}
            self.echoes.append(Echo(text=text, shown=shown))


def chosen(n: int, *, message_chars: int) -> list[str]:
    """At most `n` strings, evenly from the corpus, that fit a message with the request."""
    fitting = [text for text in echo_strings() if len(echo_request(text)) <= message_chars]
    step = max(1.0, len(fitting) / n)
    return [fitting[int(k * step)] for k in range(min(n, len(fitting)))]


def in_rooms(strings: Sequence[str]) -> list[EchoTalk]:
    """Strings dealt out to as few rooms as hold them, every kind to every room."""
    n_rooms = -(-len(strings) // PER_ROOM)
    return [EchoTalk(strings=strings[n::n_rooms]) for n in range(n_rooms)]


def judged(echo: Echo, *, machine: str, human: str) -> int:
    """1 where the machine's pane differs from what was asked for, -1 where the person's does."""
    wanted = normalise(echo.text)
    return int(echo.shown[machine] != wanted) - int(echo.shown[human] != wanted)


def counted(told: Sequence[int]) -> Choices:
    """Each string as a choice: the pane in which it differs is taken for the machine's."""
    return Choices(n=len(told), n_right=told.count(1), n_equal=told.count(0))


def note(echo: Echo, *, machine: str) -> str:
    """A string that tells, in a sentence."""
    shown = echo.shown[machine]
    return f"{echo.text!r} from the machine: {repr(shown) if shown else 'silence'}"
