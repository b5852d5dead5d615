"""A seat's pages: the room alike for every arrangement, help, withdrawal, debrief."""

import json
import re

from arena import queries, services
from arena.models import Event, Room
from arena.rules import Phase
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.pages import decide, interrogator, machine, make_ready, say, seated, witness

SECRETS = re.compile(
    r"(name=\"csrfmiddlewaretoken\" value=\")[^\"]+|[0-9a-f]{64}|[A-Za-z0-9_-]{43}/"
)


def masked(html: bytes, made: MadeRoom) -> str:
    """A page without what differs between any two rooms: code, seal, ids, tokens, CSRF, times."""
    text = SECRETS.sub("*", html.decode().replace(made.code, "CODE"))
    text = re.sub(r'data-version="[^"]+"|\?before=[\w-]+', "*", text)
    text = re.sub(r"<time[^>]*>[^<]*</time>", "<time>", text)  # midnight may lie between two
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+|\d\d:\d\d(:\d\d)?", "TIME", text)


def both_arrangements() -> tuple[MadeRoom, MadeRoom]:
    """Two rooms of one study, the human in A in the first and in B in the second."""
    rooms = {queries.human(made.room): made for made in make_rooms(2)}
    return rooms["A"], rooms["B"]


def ended(made: MadeRoom, *, human: str | bool | None = None) -> None:
    """Play a room to a verdict."""
    make_ready(made)
    decide(made, queries.human(made.room) if human is None else human)
    made.room.refresh_from_db()


def test_room_page_is_the_same_for_both_arrangements() -> None:
    pages: dict[str, set[str]] = {"interrogator": set(), "witness": set()}
    headers = set()
    for made in both_arrangements():
        for seat, token in (("interrogator", made.interrogator), ("witness", made.witness)):
            response = seated(token).get(f"/room/{made.code}/")
            pages[seat].add(masked(response.content, made))
            headers.add(
                tuple(
                    sorted(
                        (name, value)
                        for name, value in response.headers.items()
                        if name != "Content-Length"
                    )
                )
            )
    assert {seat: len(found) for seat, found in pages.items()} == {"interrogator": 1, "witness": 1}
    assert len(headers) == 1


def test_room_page_is_the_same_for_both_kinds_of_witness() -> None:
    pages: dict[str, set[str]] = {"interrogator": set(), "witness": set()}
    for made in make_rooms(2, format="two_party"):
        for seat, token in (("interrogator", made.interrogator), ("witness", made.witness)):
            response = seated(token).get(f"/room/{made.code}/")
            pages[seat].add(masked(response.content, made))
    assert {seat: len(found) for seat, found in pages.items()} == {"interrogator": 1, "witness": 1}


def test_room_config_is_the_specified_one() -> None:
    made = make_room()
    html = seated(made.witness).get(f"/room/{made.code}/").content.decode()
    found = re.search(r'<script id="room-config" type="application/json">(.+?)</script>', html)
    assert found is not None
    assert json.loads(found.group(1)) == {
        "code": made.code,
        "seat": "witness",
        "format": "three_party",
        "title": "A study for tests",
        "duration_s": 600,
        "message_chars": 300,
        "belief_every_s": None,
        "strategies": [],
        "contact": "the person who sent you the link",
        "simulated": True,
        "ws_path": f"/ws/room/{made.code}/",
        "debrief_path": f"/room/{made.code}/debrief/",
        "help_path": f"/room/{made.code}/help/",
        "withdraw_path": f"/room/{made.code}/withdraw/",
        "seal": made.room.seal,
        "may_paste": True,
        "records_typing": False,
    }


def test_help_reaches_the_log_and_nobody_in_the_room() -> None:
    made = make_room()
    browser = seated(made.witness)
    response = browser.post(f"/room/{made.code}/help/", {"text": "I feel unwell."}, follow=True)

    assert "Your request is with the host." in response.content.decode()
    assert "the person who sent you the link" in response.content.decode()
    event = Event.objects.get(room=made.room, kind="help")
    assert event.data == {"text": "I feel unwell."}
    assert not queries.visible_events(interrogator(made)).exists()


def test_help_needs_no_words_but_not_too_many() -> None:
    made = make_room()
    browser = seated(made.witness)
    response = browser.post(f"/room/{made.code}/help/", {"text": "x" * 2001})
    assert response.status_code == 422
    assert "This text has 2001 characters, but 2000 fit." in response.content.decode()
    assert browser.post(f"/room/{made.code}/help/", {"text": ""}).status_code == 302


def test_withdrawal_without_a_choice_changes_nothing() -> None:
    made = make_room()
    make_ready(made)
    response = seated(made.interrogator).post(f"/room/{made.code}/withdraw/", {"choice": "all"})

    html = response.content.decode()
    assert response.status_code == 422
    assert "This choice does not exist here." in html and "The box is not ticked." in html
    assert Room.objects.get(pk=made.room.pk).phase == Phase.LIVE


def test_withdrawal_keeps_or_erases_words() -> None:
    for choice, text in (("keep", "my words"), ("erase", None)):
        made = make_room()
        make_ready(made)
        say(interrogator(made), "my words", pane="A")
        response = seated(made.interrogator).post(
            f"/room/{made.code}/withdraw/", {"choice": choice, "sure": "on"}, follow=True
        )

        made.room.refresh_from_db()
        assert (made.room.phase, made.room.end_reason) == ("ended", "withdrawn")
        assert "You have withdrawn" in response.content.decode()
        message = Event.objects.get(room=made.room, kind="message", seat="interrogator")
        assert message.data.get("text") == text


def test_words_can_be_erased_after_the_end() -> None:
    made = make_room()
    make_ready(made)
    say(witness(made), "my words")
    decide(made, "A")
    browser = seated(made.witness)
    page = browser.get(f"/room/{made.code}/withdraw/").content.decode()
    assert "Erase what you wrote" in page and 'value="keep"' not in page

    browser.post(f"/room/{made.code}/withdraw/", {"choice": "erase", "sure": "on"})
    message = Event.objects.get(room=made.room, kind="message", seat=witness(made).name)
    assert message.body is None


def test_debrief_reveals_and_opens_the_seal() -> None:
    made = make_room()
    make_ready(made)
    human = queries.human(made.room)
    other = "B" if human == "A" else "A"
    say(interrogator(made), "Who are you?", pane=str(human))
    say(witness(made), "<b>Only me</b>")
    decide(made, human, confidence=0.75)

    html = seated(made.interrogator).get(f"/room/{made.code}/debrief/").content.decode()
    assert f"{human} was the human. {other} was the machine." in html
    assert f"You decided that {human} was the human, with 75\N{NO-BREAK SPACE}% confidence." in html
    assert "That is right" in html
    assert f"Witness {human}, the human" in html and f"Witness {other}, the machine" in html
    assert "&lt;b&gt;Only me&lt;/b&gt;" in html
    assert f'data-nonce="{made.room.sealed.nonce}"' in html and made.room.seal in html

    html = seated(made.witness).get(f"/room/{made.code}/debrief/").content.decode()
    assert f"You were witness {human}. The machine was witness {other}." in html
    assert "You decided" not in html


def test_debrief_tells_a_wrong_verdict() -> None:
    made = make_room(format="two_party", human_share=1)
    ended(made, human=False)
    html = seated(made.interrogator).get(f"/room/{made.code}/debrief/").content.decode()
    assert "The witness was a human." in html
    assert "You decided that the witness was a machine" in html and "That is wrong" in html


def test_debrief_withholds_when_the_study_says_so() -> None:
    made = make_room(reveal="withheld")
    ended(made)
    for token in (made.interrogator, made.witness):
        html = seated(token).get(f"/room/{made.code}/debrief/").content.decode()
        assert "This study does not reveal yet who was who" in html
        assert made.room.sealed.nonce not in html and "was the machine" not in html


def test_debrief_of_a_room_that_never_began_reveals_nothing() -> None:
    made = make_room()
    services.end(made.room, host=None, reason="nobody came")
    html = seated(made.interrogator).get(f"/room/{made.code}/debrief/").content.decode()
    assert "nothing to reveal" in html and made.room.sealed.nonce not in html


def test_stand_in_learns_why_they_waited() -> None:
    made = make_room(format="two_party", human_share=0)
    make_ready(made)
    html = seated(made.witness).get(f"/room/{made.code}/debrief/").content.decode()
    assert "You stood by" in html and made.room.sealed.nonce not in html
    assert seated(made.interrogator).get(f"/room/{made.code}/debrief/").status_code == 409


def test_exit_answers_are_stored_once() -> None:
    made = make_room()
    ended(made)
    browser = seated(made.witness)
    page = f"/room/{made.code}/debrief/"
    response = browser.post(page, {"exit-cues": "Its commas."}, follow=True)
    assert "Your answers are stored." in response.content.decode()
    browser.post(page, {"exit-cues": "Something else."})

    events = Event.objects.filter(room=made.room, kind="exit")
    assert [event.data for event in events] == [{"answers": {"cues": "Its commas."}}]


def test_machine_cannot_be_sat_in() -> None:
    made = make_room()
    assert machine(made).token_hash is None and machine(made).claim_hash == ""
