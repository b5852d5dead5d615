"""Invitation links: a GET leaves no trace, one browser takes the seat, others are told why."""

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from arena import services
from arena.errors import InviteUnknown
from arena.models import Event, Participant
from arena.services import joining
from arena.web.redaction import WithoutTokens
from tests.kit.doors import hidden_fields
from tests.kit.factories import MadeRoom, make_room
from tests.kit.pages import seated, witness

#: What a browser says when it opens a link in its window.
NAVIGATES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}


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


def _claims(made: MadeRoom) -> int:
    return Event.objects.filter(room=made.room, kind="claimed").count()


def test_page_that_is_confirmed_twice_is_one_claim() -> None:
    made, n_people = make_room(), Participant.objects.count()
    link = f"/join/{made.witness}/"
    form = hidden_fields(Client(), link, action=link)
    # The browser sends the second before it has the cookie of the first.
    answers = [Client().post(link, form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    secrets = [answer.cookies[f"seat-{made.code}"].value for answer in answers]
    people = [_person(answer) for answer in answers]
    assert secrets[0] == secrets[1] and people[0] == people[1]
    assert _claims(made) == 1
    assert Participant.objects.count() == n_people + 1


def _person(answer: HttpResponse) -> str:
    return str(answer.cookies["participant"].value).split(":")[0]


@pytest.mark.parametrize("same_page", [True, False])
def test_confirmations_at_once_seat_one_person(same_page: bool) -> None:
    made, n_people = make_room(), Participant.objects.count()
    link = f"/join/{made.witness}/"
    forms = [hidden_fields(Client(), link, action=link) for _ in range(6)]

    def confirm(form: dict[str, str]) -> int:
        try:
            return Client().post(link, forms[0] if same_page else form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as browsers:
        statuses = sorted(browsers.map(confirm, forms))
    assert statuses == ([303] * 6 if same_page else [303] + [409] * 5)
    assert _claims(made) == 1
    assert Participant.objects.count() == n_people + 1


def test_link_opened_again_makes_up_for_a_lost_answer() -> None:
    made = make_room()
    link = f"/join/{made.witness}/"
    browser, ahead = Client(headers=NAVIGATES), Client()
    key = browser.get(link).cookies["key"]
    assert (key["httponly"], key["samesite"], key["path"]) == (True, "Lax", link)
    assert _claims(made) == 0
    ahead.cookies["key"] = key.value
    assert ahead.post(link).status_code == 303

    page = browser.get(link)
    assert "This seat is yours" in page.content.decode()
    assert browser.get(f"/room/{made.code}/").status_code == 200
    # What was heard need not be kept.
    assert (page.cookies["key"].value, page.cookies["key"]["path"]) == ("", link)
    assert _claims(made) == 1


def test_key_opens_nothing_to_others() -> None:
    made = make_room()
    link = f"/join/{made.witness}/"
    before = hidden_fields(Client(), link, action=link)
    seated(made.witness)
    stored = {"key": witness(made).claim_hash}
    for form in (before, stored, {"key": "0" * 64}, {}):
        answer = Client().post(link, form)
        assert answer.status_code == 409 and not answer.cookies
    kept = Client(headers=NAVIGATES)
    kept.cookies["key"] = before["key"]
    assert kept.get(link).status_code == 409


def test_key_that_could_be_guessed_is_no_key() -> None:
    made = make_room()
    link = f"/join/{made.witness}/"
    statuses = [Client().post(link, {"key": "1"}).status_code for _ in range(2)]
    assert statuses == [303, 409]


def test_key_of_an_old_link_does_not_open_the_new_one() -> None:
    made = make_room()
    old = f"/join/{made.witness}/"
    form = hidden_fields(Client(), old, action=old)
    Client().post(old, form)
    link = f"/join/{services.reissue(witness(made))}/"
    seated(link.split("/")[2])
    assert Client().post(old, form).status_code == 404
    assert Client().post(link, form).status_code == 409


def test_claim_by_a_link_that_is_replaced_meanwhile_is_refused() -> None:
    made = make_room()
    before = joining._invited(made.witness)
    services.reissue(witness(made))
    with pytest.raises(InviteUnknown):
        joining._take(before, "s" * 43, participant=None)
    assert witness(made).claim_hash == ""


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
