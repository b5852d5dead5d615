"""Everything that a form asks for once and for all, and a browser in front of each form."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.test import Client

from arena import clock
from arena.models import Event
from tests.kit.factories import MadeRoom, make_room
from tests.kit.long_rooms import make_long_room
from tests.kit.pages import host, make_ready, seated


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A form as it is filled in: where it is, where it goes, what it stores."""

    made: MadeRoom
    browser: Client
    page: str
    action: str
    words: Mapping[str, str]
    kind: str

    def filled_in(self) -> dict[str, str]:
        """Open the page and fill in its form."""
        return hidden_fields(self.browser, self.page, action=self.action) | dict(self.words)

    def send(self, form: Mapping[str, str]) -> HttpResponse:
        """Send a form and go where the answer leads."""
        return self.browser.post(self.action, form, follow=True)

    def n_done(self) -> int:
        """How often the log has what the form asks for."""
        events = Event.objects.filter(room=self.made.room, kind=self.kind)
        if self.kind == "claimed":
            events = [event for event in events if event.data["reissued"]]
        return len(events)


def hidden_fields(browser: Client, page: str, *, action: str) -> dict[str, str]:
    """What a page's form sends to an address beside what people fill in."""
    html = browser.get(page).content.decode()
    forms = re.findall(r'<form\b[^>]*method="post".*?</form>', html, re.DOTALL)
    [form] = [form for form in forms if f'action="{action}"' in form] or forms
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def said(answer: HttpResponse) -> list[str]:
    """What a page is about, and what it says of what was just done."""
    html = answer.content.decode()
    return re.findall(r"(?:<h1>|role=\"status\">)\s*(.*?)\s*</(?:h1|p|div)>", html, re.DOTALL)


def _help() -> Door:
    made = make_room()
    page = f"/room/{made.code}/help/"
    return Door(
        made=made,
        browser=seated(made.witness),
        page=page,
        action=page,
        words={"text": "I feel unwell."},
        kind="help",
    )


def _withdraw(choice: str) -> Callable[[], Door]:
    def door() -> Door:
        made = make_room()
        make_ready(made)
        page = f"/room/{made.code}/withdraw/"
        return Door(
            made=made,
            browser=seated(made.interrogator),
            page=page,
            action=page,
            words={"choice": choice, "sure": "on"},
            kind="left",
        )

    return door


def _away() -> Door:
    made = make_long_room()
    make_ready(made)
    until = clock.now() + dt.timedelta(days=3)
    return Door(
        made=made,
        browser=seated(made.interrogator),
        page=f"/room/{made.code}/settings/",
        action=f"/room/{made.code}/away/",
        words={"away-until": f"{until:%Y-%m-%dT%H:%M}"},
        kind="away",
    )


def _host(act: str, kind: str, *, paused: bool = False) -> Callable[[], Door]:
    def door() -> Door:
        made, browser = make_room(), host()
        make_ready(made)
        page = f"/host/studies/{made.study.slug}/rooms/{made.code}/"
        if paused:
            browser.post(f"{page}pause/", {"pause-reason": "A test"})
        words = {f"{act}-reason": "A test", f"{act}-sure": "on"}
        return Door(
            made=made,
            browser=browser,
            page=page,
            action=f"{page}{act}/",
            words={} if act.startswith("links") else words,
            kind=kind,
        )

    return door


#: Each makes a room and opens it, in front of the form.
DOORS: dict[str, Callable[[], Door]] = {
    "help": _help,
    "withdraw": _withdraw("keep"),
    "erase": _withdraw("erase"),
    "away": _away,
    "pause": _host("pause", "paused"),
    "resume": _host("resume", "resumed", paused=True),
    "end": _host("end", "ended"),
    "unseal": _host("unseal", "unsealed"),
    "reissue": _host("links/witness", "claimed"),
}
