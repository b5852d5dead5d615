"""Invitation links: a GET leaves no trace, one browser takes the seat, others are told why."""

import logging

from django.test import Client

from arena.models import Event, Participant
from arena.web.redaction import WithoutTokens
from tests.kit.factories import make_room
from tests.kit.pages import seated, witness


def test_invitation_get_leaves_no_trace() -> None:
    made = make_room()
    n_people = Participant.objects.count()
    browser = Client()

    for _ in range(3):
        response = browser.get(f"/join/{made.witness}/")
        assert response.status_code == 200
        assert not response.cookies
    assert browser.head(f"/join/{made.witness}/").status_code == 200

    assert [event.kind for event in Event.objects.filter(room=made.room)] == ["sealed"]
    assert witness(made).claim_hash == ""
    assert Participant.objects.count() == n_people


def test_claim_gives_the_browser_its_seat() -> None:
    made = make_room()
    browser = Client()
    response = browser.post(f"/join/{made.interrogator}/")

    assert (response.status_code, response["Location"]) == (303, f"/room/{made.code}/")
    cookie = response.cookies[f"seat-{made.code}"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert browser.get(f"/room/{made.code}/").status_code == 200


def test_claim_again_in_the_same_browser_changes_nothing() -> None:
    made = make_room()
    browser = seated(made.witness)
    n_events = Event.objects.filter(room=made.room).count()
    secret = browser.cookies[f"seat-{made.code}"].value

    page = browser.get(f"/join/{made.witness}/")
    assert "This seat is yours" in page.content.decode()
    assert browser.post(f"/join/{made.witness}/").status_code == 303
    assert browser.cookies[f"seat-{made.code}"].value == secret
    assert Event.objects.filter(room=made.room).count() == n_events


def test_claimed_invitation_is_refused_in_another_browser() -> None:
    made = make_room()
    seated(made.witness)
    other = Client()

    assert other.get(f"/join/{made.witness}/").status_code == 409
    response = other.post(f"/join/{made.witness}/")
    assert response.status_code == 409
    assert "already been used in another browser" in response.content.decode()
    assert not response.cookies


def test_second_seat_of_a_room_is_refused_in_one_browser() -> None:
    made = make_room()
    browser = seated(made.interrogator)
    response = browser.post(f"/join/{made.witness}/")

    assert response.status_code == 409
    assert "already holds another seat" in response.content.decode()
    assert witness(made).claim_hash == ""


def test_unknown_invitation_is_not_found() -> None:
    for method in (Client().get, Client().post):
        response = method(f"/join/{'x' * 43}/")
        assert response.status_code == 404
        assert "This invitation is not known" in response.content.decode()


def test_claim_from_another_site_is_refused() -> None:
    made = make_room()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        response = Client().post(f"/join/{made.witness}/", headers=headers)
        assert response.status_code == 403
    assert witness(made).claim_hash == ""
    same = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
    assert Client().post(f"/join/{made.witness}/", headers=same).status_code == 303


def test_person_stays_one_participant_across_rooms() -> None:
    first, second, third = make_room(), make_room(), make_room()
    browser = seated(first.witness)
    assert "I am a new participant" in browser.get(f"/join/{second.witness}/").content.decode()

    browser.post(f"/join/{second.witness}/")
    browser.post(f"/join/{third.witness}/", {"new_participant": "on"})
    people = [witness(made).participant_id for made in (first, second, third)]
    assert people[0] == people[1] != people[2]


def test_forged_participant_cookie_is_ignored() -> None:
    first, second = make_room(), make_room()
    seated(first.witness)
    browser = Client()
    browser.cookies["participant"] = witness(first).participant.code
    browser.post(f"/join/{second.witness}/")
    assert witness(second).participant_id != witness(first).participant_id


def test_log_never_names_an_invitation() -> None:
    record = logging.LogRecord(
        "django.request", logging.WARNING, __file__, 1, "%s: %s", ("Conflict", "/join/abc/"), None
    )
    assert WithoutTokens().filter(record)
    assert record.getMessage() == "Conflict: /join/…/"
