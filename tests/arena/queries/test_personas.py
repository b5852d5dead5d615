"""A persona filled for its room: drawn, sealed, opened at the end, and provable afterwards."""

import datetime as dt
import json
from typing import Any

import pytest

from analysis.dataset import chain
from arena import database
from arena.backends import prompt
from arena.backends.prompting import time_left
from arena.events import verification
from arena.models import Event, Room, SealedAssignment, Seat
from arena.persona.day_notes import known_notes
from arena.queries import study_file
from arena.queries.personas import drawn_in, persona_of, profile_of
from arena.studies.filling import filled
from arena.witnesses import gate
from arena.witnesses.memory.rebuilding import is_as_logged, rebuilt
from tests.kit.factories import make_room, make_rooms
from tests.kit.fake_provider import FakeProvider
from tests.kit.people import go_live, loops

TODAY = dt.datetime.now(dt.UTC).date().isoformat()
MACHINES = f"""\
  - name: drawn
    weight: 1
    backend: openai
    model: ok
    persona: "You are {{name}} from {{home.town}}, where they speak {{home.tongue}}."
    options: {{temperature: 1.0, max_tokens: 100, timeout: 5 min, max_retries: 0}}
    pacing: {{rule: none}}
    life: none
    memory: none
    budget: {{calls: 1000, tokens: 1000000, cost_usd: 5}}
    draws:
      name: [Nina, Tom, Ada, Ben, Eva, Kim]
      home: [{{town: Leeds, tongue: English}}, {{town: Graz, tongue: German}}]
    notes:
      - {{date: {TODAY}, text: "Sleet in {{home.town}}."}}
"""


def _machine(room: Room) -> Seat:
    seats = Seat.objects.select_related("room", "profile__study")
    seat: Seat = seats.get(room=room, kind="machine")
    return seat


def test_each_room_has_a_persona_of_its_own_under_its_seal() -> None:
    made = make_rooms(40, machines=MACHINES)
    profile = study_file(made[0].study).machines[0]
    personas = set()
    for each in made:
        room = each.room
        values = drawn_in(room)
        assert set(values) == {"name", "home.town", "home.tongue"}
        pair = values["home.town"], values["home.tongue"]
        assert pair in {("Leeds", "English"), ("Graz", "German")}
        assert chain.seal(room.sealed.assignment, room.sealed.nonce) == room.seal
        played = profile_of(_machine(room))
        assert played is not None
        assert played.persona == filled(profile.persona, values)
        assert "{" not in played.persona
        personas.add(played.persona)
        assert room.study.machines.get().sha256 == profile.sha256
    assert len(personas) > 6
    proof = verification.verify(made[0].study)
    assert (proof.fault, proof.n_events) == (None, 40)


def test_changed_draw_breaks_the_seal() -> None:
    made = make_room(machines=MACHINES)
    told = json.loads(made.room.sealed.assignment)
    told["persona"]["name"] = "Somebody else"
    SealedAssignment.objects.filter(room_id=made.room.id).update(assignment=json.dumps(told))
    found = verification.verify(made.study).fault
    assert found is not None and "sealed" in str(found)


def test_without_lists_an_assignment_has_nothing_of_a_persona() -> None:
    made = make_room()
    assert set(json.loads(made.room.sealed.assignment)) == {"A", "B", "room"}
    assert drawn_in(made.room) == {}


async def test_model_is_told_and_the_log_proves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        made = await database.run(lambda: make_room(machines=MACHINES, duration="10 min"))
        async with loops():
            live = await go_live(made)
            await live.ask("hallo, wie geht's?")
            await live.settled()
        assert await live.said() == ["Fine, thanks. You?"]
        sent = fake.requests[-1]["messages"]
        [call] = await live.log("machine_call")
        await database.run(_proves, made.room, call, sent)
        await live.decide()
        [revealed] = await live.log("revealed")
    values = await database.run(drawn_in, made.room)
    assert json.loads(str(revealed.data["assignment"]))["persona"] == values


def _proves(room: Room, call: Event, sent: list[dict[str, str]]) -> None:
    seat = _machine(room)
    profile, persona = profile_of(seat), persona_of(seat)
    assert profile is not None
    system, *talk = (message["content"] for message in sent)
    town = drawn_in(room)["home.town"]
    assert profile.persona in system and "{" not in system
    assert "Write in the language in which the interrogator writes" in system
    newest = talk[-1]
    assert newest.index("Time left on the page's clock: ") < newest.index(f"Sleet in {town}.")
    assert newest.index(f"Sleet in {town}.") < newest.index("hallo, wie geht's?")
    shown: Any = call.data["shown"]
    assert shown["persona_sha256"] == chain.sha256(profile.persona)
    kept = {"canary": gate.canary, "days": persona.days}
    assert [m["content"] for m in prompt(rebuilt(call, **kept), profile)] == [system, *talk]
    assert is_as_logged(call, **kept)
    told = json.loads(room.sealed.assignment)
    told["persona"]["name"] = "Somebody else"
    SealedAssignment.objects.filter(room_id=room.id).update(assignment=json.dumps(told))
    assert not is_as_logged(call, **kept)
    SealedAssignment.objects.filter(room_id=room.id).update(assignment=room.sealed.assignment)
    assert known_notes(persona.notes, persona.local(dt.datetime.now(dt.UTC)))


def test_time_left_is_the_clock_of_the_page() -> None:
    now = dt.datetime(2026, 12, 1, 10, 0, 0, 900_000, tzinfo=dt.UTC)

    def shown(**left: float) -> str:
        return time_left(now + dt.timedelta(**left), now).removeprefix(
            "Time left on the page's clock: "
        )

    assert shown(minutes=4, seconds=5) == "4:05."
    assert shown(seconds=9) == "0:09."
    assert shown(hours=1, minutes=2, seconds=3) == "1:02:03."
    assert shown(days=88, hours=5, minutes=59) == "88 d 5 h."
    assert shown(seconds=-20) == "0:00."
