"""A model that answers questions about time from its prompt alone: it has no clock and no calendar.

It reads the prompt as a person would: the line that says what time it is, the stamps of messages,
the days, the notes. Of the world it knows what models know: the calendar, and the rules of zones.
"""

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.kit.fake_provider import Answer, completion

UNKNOWN = "no idea"
_NOW = re.compile(r"^It is now (\w+ \d\d \w+ \d{4}, \d\d:\d\d) \(([^,)]+), (UTC[+-]\d\d:\d\d)\)\.$")
_STAMP = re.compile(r"^\[(\w{3} \d\d \w{3} \d{4}, \d\d:\d\d)(, you:)?\](?: (.*))?$")
_BEGAN = re.compile(r"The chat began on (\w+ \d\d \w+ \d{4}, \d\d:\d\d);")
_DAY = re.compile(r"^(?:\w+, )?(\w+ \d\d \w+): (awake .*|.*off work.*|.*at work.*|.*holiday.*)\.$")
_NOTE = re.compile(r"^(?:\w+, )?(\w+ \d\d \w+): (.*)$")
_CLOCKS = re.compile(r"^The clocks (?:went|go) (forward|back) .* on \w+ (\d\d \w+ \d{4}) at ")
_OWN = re.compile(r"^Your own last words were sent (.+) ago, on ")
_LEFT = re.compile(r"^Time left on the page's clock: (\d+):(\d\d)\.$")
_STATE = re.compile(r"^Right now you are (.+)\.$")
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    at: dt.datetime
    own: bool
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a prompt says."""

    now: dt.datetime
    offset: str
    began: dt.datetime
    said: tuple[Said, ...]
    days: Mapping[dt.date, str]
    notes: Mapping[dt.date, str]
    clocks: Sequence[tuple[dt.date, str]]
    facts: Mapping[str, Sequence[str]]

    @property
    def today(self) -> dt.date:
        return self.now.date()

    def day(self, name: str, *, back: bool = False) -> dt.date:
        """The day that somebody means who says "yesterday" or "Thursday"."""
        near = {"today": 0, "yesterday": -1, "tomorrow": 1}
        if name.lower() in near:
            return self.today + dt.timedelta(days=near[name.lower()])
        ahead = (_WEEKDAYS.index(name.lower()) - self.today.weekday()) % 7
        return self.today + dt.timedelta(days=ahead - 7 if back else ahead)

    def about(self, what: str) -> Said:
        """Where the interrogator first spoke of something."""
        return next(e for e in self.said if not e.own and what.lower() in e.text.lower())


def read(messages: Sequence[Mapping[str, str]]) -> tuple[Known, str]:
    """What a prompt says, and the newest question in it."""
    lines = [line for m in messages if m["role"] == "user" for line in m["content"].split("\n")]
    [(local, zone, offset)] = [found.groups() for line in lines if (found := _NOW.match(line))]
    place = zoneinfo.ZoneInfo(zone)
    now = _moment(local, "%A %d %B %Y, %H:%M", place)
    began = _BEGAN.search(messages[0]["content"])
    assert began is not None
    said = tuple(_said(messages, place))
    assert said[-1].own and said[-1].at == now and not said[-1].text
    dated: dict[dt.date, str] = {}
    notes: dict[dt.date, str] = {}
    for line in lines:
        found = _DAY.match(line) or _NOTE.match(line)
        if found and (day := _near(found[1], now.date())) is not None:
            (dated if found.re is _DAY else notes)[day] = found[2]
    clocks = [
        (_moment(found[2], "%d %B %Y", place).date(), found[1])
        for line in lines
        if (found := _CLOCKS.match(line))
    ]
    facts = {
        name: found.groups()
        for name, pattern in (("own", _OWN), ("left", _LEFT), ("state", _STATE))
        for line in lines
        if (found := pattern.match(line))
    }
    since = _moment(began[1], "%A %d %B %Y, %H:%M", place)
    known = Known(now, offset, since, said, dated, notes, clocks, facts)
    return known, next(e.text for e in reversed(said) if not e.own)


def _said(messages: Sequence[Mapping[str, str]], zone: zoneinfo.ZoneInfo) -> list[Said]:
    """Every message of the talk with its time; the last one is still to be written."""
    found: list[Said] = []
    for message in messages[1:]:
        if message["role"] == "assistant":
            # Its time is on the line before, and it is one message.
            assert found[-1].own and not found[-1].text
            found[-1] = Said(at=found[-1].at, own=True, text=message["content"])
            continue
        for line in message["content"].split("\n"):
            if stamp := _STAMP.match(line):
                at = _moment(stamp[1], "%a %d %b %Y, %H:%M", zone)
                found.append(Said(at=at, own=stamp[2] is not None, text=stamp[3] or ""))
    return found


def _moment(text: str, pattern: str, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    at = dt.datetime.strptime(text, pattern).replace(tzinfo=zone)
    assert f"{at:{pattern}}" == text, f"{text} has another weekday"
    return at


def _near(text: str, today: dt.date) -> dt.date | None:
    """The day that a weekday, a day and a month mean without a year."""
    for n in range(-20, 20):
        day = today + dt.timedelta(days=n)
        if f"{day:%A %d %B}" == text:
            return day
    return None


def answer(known: Known, question: str) -> str | None:
    """The answer to a question about time; None if it is none."""
    for pattern, tell in _RULES:
        if found := pattern.search(question):
            return tell(known, found)
    return None


def _passed(since: dt.datetime, now: dt.datetime) -> str:
    minutes = int((now.astimezone(dt.UTC) - since.astimezone(dt.UTC)).total_seconds()) // 60
    if minutes >= 1440:
        return f"{minutes // 1440} d {minutes // 60 % 24} h"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def _days_to(known: Known, text: str) -> int:
    """How many days it is to a day of this year."""
    day = _moment(f"{text} {known.today.year}", "%d %B %Y", zoneinfo.ZoneInfo("UTC"))
    return (day.date() - known.today).days


def _minutes_left(known: Known) -> str:
    minutes, seconds = map(int, known.facts["left"])
    return f"{round(minutes + seconds / 60)}"


def _part(hour: int) -> str:
    parts = ((5, "night"), (12, "morning"), (18, "afternoon"), (22, "evening"), (24, "night"))
    return next(name for until, name in parts if hour < until)


def _yes(so: object) -> str:
    return "yes" if so else "no"


def _holiday(known: Known, day: dt.date) -> str:
    return _yes("holiday" in known.days[day])


def _clocks_on(known: Known, day: dt.date) -> str:
    return next((way for changed, way in known.clocks if changed == day), "no")


def _written(at: dt.datetime) -> str:
    return f"{at:%A} {at.day} {at:%B %Y, %H:%M}"


_TODAY = r"(today|tomorrow|yesterday|monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_ABOUT = r"you about (?:the )?(.+)\?"
_Tell = Callable[[Known, re.Match[str]], str]
_RULES: Sequence[tuple[re.Pattern[str], _Tell]] = [
    (re.compile(pattern, re.IGNORECASE), tell)
    for pattern, tell in (
        (r"what time is it", lambda k, _: f"{k.now:%H:%M}"),
        (r"what year is it", lambda k, _: f"{k.now:%Y}"),
        (r"what(?:'s| is) the date", lambda k, _: f"{k.now.day} {k.now:%B %Y}"),
        (rf"what date is {_TODAY}", lambda k, m: f"{k.day(m[1]).day} {k.day(m[1]):%B %Y}"),
        (r"what day is it", lambda k, _: f"{k.now:%A}"),
        (rf"what day (?:is|was) {_TODAY}", lambda k, m: f"{k.day(m[1]):%A}"),
        (r"morning or evening", lambda k, _: _part(k.now.hour)),
        (
            rf"weather like {_TODAY}",
            lambda k, m: k.notes.get(k.day(m[1], back=True), UNKNOWN),
        ),
        (rf"is {_TODAY} a holiday", lambda k, m: _holiday(k, k.day(m[1]))),
        (rf"was {_TODAY} a holiday", lambda k, m: _holiday(k, k.day(m[1], back=True))),
        (
            rf"were you at work {_TODAY}",
            lambda k, m: _yes("at work" in k.days[k.day(m[1], back=True)]),
        ),
        (r"what are you doing", lambda k, _: k.facts["state"][0]),
        (rf"how long ago did I tell {_ABOUT}", lambda k, m: _passed(k.about(m[1]).at, k.now)),
        (rf"when did I tell {_ABOUT}", lambda k, m: _written(k.about(m[1]).at)),
        (r"how long ago did you last write", lambda k, _: k.facts["own"][0]),
        (r"how long have we been talking", lambda k, _: _passed(k.began, k.now)),
        (r"how many minutes do we have", lambda k, _: _minutes_left(k)),
        (r"how many days is it until (\d+ \w+)", lambda k, m: f"{_days_to(k, m[1])}"),
        (r"how many days ago was (\d+ \w+)", lambda k, m: f"{-_days_to(k, m[1])}"),
        (r"clocks change last night", lambda k, _: _clocks_on(k, k.today)),
        (r"clocks go tonight", lambda k, _: _clocks_on(k, k.day("tomorrow"))),
        (r"summer time", lambda k, _: _yes(k.now.dst())),
        (r"utc offset", lambda k, _: k.offset),
    )
]


def timekeeper(request: Mapping[str, Any]) -> Answer:
    """Answer what is asked about time, and "ok" to everything else."""
    known, question = read(request["messages"])
    return Answer(body=completion(answer(known, question) or "ok", dict(request)))
