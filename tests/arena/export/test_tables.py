"""The rows of each table, whole, for a room that has something in all of them."""

import asyncio
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import analysis
from analysis.dataset import chain
from arena import events, queries, witnesses
from arena.event_kinds import MachineCall, Purpose, Withheld
from arena.events import Decision, Draft
from arena.models import Event, Room, Seat, Timer
from tests.arena.export.playing_rooms import (
    asker,
    believe,
    code,
    decide,
    say,
    start,
    tag,
    witness,
)
from tests.arena.export.reading_back import Row, exported, read, stamp
from tests.kit.factories import MadeRoom, make_room

#: What a call keeps in the log alone.
NOT_IN_TABLES = ("shown",)

#: A failed call to a backend that says as little, and as badly, as one may.
CALL: Row = {
    **dict.fromkeys(["tokens_in", "tokens_out", "cost_usd", "request_id"]),
    "profile": "eliza",
    "backend": "eliza",
    "model": "doctor",
    "parameters": {"temperature": 1.0, "名": "='"},
    "prompt_sha256": "0" * 64,
    "n_turns": 1,
    "latency_ms": 12,
    "outcome": "timeout",
    "error": "\r=cmd\r\nno \x00 \u2028 end",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A played three-party room, the ids of its events, and its export."""

    room: MadeRoom
    asker: Seat
    human: Seat
    machine: Seat
    strategies: list[str]
    question: str
    answer: str
    belief: str
    last_tag: str
    verdict: str
    folder: Path


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    room = make_room()
    start(room)
    me, human, machine = asker(room), witness(room, "human"), witness(room, "machine")
    strategies = [each.id for each in queries.study_file(room.study).strategies[:3]]
    question = say(me, "Hello?", human.name)
    answer = say(human, "Hello.")
    _log_call(machine, CALL)
    _log_call(machine, CALL | {"tokens_in": 7, "tokens_out": 0, "cost_usd": 0, "request_id": "-r"})
    belief = believe(me, 0.3)
    other = say(me, "Really?", machine.name)
    tag(me, question, *strategies[:2])
    tag(me, other, strategies[2])
    tag(me, other)
    last_tag = tag(me, question, strategies[2], strategies[1], strategies[2])
    return Story(
        room=room,
        asker=me,
        human=human,
        machine=machine,
        strategies=strategies,
        question=question,
        answer=answer,
        belief=belief,
        last_tag=last_tag,
        verdict=decide(me, human.name),
        folder=exported(room.study, tmp_path_factory.mktemp("story")),
    )


def _log_call(machine: Seat, body: dict[str, Any]) -> None:
    call = MachineCall(purpose=Purpose.REPLY, **body)
    draft = Draft(seat=machine.actor, body=call)
    events.append_now(machine.room_id, lambda _room, _now: Decision(events=(draft,)))


def test_rooms_row_sums_the_room_up(story: Story) -> None:
    stored = Room.objects.get(id=story.room.room.id)
    verdict = stamp(story.verdict)
    started = Event.objects.get(room=stored, kind="started").at
    assert read(story.folder, "rooms") == [
        {
            "room": story.room.code,
            "study": story.room.study.slug,
            "study_sha256": story.room.study.sha256,
            "format": "three_party",
            "profile": "eliza",
            "human_pane": story.human.name,
            "witness_kind": "",
            "interrogator": code(story.asker),
            "human_witness": code(story.human),
            "created_at": stored.created_at,
            "started_at": started,
            "ends_at": started + dt.timedelta(minutes=10),
            "ended_at": verdict["at"],
            "duration_ms": 600_000,
            "elapsed_ms": verdict["elapsed_ms"],
            "paused_ms": 0,
            "end_reason": "verdict",
            "ended_by": "interrogator",
            "n_messages": 2,
            "n_messages_all": Event.objects.filter(room=stored, kind="message").count(),
            "seal": stored.seal,
            "simulated": True,
            "unsealed_at": None,
        }
    ]


def test_seats_name_everybody_in_order(story: Story) -> None:
    agreed = {"consent_sha256": story.room.room.consent_sha256, "stand_in": False, "profile": ""}
    agreed["agent"] = ""
    nobody = {"participant": "", "ready_at": None, "consent_sha256": "", "stand_in": False}
    nobody["agent"] = ""
    person = {"kind": "human", **agreed}
    behind: dict[str, Row] = {
        story.human.name: person
        | {"participant": code(story.human), "ready_at": story.human.ready_at},
        story.machine.name: {"kind": "machine", "profile": "eliza", **nobody},
    }
    asking = {"participant": code(story.asker), "ready_at": story.asker.ready_at}
    assert read(story.folder, "seats") == [
        {"room": story.room.code, "seat": "interrogator", **person, **asking},
        *({"room": story.room.code, "seat": name, **behind[name]} for name in "AB"),
    ]


def test_messages_say_who_wrote_what(story: Story) -> None:
    shared = {"pane": story.human.name, "kind": "human", "n_chars": 6, "erased": False}
    rows = read(story.folder, "messages")[:2]
    assert [row.pop("written_at") for row in rows] == [row["at"] for row in rows]
    assert rows == [
        {**stamp(story.question), **shared, "seat": "interrogator", "text": "Hello?"},
        {**stamp(story.answer), **shared, "seat": story.human.name, "text": "Hello."},
    ]


def test_beliefs_and_verdicts_are_held_against_the_assignment(story: Story) -> None:
    p_true = 0.3 if story.human.name == "A" else 0.7
    assert read(story.folder, "beliefs") == [
        {**stamp(story.belief), "n_messages": 1, "p": 0.3, "p_true": p_true}
    ]
    assert read(story.folder, "verdicts") == [
        {
            **stamp(story.verdict),
            "n_messages": 2,
            "human": story.human.name,
            "correct": True,
            "confidence": 0.75,
            "reason": "It sounded right.",
        }
    ]


def test_the_last_tags_of_a_message_are_its_strategies(story: Story) -> None:
    tagged = stamp(story.last_tag) | {"message": story.question, "source": "interrogator"}
    del tagged["seq"]
    assert read(story.folder, "strategies") == [
        {**tagged, "strategy": strategy, "coder": code(story.asker)}
        for strategy in (story.strategies[2], story.strategies[1])
    ]


def test_machine_calls_keep_failures_and_gaps(story: Story) -> None:
    rows = read(story.folder, "machine_calls")[:2]
    call = CALL | {"parameters": '{"temperature":1.0,"名":"=\'"}', "request_id": ""}
    assert [{name: row[name] for name in CALL} for row in rows] == [
        call,
        call | {"tokens_in": 7, "tokens_out": 0, "cost_usd": 0.0, "request_id": "-r"},
    ]
    assert {row["seat"] for row in rows} == {story.machine.name}


@pytest.mark.parametrize("human", [True, False])
def test_two_party_room_names_its_witness(tmp_path: Path, human: bool) -> None:
    room = make_room(format="two_party", human_share=float(human))
    start(room)
    say(asker(room), "Hello?", "A")
    believe(asker(room), 0.9)
    decide(asker(room), True)

    folder = exported(room.study, tmp_path)

    [row] = read(folder, "rooms")
    names = ("profile", "human_pane", "witness_kind")
    expected = ("", "A", "human") if human else ("eliza", "", "machine")
    assert tuple(row[name] for name in names) == expected
    assert (row["human_witness"] == "") is not human
    [belief], [verdict] = read(folder, "beliefs"), read(folder, "verdicts")
    assert (belief["p"], belief["p_true"]) == (0.9, 0.9 if human else 1 - 0.9)
    assert (verdict["human"], verdict["correct"]) == ("true", human)
    machine = [] if human else [("A", "machine", False)]
    seats = [(r["seat"], r["kind"], r["stand_in"]) for r in read(folder, "seats")]
    assert seats == [("interrogator", "human", False), *machine, ("A", "human", not human)]


def test_a_machine_that_answered_is_in_the_tables(tmp_path: Path) -> None:
    room = make_room()
    start(room)
    machine = witness(room, "machine")
    say(asker(room), "I am unhappy.", machine.name)
    timer = Timer.objects.get(seat=machine)
    for _ in range(2):
        asyncio.run(witnesses.attend(timer))
        timer.refresh_from_db()
    decide(asker(room), "A")

    folder = exported(room.study, tmp_path)

    call = Event.objects.filter(room=room.room, kind="machine_call").first()
    body = {name: value for name, value in call.data.items() if name not in NOT_IN_TABLES}
    assert body["request_id"] is None
    where = stamp(call.public_id) | {"seat": machine.name, "request_id": ""}
    del where["elapsed_ms"]
    parameters = chain.canonical(body["parameters"]).decode()
    moments = {
        name: dt.datetime.fromisoformat(str(call.data[name])) for name in ("drawn_at", "due_at")
    }
    rest = {"parameters": parameters, "tokens_cached": None, **moments}
    assert read(folder, "machine_calls")[0] == body | where | rest
    said = [row for row in read(folder, "messages") if row["kind"] == "machine"]
    assert [(row["pane"], row["seat"]) for row in said] == [(machine.name, machine.name)]
    assert analysis.load(folder).machine_calls["outcome"].tolist()[0] == "ok"


def test_a_question_that_a_machine_left_is_in_the_tables(tmp_path: Path) -> None:
    room = make_room()
    start(room)
    me, machine = asker(room), witness(room, "machine")
    say(me, "Hello?", room.human_pane)
    question = say(me, "And you?", machine.name)
    asked = Event.objects.get(public_id=question).seq
    body = Withheld(why="=rate_limit", upto=asked)
    draft = Draft(seat=machine.actor, body=body)
    events.append_now(machine.room_id, lambda _room, _now: Decision(events=(draft,)))
    decide(me, machine.name)

    folder = exported(room.study, tmp_path)

    logged = Event.objects.get(room=room.room, kind="withheld")
    where = stamp(logged.public_id)
    assert read(folder, "withheld") == [
        {**where, "seat": machine.name, "why": "=rate_limit", "upto": asked}
    ]
    [row] = analysis.unanswered(analysis.load(folder)).to_dict("records")
    assert (row["message"], row["kind"], row["cause"]) == (question, "machine", "failure")
    assert (row["asked_at_ms"], row["why"]) == (stamp(question)["elapsed_ms"], "=rate_limit")
