"""A long room on a fast clock: days of questions, then a silence in which reminders are sent."""

import asyncio
import datetime as dt
import email
import email.message
import random
import re
import time
from collections.abc import Iterator

from arena import pacing
from arena.clock import Rate
from arena.leaktest.browser import Browser, Visit
from arena.leaktest.observing import Listener, Seen
from arena.leaktest.room import MatchedRoom
from arena.leaktest.traits import Described
from arena.leaktest.witness import get_ready, news
from arena.leaktest.words import question, reply_to
from arena.persona import noticing
from arena.persona.calendar import Calendar
from arena.persona.life import Life

#: Days with questions, days without, and the hours between two questions.
ASKED_DAYS, SILENT_DAYS, EVERY_H = 5, 4, 8.0
#: Times real time: the season lasts two minutes.
SPEED = 6500.0
_RULER = "-" * 79


class LivingPerson:
    """A scripted person with a life drawn like the machine's, but another one."""

    def __init__(
        self, line: Listener, *, life: Life | None, rule: str, rate: Rate, seed: str
    ) -> None:
        self._line, self._rule, self._rate = line, rule, rate
        self._rng = random.Random(seed)
        self._seed = self._rng.getrandbits(32)
        self._calendar = None if life is None else Calendar(life, self._seed)

    async def play(self) -> None:
        """Look when this person would look, and answer what is newest."""
        await get_ready(self._line)
        n_answered, said_at = 0, None
        while not self._line.is_over:
            asked = self._asked()
            if len(asked) == n_answered:
                await news(self._line)
                continue
            await self._sleep_until(self._answers_at(asked[n_answered], said_at))
            asked = self._asked()
            await self._line.do("say", text=reply_to(asked[-1]))
            n_answered, said_at = len(asked), self._now()

    def _answers_at(self, text: str, said_at: dt.datetime | None) -> dt.datetime:
        noticed = noticing.notice_at(
            self._calendar, heard_at=self._now(), last_said_at=said_at, rng=self._rng
        )
        wait_s = pacing.delay_s(
            self._rule,
            n_in=len(text),
            n_out=len(reply_to(text)),
            first=said_at is None,
            persona_seed=self._seed,
            rng=self._rng,
        )
        at = noticed + dt.timedelta(seconds=wait_s)
        return at if self._calendar is None else self._calendar.next_awake(at)

    def _asked(self) -> list[str]:
        shown = self._line.shown.values()
        return [str(f["text"]) for f in shown if f["kind"] == "message" and f["from"] == "them"]

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self._rate.simulated(time.time()), dt.UTC)

    async def _sleep_until(self, at: dt.datetime) -> None:
        await asyncio.sleep(max(0.0, self._rate.real(at.timestamp()) - time.time()))


async def live(room: MatchedRoom) -> None:
    """Ask both panes for some days, then nobody for some more."""
    with room.span("season"):
        for n in range(int(ASKED_DAYS * 24 / EVERY_H)):
            if room.asker.is_over:
                return
            await room.ask_both(n, question(n))
            await room.rest(EVERY_H * 3600 * room.rng.uniform(0.6, 1.4))
        await room.rest(SILENT_DAYS * 86_400)


def hours(seen: Seen, pane: str) -> Described:
    """Hours and weekdays at which a pane's answers began, by their stamps.

    Not how long they took: on a clock this fast, work of milliseconds takes minutes.
    """
    began = [said[0] for _, said in seen.answers(pane, "season") if said]
    if not began:
        return {"n": 0.0}
    moments = [_stamp(each.frame) for each in began]
    described = {f"hours:{n}": 0.0 for n in range(0, 24, 4)}
    for each in moments:
        described[f"hours:{each.hour // 4 * 4}"] += 1 / len(moments)
    described["weekend"] = sum(each.weekday() >= 5 for each in moments) / len(moments)
    described["n"] = float(len(moments))
    return described


def _stamp(frame: dict[str, object]) -> dt.datetime:
    return dt.datetime.fromisoformat(str(frame["at"]))


async def want_mail(browser: Browser, *, code: str, address: str) -> None:
    """Have reminders sent to an address."""
    path = f"/room/{code}/settings/"
    token = (await browser.get(path)).fields.get("csrfmiddlewaretoken", "")
    form = {
        "settings-email": address,
        "settings-time_zone": "UTC",
        "settings-quiet_from": "22:00",
        "settings-quiet_to": "08:00",
    }
    await browser.post(path, csrfmiddlewaretoken=token, **form)


def mails(log: str, *, code: str, addresses: dict[str, str]) -> Described:
    """The mails of a room's seats in the server's output: number, headers and lines, by seat."""
    described: Described = {}
    for seat, address in addresses.items():
        own = [each for each in _sent(log) if each["To"] == address]
        described[f"{seat}:n"] = float(len(own))
        for mail in own:
            text = mail.get_payload(decode=True)
            body = text.decode(errors="replace") if isinstance(text, bytes) else ""
            headers = tuple((k, str(v)) for k, v in mail.items() if k not in ("Date", "Message-ID"))
            visit = Visit(status=0, headers=headers, body=body).masked(code, address)
            for line in (*(f"{k}: {v}" for k, v in visit.headers), *visit.body.splitlines()):
                name = f"{seat}:{re.sub(r'[0-9]+|[A-Z][a-z]+day|[A-Z][a-z]+ber', '#', line)}"
                described[name] = described.get(name, 0.0) + 1 / len(own)
    return described


def _sent(log: str) -> Iterator["email.message.Message"]:
    for part in log.split(_RULER):
        begin = part.find("Content-Type: text/plain")
        if begin >= 0:
            yield email.message_from_string(part[begin:])
