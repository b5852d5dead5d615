"""A door that is passed, and whose answer is lost: on the way, or between database and server."""

import secrets
from collections.abc import Callable

import pytest
from django.test import Client

from arena import database, invites, services
from arena.events import Decision, append_now
from arena.models import Event, Participant
from tests.kit.doors import DOORS, Door, said
from tests.kit.factories import MadeRoom, make_room
from tests.kit.long_rooms import begun, fresh
from tests.kit.lost_commits import lost_commit_reply
from tests.kit.pages import seated, witness


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_lost_commit_reply_of_a_form_is_made_up_for(door: Callable[[], Door]) -> None:
    here, undisturbed = door(), door()
    with lost_commit_reply():
        answer = here.send(here.filled_in())
    assert here.n_done() == 1
    like = undisturbed.send(undisturbed.filled_in())
    assert [text.replace(here.made.code, "CODE") for text in said(answer)] == [
        text.replace(undisturbed.made.code, "CODE") for text in said(like)
    ]


def test_lost_commit_reply_of_a_claim_seats_the_browser() -> None:
    made, n_people = make_room(), Participant.objects.count()
    with lost_commit_reply():
        browser = seated(made.witness)
    assert browser.get(f"/room/{made.code}/").status_code == 200
    assert _claims(made) == 1
    assert Participant.objects.count() == n_people + 1


def test_lost_commit_reply_of_a_script_s_claim_opens_the_seat() -> None:
    made, n_people = make_room(), Participant.objects.count()
    with lost_commit_reply():
        seat = services.seat_by_token(made.code, made.witness)
    assert services.seat_by_token(made.code, made.witness) == seat == witness(made)
    assert _claims(made) == 1
    assert Participant.objects.count() == n_people + 1


async def test_lost_commit_reply_of_a_return_moves_the_seat_once() -> None:
    room = await begun(hours=1)
    token = secrets.token_urlsafe(32)

    def come_back() -> int:
        seat = fresh(room.live.asker)
        values = {"return_hash": invites.digest(token)}
        append_now(seat.room_id, lambda room, now: Decision(seats={seat.id: values}))
        browser = Client()
        with lost_commit_reply():
            browser.post(f"/return/{token}/")
        return browser.get(f"/room/{room.code}/").status_code

    assert await database.run(come_back) == 200
    assert len([e for e in await room.live.log("claimed") if e.data.get("again")]) == 1


def _claims(made: MadeRoom) -> int:
    return Event.objects.filter(room=made.room, kind="claimed").count()
