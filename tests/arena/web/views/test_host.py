"""The host's desk: blind while rooms run, every act in the log, the door that counts guesses."""

import re
import secrets

import pytest
from django.contrib.auth.models import User
from django.test import Client

from arena import errors, queries, services
from arena.models import Event, Room
from tests.arena.web.views.test_room import both_arrangements, masked
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.pages import (
    decide,
    host,
    interrogator,
    machine,
    make_ready,
    say,
    seated,
    witness,
)

PASSWORD = "a long pass word"


def page(made: MadeRoom) -> str:
    return f"/host/studies/{made.study.slug}/rooms/{made.code}/"


def fresh(made: MadeRoom) -> Room:
    return Room.objects.get(pk=made.room.pk)


def test_studies_list_counts_rooms_by_phase() -> None:
    first, second, third = make_rooms(3)
    make_ready(second)
    make_ready(third)
    decide(third, "A")
    html = host().get("/host/").content.decode()
    row = html[html.index(f"/host/studies/{first.study.slug}/") :].split("</tr>")[0]
    cells = dict(re.findall(r'class="number" data-label="(\w+)">(\d+)<', row))
    assert cells == {"Lobby": "1", "Live": "1", "Paused": "0", "Ended": "1"}
    assert "Simulated" in row


def test_study_page_shows_links_until_they_are_used() -> None:
    made = make_room()
    address = f"/host/studies/{made.study.slug}/"
    browser = host()
    html = browser.get(address).content.decode()
    assert f"http://testserver/join/{made.interrogator}/" in html
    assert f"http://testserver/join/{made.witness}/" in html

    seated(made.witness)
    html = browser.get(address).content.decode()
    assert made.interrogator in html and made.witness not in html


def test_study_page_filters_by_code_and_phase() -> None:
    one, two = make_rooms(2)
    make_ready(two)
    browser = host()

    def found(query: str) -> set[str]:
        html = browser.get(f"/host/studies/{one.study.slug}/?{query}").content.decode()
        return {made.code for made in (one, two) if f"/rooms/{made.code}/" in html}

    assert found("") == found("phase=nonsense") == {one.code, two.code}
    assert found("phase=live") == found(f"q={two.code.upper()}") == {two.code}
    assert found("phase=paused") == set()


def test_study_page_shows_many_rooms_in_pages() -> None:
    made = make_rooms(51)[0]
    address = f"/host/studies/{made.study.slug}/"
    browser = host()
    shown = [browser.get(f"{address}?page={n}").content.decode().count("/rooms/") for n in (1, 2)]
    assert shown == [50, 1]


@pytest.mark.parametrize("phase", ["lobby", "live"])
def test_host_pages_are_the_same_for_both_arrangements(phase: str) -> None:
    rooms = both_arrangements()
    if phase == "live":
        for made in rooms:
            make_ready(made)
            for pane in "AB":
                say(interrogator(made), "Who are you?", pane=pane)
            for seat in sorted((witness(made), machine(made)), key=lambda seat: seat.name):
                say(seat, "A person.")
    browser = host()
    pages = {masked(browser.get(page(made)).content, made) for made in rooms}
    assert len(pages) == 1
    html = browser.get(f"/host/studies/{rooms[0].study.slug}/").content.decode()
    rows = re.findall(r"<tr>.*?</tr>", html, re.DOTALL)
    shown = {masked(row.encode(), made) for made in rooms for row in rows if made.code in row}
    assert len(shown) == 1


def test_host_pages_are_the_same_for_both_kinds_of_witness() -> None:
    rooms = make_rooms(2, format="two_party")
    browser = host()
    for step in (lambda made: None, lambda made: seated(made.witness), make_ready):
        for made in rooms:
            step(made)
        assert len({masked(browser.get(page(made)).content, made) for made in rooms}) == 1


def test_room_page_shows_the_transcript_without_identities() -> None:
    made = make_room()
    make_ready(made)
    say(interrogator(made), "<i>Hello</i>", pane="A")
    html = host().get(page(made)).content.decode()
    assert "Interrogator to A" in html and "&lt;i&gt;Hello&lt;/i&gt;" in html
    assert "Sealed until the room ends." in html
    assert (
        made.room.sealed.nonce not in html
        and "machine" not in html[html.index("<main") : html.index("</main>")]
    )


def test_pause_and_resume_need_a_reason_and_are_logged() -> None:
    made = make_room()
    make_ready(made)
    browser = host()
    refused = browser.post(f"{page(made)}pause/")
    assert refused.status_code == 422
    assert "No reason is given." in refused.content.decode()

    browser.post(f"{page(made)}pause/", {"pause-reason": "Fire alarm"})
    assert fresh(made).phase == "paused"
    html = browser.post(f"{page(made)}resume/", {"resume-reason": "Over"}, follow=True).content
    assert fresh(made).phase == "live" and b"The room goes on." in html
    reasons = [
        event.data["why"]
        for event in Event.objects.filter(room=made.room, kind__in=["paused", "resumed"])
    ]
    assert reasons == ["Fire alarm", "Over"]


def test_end_needs_a_tick_and_happens_once() -> None:
    made = make_room()
    browser = host()
    assert browser.post(f"{page(made)}end/", {"end-reason": "Test"}).status_code == 422
    assert fresh(made).phase == "lobby"

    sent = {"end-reason": "Test", "end-sure": "on"}
    browser.post(f"{page(made)}end/", sent)
    assert (fresh(made).phase, fresh(made).end_reason) == ("ended", "technical")
    again = browser.post(f"{page(made)}end/", sent, follow=True).content.decode()
    assert "The room is ended by now, so nothing was changed." in again
    assert Event.objects.filter(room=made.room, kind="ended").count() == 1


def test_unseal_shows_the_assignment_and_leaves_a_mark() -> None:
    made = make_room()
    make_ready(made)
    browser = host()
    browser.post(f"{page(made)}unseal/", {"unseal-reason": "Safety", "unseal-sure": "on"})
    html = browser.get(page(made)).content.decode()
    assert f"{queries.human(made.room)} is the human" in html
    event = Event.objects.get(room=made.room, kind="unsealed")
    assert event.data["why"] == "Safety" and event.data["host"].startswith("user-")
    assert "Unsealed before the end" in html and "Safety" in html
    assert "the analysis counts this room" in html and "unseal-reason" not in html
    assert "Unsealed early" in browser.get(f"/host/studies/{made.study.slug}/").content.decode()
    decide(made, "A")
    assert "Unsealed before the end" in browser.get(page(made)).content.decode()


def test_an_unsealed_room_says_that_the_studys_rule_leaves_it_out() -> None:
    made = make_room(unsealed="exclude")
    make_ready(made)
    assert "leaves this room out" not in host().get(page(made)).content.decode()
    services.unseal(made.room, host="host", reason="Safety")
    assert "the analysis leaves this room out" in host().get(page(made)).content.decode()


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_nothing_is_unsealed_without_a_reason(reason: str) -> None:
    made = make_room()
    make_ready(made)
    browser = host()
    sent = {"unseal-reason": reason, "unseal-sure": "on"}
    assert browser.post(f"{page(made)}unseal/", sent).status_code == 422
    with pytest.raises(errors.ReasonMissing, match="say in a few words why"):
        services.unseal(made.room, host="host", reason=reason)
    assert queries.assignment(fresh(made)) is None and queries.unsealings(made.room) == []
    assert "Unsealed early" not in browser.get(f"/host/studies/{made.study.slug}/").content.decode()


def test_reissue_moves_the_seat_to_a_new_link() -> None:
    made = make_room()
    old = seated(made.witness)
    html = host().post(f"{page(made)}links/witness/", follow=True).content.decode()

    token = re.search(r'id="link-witness" readonly value="http://testserver/join/(.+?)/"', html)
    assert token is not None and token.group(1) != made.witness
    assert old.get(f"/room/{made.code}/").status_code == 404
    assert Client().get(f"/join/{made.witness}/").status_code == 404
    assert seated(token.group(1)).get(f"/room/{made.code}/").status_code == 200


def test_reissue_after_the_end_is_refused() -> None:
    made = make_room()
    make_ready(made)
    decide(made, "A")
    assert host().post(f"{page(made)}links/witness/").status_code == 404


def test_help_request_reaches_the_host_without_the_pane() -> None:
    made = make_room()
    browser = host()
    assert "Help asked" not in browser.get(f"/host/studies/{made.study.slug}/").content.decode()
    seated(made.witness).post(f"/room/{made.code}/help/", {"text": "I feel unwell."})

    html = browser.get(f"/host/studies/{made.study.slug}/").content.decode()
    assert "Help asked" in html and "1 room with a request for help" in html
    html = browser.get(page(made)).content.decode()
    assert "The witness asked for help" in html and "I feel unwell." in html


def account(*, is_staff: bool = True) -> str:
    name = f"host-{secrets.token_hex(4)}"
    User.objects.create_user(name, password=PASSWORD, is_staff=is_staff)
    return name


def test_sign_in_opens_the_desk_and_follows_safe_addresses_alone() -> None:
    sent = {"username": account(), "password": PASSWORD}
    assert Client().post("/host/sign-in/", sent)["Location"] == "/host/"
    response = Client().post("/host/sign-in/", sent | {"next": "/host/studies/x/"})
    assert response["Location"] == "/host/studies/x/"
    response = Client().post("/host/sign-in/", sent | {"next": "https://elsewhere.example/"})
    assert response["Location"] == "/host/"


def test_sign_in_refuses_accounts_that_are_no_hosts() -> None:
    sent = {"username": account(is_staff=False), "password": PASSWORD}
    html = Client().post("/host/sign-in/", sent).content.decode()
    assert "This account is not a host&#x27;s." in html


def test_sign_in_stops_guessing_after_five_attempts() -> None:
    sent = {"username": account(), "password": "wrong"}
    browser = Client()
    statuses = [browser.post("/host/sign-in/", sent).status_code for _ in range(6)]
    assert statuses == [200, 200, 200, 200, 200, 429]
    response = browser.post("/host/sign-in/", sent | {"password": PASSWORD})
    assert response.status_code == 429
    assert "There were too many attempts with this name." in response.content.decode()
    other = {"username": account(), "password": PASSWORD}
    assert browser.post("/host/sign-in/", other).status_code == 302


def test_sign_out_closes_the_desk() -> None:
    browser = host()
    browser.post("/host/sign-out/")
    assert browser.get("/host/").status_code == 302
