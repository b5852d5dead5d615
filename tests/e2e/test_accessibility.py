"""Every page, and every stage of the room page, for people who see, point or read otherwise."""

import secrets
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from arena.results import Progress, ResultKind
from tests.conftest import LiveServer
from tests.e2e.acting import apart, pass_check, say
from tests.e2e.conftest import People
from tests.e2e.examining import examine
from tests.e2e.seated import SeatedRoom, enter, live_room, take_seats
from tests.kit.calls import failed, log
from tests.kit.factories import make_room
from tests.kit.results import at_work

pytestmark = pytest.mark.e2e


def played(server: LiveServer, people: People) -> tuple[SeatedRoom, Page, Page]:
    """A live room in which something was said, and the pages of its two people."""
    seated = live_room()
    seated.interrogator.say("Hello?", "What is that noise?", pane=seated.made.human_pane)
    seated.interrogator.say("Hello?", pane=seated.made.machine_pane)
    seated.witness.say("hi", "what noise?")
    asker = enter(people.person(), seated.interrogator, server)
    witness = enter(people.person(), seated.witness, server)
    expect(asker.locator(".message")).to_have_count(6)  # The machine answers as well.
    return seated, asker, witness


def test_public_pages_pass(server: LiveServer, people: People) -> None:
    page = people.person()
    page.goto(server.url)
    examine(page, "landing")
    room = apart(make_room)
    page.goto(f"{server.url}/join/{room.witness}/")
    examine(page, "join")
    page.goto(f"{server.url}/host/sign-in/")
    examine(page, "sign-in")
    page.get_by_role("button", name="Sign in").click()
    examine(page, "sign-in-errors")
    page.goto(f"{server.url}/room/nothing/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    examine(page, "refused")
    page.goto(f"{server.url}/nothing/")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    examine(page, "404")
    people.faults.clear()  # The refusals' statuses are what the console reports.


@pytest.mark.parametrize("seat", ["interrogator", "witness"])
def test_lobby_passes(server: LiveServer, people: People, seat: str) -> None:
    page = getattr(take_seats(), seat).open(people.person(), server)
    agree = page.get_by_role("button", name="I agree and take my seat")
    agree.click()
    examine(page, f"consent-{seat}")
    page.get_by_label("I have read this and I agree").check()
    agree.click()
    pass_check(page)
    ready = page.get_by_role("button", name="I am ready")
    examine(page, f"check-{seat}")
    ready.click()
    expect(page.get_by_role("heading", name="You are ready")).to_be_visible()
    page.get_by_text("The seal of this room").click()
    examine(page, f"waiting-{seat}")


def test_live_room_passes_for_both_seats(server: LiveServer, people: People) -> None:
    seated, asker, witness = played(server, people)
    examine(asker, "live-interrogator")
    examine(witness, "live-witness")
    witness.get_by_role("button", name="Leave", exact=True).click()
    examine(witness, "leave")
    asker.locator("#pane-A").get_by_role("button", name="Tag", exact=True).first.click()
    asker.keyboard.press("Space")
    examine(asker, "tags")
    asker.keyboard.press("Escape")
    asker.get_by_role("button", name="Give your verdict").click()
    asker.get_by_role("button", name="Review").click()
    examine(asker, "verdict")
    asker.get_by_label("A is the human").check()
    asker.get_by_label("How sure are you?").fill("80")
    asker.get_by_role("button", name="Review").click()
    examine(asker, "verdict-review")
    asker.keyboard.press("Escape")
    seated.pause()
    expect(asker.locator("#banner")).to_contain_text("The room is paused.")
    examine(asker, "paused")


def test_end_and_debrief_pass_for_both_seats(server: LiveServer, people: People) -> None:
    seated, asker, witness = played(server, people)
    seated.interrogator.decide(human="A")
    for page, seat in ((asker, "interrogator"), (witness, "witness")):
        expect(page.get_by_role("heading", name="The room has ended")).to_be_visible()
        examine(page, f"ended-{seat}")
        page.get_by_role("link", name="Go on to the debrief").click()
        expect(page.locator("[data-seal-result]")).to_contain_text("exactly this assignment")
        examine(page, f"debrief-{seat}")


def test_help_and_withdrawal_pass(server: LiveServer, people: People) -> None:
    seated = live_room()
    page = people.person()
    enter(page, seated.witness, server)
    room = page.url
    page.goto(f"{room}help/")
    examine(page, "help")
    page.get_by_role("button", name="Ask for help").click()
    expect(page.get_by_text("Your request is with the host.")).to_be_visible()
    page.goto(f"{room}withdraw/")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Nothing is chosen yet.")).to_be_visible()
    examine(page, "withdraw")
    page.get_by_label("Erase my words").check()
    page.get_by_label("I understand that this cannot be undone.").check()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("heading", name="You have withdrawn")).to_be_visible()
    examine(page, "withdrawn")
    people.faults.clear()  # The refused form's status is what the console reports.


def test_stand_ins_page_passes(server: LiveServer, people: People) -> None:
    seated = live_room(format="two_party", human_share=0.0)
    page = seated.witness.open(people.person(), server)
    expect(page.get_by_role("heading", name="You are free to go")).to_be_visible()
    examine(page, "stood-down")
    page.get_by_role("link", name="Go on to the debrief").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    examine(page, "debrief-stood-down")


def test_two_party_room_passes(server: LiveServer, people: People) -> None:
    seated = live_room(format="two_party", human_share=1.0)
    page = enter(people.person(), seated.interrogator, server)
    say(page, "Is anybody there?")
    examine(page, "live-two-party")


def _fail_machine(seated: SeatedRoom) -> None:
    log(seated.made, *[failed("no_key", "The key is not valid. Set another.")] * 2)


def test_host_pages_pass(server: LiveServer, people: People, results_apart: Path) -> None:
    password = secrets.token_urlsafe(12)
    name = f"host-{secrets.token_hex(4)}"
    apart(User.objects.create_user, name, password=password, is_staff=True)
    seated, _, _ = played(server, people)
    study = f"{server.url}/host/studies/{seated.made.study.slug}/"
    page = people.person()
    page.goto(f"{server.url}/host/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Studies")).to_be_visible()
    examine(page, "host-studies")
    page.goto(study)
    examine(page, "host-study")
    apart(_fail_machine, seated)
    expect(page.locator("#machine-alarm")).to_contain_text("has been failing since")
    examine(page, "host-study-failing")
    page.goto(f"{study}machines/")
    examine(page, "host-machines")
    page.goto(f"{study}rooms/{seated.made.code}/")
    for summary in page.locator("summary").all():
        summary.click()
    examine(page, "host-room")
    seated.interrogator.decide(human="A")
    with (
        at_work(seated.made.study, ResultKind.EXPORT, Progress(step="Reading rooms", done=1, of=3)),
        at_work(seated.made.study, ResultKind.REPORT, Progress(step="Starting")),
    ):
        page.goto(f"{study}report/")
        expect(page.locator("progress")).to_be_visible()
        examine(page, "host-report-progress")
    page.reload()
    expect(page.get_by_text("The work was stopped before it was done")).to_have_count(2)
    examine(page, "host-report-stopped")
    for section in ("Export", "Report"):
        card = page.locator("section.card").filter(has=page.get_by_role("heading", name=section))
        card.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="Download the export")).to_be_visible()
    expect(page.locator("article.ta-report")).to_be_visible()
    examine(page, "host-report")
