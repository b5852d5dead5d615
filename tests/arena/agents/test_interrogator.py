"""A model in the interrogator's seat, over real sockets, to the verdict; nobody else is told."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from websockets.asyncio.client import connect

from analysis.dataset.study import load
from arena import agents, backends, database, export
from arena.agents import MindProfile, Plays
from arena.agents.interrogator import NO_VERDICT, AgentInterrogator, Manners
from arena.agents.minds import Mind, MindFailed
from arena.agents.rooms import RoomsUnplayable
from arena.models import Event, Room, Seat
from arena.queries import study_file
from arena.rehearsal.connection import SeatConnection
from arena.studies.design import Budget
from tests.arena.test_blindness import Recorder, masked, recording
from tests.conftest import LiveServer
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.fake_provider import MODES, Answer, FakeProvider, completion
from tests.kit.people import wait_for
from tests.kit.wire import PATIENT

QUESTION = "What did you have for breakfast, number {n}?"
OPTIONS = {"temperature": 1.0, "max_tokens": 500, "timeout": "5 min", "max_retries": 0}
PLAYS = Plays(turns=5, gap_s=0.0, settle_s=0.05, retry_s=0.01)


def move(**parts: Any) -> str:
    return json.dumps({"messages": [], "belief": 0.5, "verdict": None, **parts})


def asks(request: dict[str, Any]) -> Answer:
    """Ask twice in every pane, then decide for whoever said toast."""
    system, material = (m["content"] for m in request["messages"])
    panes = "AB" if "witness A is the person" in system else "A"
    n = material.count("you to A]") + 1
    if "one JSON object at a time" in system:
        return Answer(body=completion("ready", request))
    if n <= 2 and "No more messages can be sent" not in material:
        text = QUESTION.format(n=n)
        said = [{"pane": p, "text": text, "strategies": ["daily-activities"]} for p in panes]
        return Answer(body=completion(move(messages=said, belief=0.5 + n / 10), request))
    found = re.findall(r"witness ([AB])\] toast", material)
    human: object = (found or ["A"])[-1] if panes == "AB" else bool(found)
    judged = {"human": human, "confidence": 0.8, "reason": "Toast."}
    return Answer(body=completion(move(verdict=judged), request))


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeProvider]:
    monkeypatch.setitem(MODES, "asks", asks)
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake
        await backends.close()


def profile(model: str = "asks") -> MindProfile:
    return MindProfile(name=f"openai/{model}", backend="openai", model=model, options=dict(OPTIONS))


async def _eats_toast(witness: Recorder) -> None:
    """A person who answers everything with toast, to the end."""
    await witness.ready()
    while True:
        frame = await witness.receive()
        if frame["is"] == "reveal":
            return
        if frame["is"] == "event" and frame["from"] == "them":
            await witness.send(do="say", id=frame["id"][:20], text="toast")


@contextlib.asynccontextmanager
async def _witnesses(server: LiveServer, *rooms: MadeRoom) -> AsyncIterator[list[list[str]]]:
    """The people who are invited to some rooms; their frames, as they came."""
    async with contextlib.AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(recording(server, made.code, made.witness))
            for made in rooms
        ]
        playing = [asyncio.create_task(_eats_toast(person)) for person in people]
        yield [person.raw for person in people]
        await asyncio.gather(*playing)


def _site(server: LiveServer) -> str:
    return f"http://127.0.0.1:{server.port}"


def _log(room: Room, kind: str) -> list[Event]:
    return list(Event.objects.filter(room=room, kind=kind).order_by("seq"))


async def test_two_rooms_to_the_verdict_and_the_log_says_who(
    server: LiveServer, provider: FakeProvider, tmp_path: Path
) -> None:
    made = await database.run(lambda: make_rooms(2))
    design = await database.run(study_file, made[0].study)
    rooms = await database.run(
        lambda: agents.rooms_to_play(made[0].study, agent="openai/asks", n=2)
    )
    async with _witnesses(server, *made):
        played = await agents.interrogate(
            rooms, design=design, site=_site(server), profile=profile(), plays=PLAYS
        )
    for each, mine in zip(
        sorted(played, key=lambda p: p.room), sorted(made, key=lambda m: m.code), strict=True
    ):
        assert each.room == mine.code and each.ended == "verdict" and not each.forced
        assert each.n_questions == 4 and each.judgement is not None
        assert each.judgement.human == mine.human_pane
        assert each.spent.calls >= 3 and not each.spent.failures
        await database.run(_is_on_record, mine)
    await database.run(lambda: export.write(made[0].study, tmp_path / "out"))
    seats = load(tmp_path / "out").seats
    of_agents = seats[seats.agent.notna() & (seats.agent != "")]
    assert sorted(of_agents.seat) == ["interrogator", "interrogator"]
    assert set(of_agents.agent) == {"openai/asks"} and of_agents.participant.nunique() == 1


def _is_on_record(made: MadeRoom) -> None:
    seat = Seat.objects.select_related("participant").get(room=made.room, name="interrogator")
    assert seat.agent == "openai/asks" and seat.person.code.startswith("a-")
    by_agent = [event for event in _log(made.room, "claimed") if "agent" in event.data]
    assert [(event.seat, event.data["agent"]) for event in by_agent] == [
        ("interrogator", "openai/asks")
    ]
    asked = [event for event in _log(made.room, "message") if event.seat == "interrogator"]
    assert [event.data["text"] for event in asked if event.pane == "A"] == [
        QUESTION.format(n=1),
        QUESTION.format(n=2),
    ]
    tags = _log(made.room, "tag")
    assert {str(tag.data["event"]) for tag in tags} == {event.public_id for event in asked}
    assert all(tag.data["strategies"] == ["daily-activities"] for tag in tags)
    assert [event.data["p"] for event in _log(made.room, "belief")][:2] == [0.6, 0.7]
    [verdict] = _log(made.room, "verdict")
    assert (verdict.data["confidence"], verdict.data["reason"]) == (0.8, "Toast.")


async def test_the_witness_is_told_nothing_of_it(
    server: LiveServer, provider: FakeProvider
) -> None:
    """The very same interrogator, once saying what it is: byte for byte the same frames."""
    made = await database.run(lambda: make_rooms(2))
    design = await database.run(study_file, made[0].study)
    manners = Manners(turns=5, gap_s=0.0, patience_s=300.0, settle_s=0.05)
    async with _witnesses(server, *made) as frames:
        for room, name in zip(made, ("openai/asks", None), strict=True):
            line = SeatConnection(server.ws(room.code), room.interrogator, agent=name)
            running = asyncio.create_task(line.run())
            mind = Mind(profile(), PLAYS.budget)
            played = await AgentInterrogator(line, mind, design=design, manners=manners).play("")
            assert played.ended == "verdict"
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await wait_for(lambda: _all_ended(frames))
    agent, person = (_alike(raw, room) for raw, room in zip(frames, made, strict=True))
    assert agent == person and len(agent) >= 4
    assert not any(word in text for raw in frames for text in raw for word in ("asks", "agent"))


async def _all_ended(frames: list[list[str]]) -> bool:
    return all('"reveal"' in raw[-1] for raw in frames)


def _alike(raw: list[str], made: MadeRoom) -> dict[str, list[str]]:
    """Frames by kind, without ids, times and what the draw of the room's panes has decided."""
    kinds: dict[str, list[str]] = {}
    for text in masked(raw):
        kind = json.loads(text)["is"]
        kinds.setdefault(kind, []).append("" if kind == "reveal" else text)
    return kinds


@pytest.mark.parametrize("format", ["three_party", "two_party"])
async def test_a_verdict_is_given_even_if_the_model_never_is_readable(
    server: LiveServer,
    provider: FakeProvider,
    monkeypatch: pytest.MonkeyPatch,
    format: str,
) -> None:
    seen: list[str] = []

    def believes(request: dict[str, Any]) -> Answer:
        seen.append(request["messages"][-1]["content"])
        text = move(belief=0.2) if len(seen) == 2 else "I would rather not say."
        return Answer(body=completion(text, request))

    monkeypatch.setitem(MODES, "believes", believes)
    made = await database.run(lambda: make_room(format=format, human_share=1.0))
    design = await database.run(study_file, made.study)
    rooms = await database.run(lambda: agents.rooms_to_play(made.study, agent="x"))
    plays = Plays(turns=1, gap_s=0.0, settle_s=0.05, patience_s=0.05, retry_s=0.01)
    async with _witnesses(server, made):
        [played] = await agents.interrogate(
            rooms, design=design, site=_site(server), profile=profile("believes"), plays=plays
        )
    assert played.forced and played.ended == "verdict" and played.judgement is not None
    assert played.judgement.human == ("B" if format == "three_party" else False)
    assert (played.judgement.confidence, played.judgement.reason) == (0.8, NO_VERDICT)
    assert any("could not be used" in text for text in seen)
    assert played.spent.failures and "unreadable" in played.spent.failures[0]


async def test_failures_are_retried_and_a_model_that_is_down_takes_no_seat(
    server: LiveServer, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_calls = iter(range(1_000))

    def flaky(request: dict[str, Any]) -> Answer:
        return MODES["err503"](request) if next(n_calls) in (1, 2) else asks(request)

    monkeypatch.setitem(MODES, "flaky", flaky)
    made = await database.run(make_room)
    design = await database.run(study_file, made.study)
    rooms = await database.run(lambda: agents.rooms_to_play(made.study, agent="openai/flaky"))
    with pytest.raises(MindFailed, match="does not answer"):
        await agents.interrogate(
            rooms, design=design, site=_site(server), profile=profile("err401"), plays=PLAYS
        )
    assert await database.run(lambda: _log(made.room, "claimed")) == []
    async with _witnesses(server, made):
        [played] = await agents.interrogate(
            rooms, design=design, site=_site(server), profile=profile("flaky"), plays=PLAYS
        )
    assert played.ended == "verdict" and not played.forced
    assert [failure.partition(":")[0] for failure in played.spent.failures] == ["unavailable"] * 2


async def test_budget_ends_the_questions_and_not_the_verdict(
    server: LiveServer, provider: FakeProvider
) -> None:
    made = await database.run(make_room)
    design = await database.run(study_file, made.study)
    rooms = await database.run(lambda: agents.rooms_to_play(made.study, agent="openai/asks"))
    plays = Plays(
        turns=5, gap_s=0.0, settle_s=0.05, budget=Budget(calls=1, tokens=10**6, cost_usd=1)
    )
    async with _witnesses(server, made):
        [played] = await agents.interrogate(
            rooms, design=design, site=_site(server), profile=profile(), plays=plays
        )
    assert (played.spent.calls, played.n_questions, played.forced) == (1, 2, True)
    assert played.ended == "verdict" and played.belief == 0.6


async def test_a_program_as_witness_of_a_real_study_is_told_why_not(
    server: LiveServer,
) -> None:
    from tests.arena.services.test_agents import real_room

    made = await database.run(real_room)
    headers = {"Authorization": f"Seat {made.witness}", "Agent": "openai/asks"}
    async with connect(server.ws(made.code), additional_headers=headers, **PATIENT) as socket:
        frame = json.loads(await socket.recv())
        assert (frame["is"], frame["re"], frame["code"]) == ("error", None, "agent.refused")
        await socket.wait_closed()
        assert socket.close_code == 4403
    line = SeatConnection(server.ws(made.code), made.witness, agent="openai/asks")
    running = asyncio.create_task(line.run())
    await line.news.wait()
    with pytest.raises(Exception, match="has to be a person"):
        line.check()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_rooms_that_cannot_be_played_are_named(tmp_path: Path) -> None:
    made = make_room()
    with pytest.raises(RoomsUnplayable, match="has 1 rooms without an interrogator; 2 were"):
        agents.rooms_to_play(made.study, agent="x", n=2)
    with pytest.raises(RoomsUnplayable, match="Room 'nothere' of study"):
        agents.rooms_to_play(made.study, agent="x", code="nothere")


@pytest.fixture
def closed_port() -> Iterator[str]:
    from tests.conftest import bound_socket

    with bound_socket() as held:
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


def test_command_says_what_is_wrong(closed_port: str) -> None:
    made = make_room()

    def refused(*more: str) -> str:
        with pytest.raises(CommandError) as error:
            call_command("study", "interrogate", made.study.slug, "--model", "openai/x", *more)
        return str(error.value)

    assert "--turns is 0" in refused("--turns", "0")
    assert "options.temperature" in refused("--option", "temperature=9")
    assert "expected NAME=VALUE" in refused("--option", "temperature")
    assert "No server answers at" in refused("--url", closed_port)
    assert "manage.py serve" in refused("--url", closed_port)


async def test_command_plays_a_room(
    server: LiveServer, provider: FakeProvider, capsys: pytest.CaptureFixture[str]
) -> None:
    made = await database.run(make_room)
    async with _witnesses(server, made):
        await asyncio.to_thread(
            call_command, "study", "interrogate", made.study.slug, "--model", "openai/asks",
            "--room", made.code, "--url", _site(server), "--gap", "0", "--json",
            "--option", "timeout=5 min",
        )  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert (told["study"], told["agent"]) == (made.study.slug, "openai/asks")
    [room] = told["rooms"]
    assert room["judgement"]["human"] == made.human_pane and room["ended"] == "verdict"
    assert room["spent"]["calls"] >= 3
