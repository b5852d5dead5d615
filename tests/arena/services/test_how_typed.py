"""How witnesses type: kept where the study says so, of people alone, and shown to nobody."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from arena import export, queries, services
from arena.errors import NotForThisSeat
from arena.event_kinds import Typed
from arena.events import body_of, verification
from arena.models import Event, Seat
from arena.protocol.commands import HowTyped
from arena.queries import visible_events
from arena.services import playing
from tests.arena.export.reading_back import read
from tests.kit.factories import RECORDED, UNRECORDED, MadeRoom, make_room, make_rooms
from tests.kit.pages import decide, do, host, interrogator, make_ready, say, seated, witness
from tests.kit.people import scripted

HOW = HowTyped(
    keys=0,
    pastes=1,
    pasted_chars=5,
    away=2,
    away_ms=81_234_567,
    writing_ms=90,
    pause_p50_ms=None,
    pause_p90_ms=None,
)


def tell(seat: Seat, text: str = "hello", typed: HowTyped | None = HOW) -> None:
    do(playing.say(seat, command_id=secrets.token_hex(8), text=text, pane=None, typed=typed))


def logged(made: MadeRoom) -> list[Event]:
    return list(Event.objects.filter(room=made.room, kind="typed").order_by("seq"))


@pytest.fixture
def made() -> MadeRoom:
    made = make_room(witness_input=RECORDED)
    make_ready(made)
    return made


def test_it_is_kept_beside_the_message_and_proved(made: MadeRoom) -> None:
    tell(witness(made))
    [event] = logged(made)
    said = Event.objects.get(room=made.room, kind="message")
    body = body_of(event, Typed)
    assert body is not None and (body.message, body.chars, body.away_ms) == (
        said.seq,
        5,
        HOW.away_ms,
    )
    assert event.seat == said.seat and event.at == said.at
    assert "hello" not in str(event.body)
    assert verification.verify(made.study).fault is None


def test_the_same_command_is_answered_by_the_message(made: MadeRoom) -> None:
    async def twice() -> tuple[str, str]:
        once, again = [
            await playing.say(seat, command_id="c:1", text="hello", typed=HOW) for _ in range(2)
        ]
        return once.event, again.event

    from asgiref.sync import async_to_sync

    seat = witness(made)
    once, again = async_to_sync(twice)()
    said = Event.objects.get(room=made.room, kind="message")
    assert once == again == said.public_id and len(logged(made)) == 1


@pytest.mark.parametrize("rounds", ["none", "30 s"])
def test_nobody_sees_it_while_the_room_goes_on(rounds: str) -> None:
    machines = scripted("hm", pacing="none" if rounds == "none" else "rounds")
    made = make_room(witness_input=RECORDED, rounds=rounds, machines=machines)
    make_ready(made)
    asker = interrogator(made)
    say(asker, "hi", pane="A")
    if rounds != "none":
        say(asker, "hi", pane="B")
    tell(witness(made))
    assert len(logged(made)) == 1
    for seat in made.room.seats.all():
        assert not visible_events(seat).filter(kind="typed").exists()
    html = host().get(f"/host/studies/{made.study.slug}/rooms/{made.code}/").content.decode()
    assert str(HOW.away_ms) not in html and "paste" not in html.lower()
    # Whoever is the host: the transcript has the lines that it had without.
    transcript = queries.host_transcript(made.room, limit=50, before="")
    assert transcript is not None
    assert {line.who for line in transcript.lines} <= {"interrogator", "A", "B", "room"}


def test_nothing_is_taken_from_interrogators(made: MadeRoom) -> None:
    with pytest.raises(NotForThisSeat):
        do(playing.say(interrogator(made), command_id="x", text="hi", pane="A", typed=HOW))
    assert not Event.objects.filter(room=made.room, kind__in=["message", "typed"]).exists()


def test_nothing_is_kept_where_the_study_does_not_say_so() -> None:
    made = make_room(witness_input=UNRECORDED)
    make_ready(made)
    tell(witness(made))
    assert Event.objects.filter(room=made.room, kind="message").count() == 1
    assert logged(made) == []


def test_nothing_is_kept_of_programs(made: MadeRoom) -> None:
    """Their seat is a person's in all else."""
    program = make_room(witness_input=RECORDED)
    services.seat_by_token(program.code, program.witness, agent="somebody/model")
    make_ready(program)
    tell(witness(program))
    assert logged(program) == []


def test_it_is_erased_with_the_words_and_exported(made: MadeRoom, tmp_path: Path) -> None:
    tell(witness(made))
    decide(made, "A")
    export.write(made.study, tmp_path / "kept")
    [row] = read(tmp_path / "kept", "typing")
    assert (row["chars"], row["pasted_chars"], row["away_ms"]) == (5, 5, HOW.away_ms)
    assert row["pause_p50_ms"] is None and row["seat"] == witness(made).name
    services.withdraw(witness(made), erase=True)
    [event] = logged(made)
    assert event.body is None and event.salt is None
    assert verification.verify(made.study).fault is None
    export.write(made.study, tmp_path / "erased")
    assert read(tmp_path / "erased", "typing") == []


def test_an_export_names_the_message_that_was_shown(tmp_path: Path) -> None:
    """What a delay holds has another number than the message that it becomes."""
    made = make_room(witness_input=RECORDED, delay="30 s")
    make_ready(made)
    pane = witness(made).name
    tell(witness(made), "Somebody")
    decide(made, "A")
    export.write(made.study, tmp_path)
    [row] = read(tmp_path, "typing")
    [said] = [each for each in read(tmp_path, "messages") if each["seat"] == pane]
    assert (row["message"], said["text"]) == (said["seq"], "Somebody")
    held = Event.objects.get(room=made.room, kind="held", seat=pane)
    assert held.seq < row["seq"] < said["seq"]


def test_pages_tell_witnesses_alone(made: MadeRoom) -> None:
    configs = {token: _config(seated(token), made) for token in (made.interrogator, made.witness)}
    asked = {"may_paste", "records_typing"}
    assert not asked & configs[made.interrogator].keys()
    assert {name: configs[made.witness][name] for name in asked} == {
        "may_paste": False,
        "records_typing": True,
    }


def _config(browser: Client, made: MadeRoom) -> dict[str, Any]:
    html = browser.get(f"/room/{made.code}/").content.decode()
    begin = html.index('type="application/json">') + len('type="application/json">')
    config: dict[str, Any] = json.loads(html[begin : html.index("</script>", begin)])
    return config


def test_a_stand_in_is_told_the_same_as_a_witness() -> None:
    told = []
    by_kind = {
        made.human_pane: made for made in make_rooms(2, format="two_party", witness_input=RECORDED)
    }
    for made in by_kind.values():
        config = _config(seated(made.witness), made)
        told.append({name: config[name] for name in ("may_paste", "records_typing")})
    assert len(by_kind) == 2 and told[0] == told[1]
