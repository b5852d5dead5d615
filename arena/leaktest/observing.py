"""What an interrogator with a stopwatch sees of a room: every frame, when it came, who wrote it."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection

from arena.clock import Rate
from arena.leaktest.browser import Browser
from arena.rehearsal.connection import Frame, SeatConnection

PANES = ("A", "B")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A frame as it came: the moments by the steady and the told clock (s), its text, its parts."""

    at_s: float
    told: float
    text: str
    frame: Frame

    def is_from(self, pane: str) -> bool:
        """Whether it is a message of the witness of a pane."""
        f = self.frame
        return f["is"] == "event" and f.get("pane") == pane and f.get("from") == "them"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutQuestion:
    """A question put to a pane: its place in the room, when it was sent and acknowledged."""

    pane: str
    n: int
    text: str
    sent_s: float
    acked_s: float


class Listener(SeatConnection):
    """A seat's connection that notes every frame, byte for byte, with its moment."""

    def __init__(self, url: str, token: str, *, rate: Rate) -> None:
        super().__init__(url, token)
        self.heard: list[Heard] = []
        self.handshakes: list[tuple[str, ...]] = []
        self._rate = rate

    def come_from(self, browser: Browser) -> None:
        """Be a page's socket: open the seat with that browser's cookies."""
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        self._headers = {"Cookie": cookies, "Origin": browser.origin}

    async def _talk(self, socket: ClientConnection) -> None:
        if socket.response is not None:
            self.handshakes.append(tuple(name for name, _ in socket.response.headers.raw_items()))
        await super()._talk(socket)
        while self.is_over and self.heard[-1].frame["is"] != "reveal":
            self._hear(await socket.recv(decode=True), set())

    def _hear(self, text: str, fresh: set[str]) -> None:
        now, told = time.monotonic(), self._rate.simulated(time.time())
        self.heard.append(Heard(at_s=now, told=told, text=text, frame=json.loads(text)))
        super()._hear(text, fresh)

    def messages(self, pane: str) -> list[Heard]:
        """The messages of a pane's witness so far, each once, the oldest first."""
        found = {each.frame["id"]: each for each in reversed(self.heard) if each.is_from(pane)}
        return sorted(found.values(), key=lambda each: each.at_s)


@dataclass(slots=True, kw_only=True)
class Seen:
    """One room as it was seen, in seconds of the rooms' own clock (`speed` times as fast)."""

    code: str
    speed: float
    listener: Listener
    human: str = ""  # the pane of the person, told at the end
    asked: list[PutQuestion] = field(default_factory=list)
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    pongs: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    @property
    def machine(self) -> str:
        return "B" if self.human == "A" else "A"

    @property
    def is_told(self) -> bool:
        """Whether the end told who was who."""
        return self.human in PANES

    def during(self, pane: str, span: str) -> list[Heard]:
        """The messages of a pane in a stretch of the room."""
        if span not in self.spans:
            return []
        begin, end = self.spans[span]
        return [each for each in self.listener.messages(pane) if begin <= each.at_s < end]

    def answers(self, pane: str, span: str) -> Iterator[tuple[PutQuestion, list[Heard]]]:
        """Each question to a pane in a stretch, with the messages until the next one."""
        begin, end = self.spans.get(span, (0.0, 0.0))
        asked = [each for each in self.asked if each.pane == pane and begin <= each.sent_s < end]
        said = self.during(pane, span)
        for n, question in enumerate(asked):
            until = asked[n + 1].sent_s if n + 1 < len(asked) else end
            yield question, [each for each in said if question.sent_s <= each.at_s < until]

    def told_s(self, real_s: float) -> float:
        """A stretch of real time in seconds of the rooms' clock."""
        return real_s * self.speed
