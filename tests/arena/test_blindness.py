"""Nothing but the words: the same script, machine and human swapped, and the frames compared."""

import asyncio
import contextlib
import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.db import connection
from websockets.asyncio.client import connect

from arena import clock, database, services
from arena.events import Decision, append
from arena.models import Event, Timer
from arena.services import playing
from tests.conftest import LiveServer
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.fake_provider import FakeProvider
from tests.kit.people import Live, go_live, openai, scripted, wait_for
from tests.kit.wire import PATIENT, TIMEOUT_S, Client

LINES = ("hi there", "not much, you?", "no idea", "yes", "bye")


class Recorder(Client):
    """A client that keeps every frame as the bytes that came."""

    raw: list[str]

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(TIMEOUT_S):
            text = await self._socket.recv()
        assert isinstance(text, str)
        self.raw.append(text)
        frame: dict[str, Any] = json.loads(text)
        self.frames.append(frame)
        return frame


@contextlib.asynccontextmanager
async def recording(server: LiveServer, code: str, token: str) -> AsyncIterator[Recorder]:
    headers = {"Authorization": f"Seat {token}"}
    async with connect(
        server.ws(code), additional_headers=headers, close_timeout=0.2, **PATIENT
    ) as socket:
        client = Recorder(socket)
        client.raw = []
        yield client


_MASKS = (
    (re.compile(r'"(id|re|event)":"[^"]+"'), r'"\1":"*"'),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"), r"time\1"),
    (re.compile(r"\.\d{3}"), ".ms"),
)


def masked(raw: list[str]) -> list[str]:
    """Frames with what must differ between rooms, ids and times, made alike."""
    found = []
    for text in raw:
        for pattern, words in _MASKS:
            text = pattern.sub(words, text)
        found.append(text)
    return found


def _apart(raw: list[str]) -> dict[str, list[str]]:
    """Masked frames by kind: answers and news come by two ways and may overtake each other."""
    kinds: dict[str, list[str]] = {}
    for text in masked(raw):
        kinds.setdefault(json.loads(text)["is"], []).append(text)
    return kinds


async def _interrogate(
    asker: Recorder, other: Recorder | None, *, panes: str, human: str | None, lines: int
) -> None:
    """Ask in each pane in turn; the human answers with the machine's very words."""
    heard = dict.fromkeys(panes, 0)
    for n in range(lines):
        for pane in panes:
            question = f"question {n} in {pane}?"
            await asker.do("say", pane=pane, text=question)
            if pane == human:
                assert other is not None
                await other.message(text=question)
                await other.do("say", text=LINES[heard[pane]])
            await asker.message(sender="them", text=LINES[heard[pane]])
            heard[pane] += 1
        ack = await asker.do("belief", p=0.5)
        await asker.until(lambda f, a=ack: f.get("id") == a["event"])
    sent = next(f for f in asker.frames if f.get("from") == "me" and f.get("kind") == "message")
    ack = await asker.do("tag", event=sent["id"], strategies=[])
    await asker.until(lambda f, a=ack: f.get("id") == a["event"])
    for bad in (
        {"pane": "C", "text": "x"},
        {"pane": "A", "text": ""},
        {"pane": "B", "text": "x" * 301},
    ):
        assert (await asker.do("say", **bad))["is"] == "error"


async def _play(
    server: LiveServer, made: MadeRoom, *, lines: int = 2
) -> tuple[list[str], list[str]]:
    """A whole room; the raw frames of its interrogator and of the invited witness."""
    two_party = made.study.format == "two_party"
    panes = "A" if two_party else "AB"
    async with (
        recording(server, made.code, made.interrogator) as asker,
        recording(server, made.code, made.witness) as witness,
    ):
        await asker.ready()
        await witness.ready()
        await asker.live()
        other = witness if made.human_pane else None
        await _interrogate(asker, other, panes=panes, human=made.human_pane, lines=lines)
        async with recording(server, made.code, made.interrogator) as again:
            await again.sync()
        human: str | bool = made.human_pane is not None if two_party else "A"
        await asker.do("verdict", human=human, confidence=0.75, reason="")
        await asker.until(lambda f: f["is"] == "reveal")
        await witness.until(lambda f: f["is"] == ("reveal" if made.human_pane else "ended"))
    return asker.raw + again.raw, witness.raw


def _rooms_with_human_in(pane: str | None, **options: Any) -> MadeRoom:
    """One room with the human where it is wanted: others are drawn and left alone."""
    while True:
        for made in make_rooms(2, machines=scripted(*LINES), **options):
            if made.human_pane == pane:
                return made


async def test_swapping_human_and_machine_changes_no_byte_of_the_interrogator_s_frames(
    server: LiveServer,
) -> None:
    one = await database.run(_rooms_with_human_in, "A")
    two = await database.run(_rooms_with_human_in, "B")
    (asked_one, heard_one), (asked_two, heard_two) = await asyncio.gather(
        _play(server, one), _play(server, two)
    )
    frames_one, frames_two = _apart(asked_one), _apart(asked_two)
    assert list(frames_one.pop("reveal")) != list(frames_two.pop("reveal"))
    assert frames_one == frames_two
    # The witness of A and the witness of B see the same room, too, but for what they were asked.
    there, here = _apart(heard_one), _apart(heard_two)
    there.pop("reveal"), here.pop("reveal")
    assert json.dumps(there).replace("in A?", "in B?") == json.dumps(here)


async def test_two_party_room_shows_no_difference_between_human_and_machine(
    server: LiveServer,
) -> None:
    human = await database.run(_rooms_with_human_in, "A", format="two_party", human_share=1.0)
    machine = await database.run(_rooms_with_human_in, None, format="two_party", human_share=0.0)
    (with_human, _), (with_machine, _) = await asyncio.gather(
        _play(server, human, lines=3), _play(server, machine, lines=3)
    )
    frames_one, frames_two = _apart(with_human), _apart(with_machine)
    frames_one.pop("reveal"), frames_two.pop("reveal")
    # The verdict says what it says: the one thing in which the two scripts differ.
    unlike = ('"human":true', '"human":false')
    assert json.dumps(frames_one).replace(*(json.dumps(w)[1:-1] for w in unlike)) == json.dumps(
        frames_two
    )


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


async def _ask_in_vain(server: LiveServer, made: MadeRoom) -> list[str]:
    async with (
        recording(server, made.code, made.interrogator) as asker,
        recording(server, made.code, made.witness) as witness,
    ):
        await asker.ready()
        await witness.ready()
        await asker.live()
        for n in range(2):
            await asker.do("say", pane="A", text=f"hello {n}?")
        await wait_for(lambda: database.run(_is_attended, made))
        # What would have come of that has come before this event.
        ack = await asker.do("belief", p=0.5)
        await asker.until(lambda f: f.get("id") == ack["event"])
        await asker.do("verdict", human=False, confidence=1.0, reason="silent")
        await asker.until(lambda f: f["is"] == "reveal")
    return asker.raw


def _is_attended(made: MadeRoom) -> bool:
    """Whether whoever was asked in a room has failed to answer, or is a person who may."""
    waiting = made.room.timers.filter(kind="reply", done_at__isnull=True)
    return all("n_failed" in timer.payload for timer in waiting)


@pytest.mark.parametrize("mode", ["err500", "err401", "disconnect"])
async def test_failing_machine_looks_like_a_silent_human(
    server: LiveServer, provider: FakeProvider, mode: str
) -> None:
    options = {
        "format": "two_party",
        "machines": openai(mode),
        "machine_down": "{after: 9 min, then: end}",
    }
    human = await database.run(lambda: make_room(human_share=1.0, **options))
    machine = await database.run(lambda: make_room(human_share=0.0, **options))
    silent, failing = await asyncio.gather(
        _ask_in_vain(server, human), _ask_in_vain(server, machine)
    )
    one, two = _apart(silent), _apart(failing)
    one.pop("reveal"), two.pop("reveal")
    assert one == two
    assert provider.requests


@pytest.mark.parametrize("then", ["pause", "end"])
async def test_room_that_a_rule_stops_looks_like_one_that_its_host_stops(
    server: LiveServer, provider: FakeProvider, then: str
) -> None:
    """What becomes of a room whose machine is down is told to both sides in the host's words."""
    rule = f"{{after: 10 s, then: {then}}}"
    two = {"format": "two_party", "machines": openai("err500"), "machine_down": rule}
    three = {"machines": openai("err500"), "machine_down": rule}
    human = await database.run(lambda: make_room(human_share=1.0, **two))
    machine = await database.run(lambda: make_room(human_share=0.0, **two))
    rooms = [human, machine]
    # A witness who is a person sees no difference either: here with the machine in the other pane.
    for by_rule in (False, True):
        after = rule if by_rule else rule.replace("10 s", "9 min")
        rooms.append(await database.run(_room_with_human_in_a, **three | {"machine_down": after}))
    stopped = await asyncio.gather(
        *(
            _stopped(server, made, then=then, by_host=by_host)
            for made, by_host in zip(rooms, (True, False, True, False), strict=True)
        )
    )
    (asked, _), (asked_machine, _), *threes = [tuple(map(_apart, each)) for each in stopped]
    for frames in (asked, asked_machine, *threes[0], *threes[1]):
        frames.pop("reveal", None)
    assert asked == asked_machine
    assert threes[0] == threes[1]


def _room_with_human_in_a(**options: Any) -> MadeRoom:
    while (made := make_room(**options)).human_pane != "A":
        pass
    return made


async def _stopped(
    server: LiveServer, made: MadeRoom, *, then: str, by_host: bool
) -> tuple[list[str], list[str]]:
    """What both sides are shown of a room that is stopped after a question."""
    async with (
        recording(server, made.code, made.interrogator) as asker,
        recording(server, made.code, made.witness) as witness,
    ):
        await asker.ready()
        await witness.ready()
        await asker.live()
        await asker.do("say", pane="A" if made.study.format == "two_party" else "B", text="hello?")
        if by_host:
            stop = {"pause": services.pause, "end": services.end}[then]
            await database.run(stop, made.room, host="ada", reason="a fire")
        phase = {"pause": "paused", "end": "ended"}[then]
        for each in (asker, witness) if made.study.format == "three_party" else (asker,):
            await each.until(lambda f: f["is"] == "room" and f["phase"] == phase)
    return asker.raw, witness.raw


_FORBIDDEN = re.compile(
    r'"seq"|"kind":"(?!message|belief|tag|verdict)|machine|profile|backend|persona|withheld|scripted'
    r"|pacing|stand_in|participant|token|secret|salt|prev|hash|attempt|budget",
    re.I,
)


async def test_no_frame_tells_what_no_seat_may_know(server: LiveServer) -> None:
    made = await database.run(_rooms_with_human_in, "B")
    asked, heard = await _play(server, made)
    before_end = [text for text in (*asked, *heard) if '"is":"reveal"' not in text]
    # Masked, for a random id may spell anything.
    assert [text for text in masked(before_end) if _FORBIDDEN.search(text)] == []
    # A witness is told neither its own label nor that there is another.
    shown = [json.loads(text) for text in heard if '"is":"reveal"' not in text]
    assert [frame for frame in shown if "pane" in frame] == []
    assert [frame["panes"] for frame in shown if frame["is"] == "room"] == [[]] * sum(
        frame["is"] == "room" for frame in shown
    )
    kinds = {frame["kind"] for frame in shown if frame["is"] == "event"}
    assert kinds == {"message"}
    assert not [frame for frame in shown if "in A?" in str(frame)]


async def test_event_ids_have_one_shape_for_people_and_machines(server: LiveServer) -> None:
    made = await database.run(_rooms_with_human_in, "A")
    await _play(server, made)
    events = await database.run(lambda: list(Event.objects.filter(room=made.room)))
    assert {len(event.public_id) for event in events} == {22}
    assert len({event.public_id[:3] for event in events}) > len(events) / 2
    whole_ms = {event.at.microsecond % 1000 for event in events}
    assert whole_ms == {0}


# The order of work


@pytest.fixture
async def alone(attentive: None) -> None:
    """No timer goes off meanwhile, of this room or another: the writer works for the test alone."""
    later = clock.now() + dt.timedelta(hours=1)
    await database.run(Timer.objects.filter(done_at__isnull=True).update, wake_at=later)


class _Watch:
    """Records the statements of the writer's connection."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements.append(sql)
        return execute(sql, params, many, context)

    def take(self) -> list[str]:
        found, self.statements = self.statements, []
        return [re.sub(r"\d+", "n", sql) for sql in found]


@contextlib.asynccontextmanager
async def watching(live: Live) -> AsyncIterator[_Watch]:
    """See every statement of the writer's thread; appends run one by one meanwhile."""
    watch = _Watch()
    room_id = live.made.room.id

    def put_on(room: Any, now: Any) -> Decision:
        connection.execute_wrappers.insert(0, watch)  # not in the way of the writer's own
        return Decision()

    def take_off(room: Any, now: Any) -> Decision:
        connection.execute_wrappers.remove(watch)
        return Decision()

    await append(room_id, put_on)
    try:
        watch.take()
        yield watch
    finally:
        await append(room_id, take_off)


@pytest.mark.usefixtures("alone")
async def test_both_panes_cost_the_same_statements() -> None:
    live = await go_live(await database.run(make_room, machines=scripted(*LINES)))
    costs: dict[str, list[list[str]]] = {"A": [], "B": []}
    async with watching(live) as watch:
        for n in range(3):
            for pane in ("A", "B"):
                watch.take()
                await live.ask(f"{n}", pane=pane)
                costs[pane].append(watch.take())
    # The first message to a room fills a cache, whichever pane it is for.
    assert costs["A"][1:] == costs["B"][1:]
    assert all(cost == costs["A"][1] for cost in costs["A"][1:])
    assert len(costs["A"][1]) >= 3


@pytest.mark.usefixtures("alone")
async def test_two_party_room_costs_the_same_statements_whoever_witnesses() -> None:
    costs = []
    for share in (0.0, 1.0):
        made = await database.run(
            make_room, format="two_party", human_share=share, machines=scripted(*LINES)
        )
        live = await go_live(made)
        async with watching(live) as watch:
            watch.take()
            for n in range(3):
                await live.ask(f"{n}", pane="A")
            await playing.belief(live.asker, command_id="b", p=0.5)
            costs.append(watch.take())
    assert costs[0] == costs[1]
