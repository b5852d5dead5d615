"""Who may say to be a program, where, and what becomes of it in the log and the tables."""

import secrets

import pytest

from arena import services
from arena.errors import AgentRefused, SeatClaimed, SeatUnknown
from arena.models import Event, Participant, Seat
from arena.services import hosting
from tests.kit.factories import MadeRoom, make_room, study_text

AGENT = "openai/gpt-4.1"


def real_room() -> MadeRoom:
    """A room of a study that is not simulated."""
    text = study_text().replace("simulated: true", "simulated: false")
    text = text.replace("pacing: {rule: none}", "pacing: {rule: calibrated}")
    study, [new] = services.create_rooms(text, 1)
    room = study.rooms.get(code=new.code)
    return MadeRoom(
        study=study, room=room, interrogator=new.interrogator, witness=new.witness, human_pane=None
    )


def claims(made: MadeRoom) -> list[dict[str, object]]:
    return [event.data for event in Event.objects.filter(room=made.room, kind="claimed")]


def test_a_program_is_marked_in_seat_and_log_and_is_one_participant_in_all_its_rooms() -> None:
    name = f"maker/{secrets.token_hex(4)}"
    first, second = real_room(), make_room()
    seats = [services.seat_by_token(m.code, m.interrogator, agent=name) for m in (first, second)]
    assert [seat.agent for seat in seats] == [name, name]
    assert seats[0].participant_id == seats[1].participant_id
    code = seats[0].person.code
    assert code.startswith("a-")
    assert claims(first) == claims(second) == [{"participant": code, "agent": name}]


def test_a_person_is_not_marked() -> None:
    made = make_room()
    seat = services.seat_by_token(made.code, made.interrogator)
    assert seat.agent is None and seat.person.code.startswith("p-")
    assert set(claims(made)[0]) == {"participant"}


def test_connecting_again_stores_nothing_and_the_mark_stays() -> None:
    made = make_room()
    for agent in (AGENT, AGENT, None):
        seat = services.seat_by_token(made.code, made.interrogator, agent=agent)
        assert seat.agent == AGENT
    assert len(claims(made)) == 1


def test_a_program_that_says_so_late_is_marked_from_then_on() -> None:
    made = make_room()
    before = services.seat_by_token(made.code, made.interrogator)
    after = services.seat_by_token(made.code, made.interrogator, agent=AGENT)
    assert after.agent == AGENT and after.claimed_at == before.claimed_at
    again = claims(made)[1]
    assert again == {"participant": after.person.code, "again": True, "agent": AGENT}


def test_a_person_after_a_program_does_not_undo_the_mark() -> None:
    made = make_room()
    seat = services.seat_by_token(made.code, made.interrogator, agent=AGENT)
    token = hosting.reissue(seat)
    person = services.claim_seat(token, None)
    assert person.participant.startswith("p-")
    assert Seat.objects.get(id=seat.id).agent == AGENT


def test_no_program_is_the_witness_of_a_study_that_counts() -> None:
    made, n_people = real_room(), Participant.objects.count()
    with pytest.raises(AgentRefused, match="has to be a person"):
        services.seat_by_token(made.code, made.witness, agent=AGENT)
    assert claims(made) == [] and Participant.objects.count() == n_people
    simulated = make_room()
    assert services.seat_by_token(simulated.code, simulated.witness, agent=AGENT).agent == AGENT


@pytest.mark.parametrize("name", ["", " ", "two words", "-x", "a" * 121, "naïve", "a\tb"])
def test_names_that_are_none_are_refused(name: str) -> None:
    made = make_room()
    with pytest.raises(AgentRefused, match="the name of the program"):
        services.seat_by_token(made.code, made.interrogator, agent=name)


def test_a_seat_of_somebody_else_stays_theirs() -> None:
    made = make_room()
    services.claim_seat(made.interrogator, None)
    with pytest.raises(SeatClaimed):
        services.seat_by_token(made.code, made.interrogator, agent=AGENT)
    with pytest.raises(SeatUnknown):
        services.seat_by_token(made.code, "x" * 43, agent=AGENT)
