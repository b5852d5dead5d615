"""What is said of the hour fits the moment at which it is sent, whatever came between."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from arena import backends, clock, database
from arena.models import Seat, Timer
from arena.persona.calendar import Calendar
from arena.queries import personas
from arena.rules import TimerKind
from arena.timers import overdue
from arena.timers.payloads import PendingReply, ScheduledReply, reply_plan
from arena.witnesses import HANDLERS, attend, fitting
from tests.kit.factories import make_room
from tests.kit.fake_provider import MODES, Answer, FakeProvider
from tests.kit.people import Live, go_live, openai
from tests.kit.timekeeper import timekeeper

ZONE = ZoneInfo("Europe/Berlin")
EVENING = dt.datetime(2027, 3, 4, 20, 47, tzinfo=ZONE).astimezone(dt.UTC)
LIFE = (
    '{time_zone: Europe/Berlin, sleep: "23:30-07:00", work: "09:00-17:00", '
    "work_days: [mon, tue, wed, thu, fri], holidays: [], away_days: 60, writes_first_per_day: 0}"
)
HOUR, DAY = "what time is it at your place?", "what day is it today?"
DOING = "what are you doing right now?"
#: What the model does with time before it answers, set by a test.
Slow = Callable[[int], None]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dt.datetime]]:
    moment = [EVENING]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    yield moment


@pytest.fixture
def slow() -> dict[str, Slow]:
    return {"by": lambda n_calls: None}


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch, slow: dict[str, Slow]) -> Iterator[FakeProvider]:
    def answer(request: dict[str, Any]) -> Answer:
        made = timekeeper(request)
        slow["by"](len(fake.requests))
        return made

    monkeypatch.setitem(MODES, "timekeeper", answer)
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


async def _live(*, pacing: str = "calibrated", life: str = LIFE) -> Live:
    machines = openai("timekeeper", pacing=pacing).replace("life: none", f"life: {life}")
    machines = machines.replace("calls: 1000", "calls: 10000")
    return await go_live(await database.run(make_room, duration="400 days", machines=machines))


async def _calendar(live: Live) -> Calendar:
    seats = Seat.objects.select_related("room", "profile__study")
    seat = await database.run(lambda: seats.get(room=live.made.room, kind="machine"))
    calendar = (await database.run(personas.persona_of, seat)).calendar
    assert calendar is not None
    return calendar


async def _evening(live: Live) -> dt.datetime:
    """The first evening on which the persona goes to bed and has been up."""
    calendar = await _calendar(live)
    for day in calendar.days(clock.now().astimezone(ZONE).date(), 60):
        asleep_at = day.sleeps_at
        if asleep_at and calendar.is_awake(asleep_at - dt.timedelta(hours=1)):
            return asleep_at.astimezone(dt.UTC)
    raise AssertionError("it never goes to bed")


async def _asked(live: Live, text: str) -> Timer:
    """The timer of a question that the persona sees at once."""
    await live.ask(text, pane=live.made.machine_pane)
    [timer] = [t for t in await live.timers() if t.done_at is None]
    timer.payload = PendingReply(noticed_at=clock.now()).to_json()
    await database.run(timer.save)
    return timer


async def _step(timer: Timer) -> Timer:
    await attend(timer)
    await database.run(timer.refresh_from_db)
    return timer


async def _until_said(timer: Timer, told: list[dt.datetime]) -> None:
    """Carry out what is due, each at its moment."""
    for _ in range(20):
        if timer.done_at is not None:
            return
        told[0] = max(told[0], timer.wake_at)
        await _step(timer)
    raise AssertionError(f"not said: {timer.payload}")


async def _wrong(live: Live) -> list[tuple[str, str]]:
    """The answers that do not fit the moment at which they were sent, each with that moment."""
    calendar, found, asked = await _calendar(live), [], ""
    for event in await live.log("message"):
        text, at = str(event.data["text"]), event.at.astimezone(ZONE)
        if event.seat == "interrogator":
            asked = text
        elif not _fits(asked, text, at, calendar):
            found.append((f"{at:%a %H:%M}", text))
    return found


def _fits(asked: str, said: str, at: dt.datetime, calendar: Calendar) -> bool:
    around = [at - dt.timedelta(minutes=n) for n in range(7)]
    if asked == HOUR:
        return said in {f"{each:%H:%M}" for each in around}
    if asked == DAY:
        return said in {f"{each:%A}" for each in around[:2]}
    return said in {calendar.state(each).replace("_", " ") for each in around}


async def test_question_at_bedtime_is_answered_with_the_hour_of_the_morning(
    told: list[dt.datetime], provider: FakeProvider
) -> None:
    live = await _live()
    told[0] = await _evening(live) - dt.timedelta(milliseconds=1)
    timer = await _step(await _asked(live, HOUR))
    assert provider.requests == [] and timer.done_at is None
    assert timer.wake_at - told[0] > dt.timedelta(hours=4)
    await _until_said(timer, told)
    await backends.close()
    assert len(provider.requests) == 1
    assert await _wrong(live) == []


async def test_words_that_an_outage_holds_back_are_written_anew(
    told: list[dt.datetime], provider: FakeProvider
) -> None:
    live = await _live(life="none")
    timer = await _step(await _asked(live, HOUR))
    assert isinstance(reply_plan(timer), ScheduledReply)
    told[0] += dt.timedelta(hours=9)
    await database.run(overdue.spread, told[0], rng=random.Random(1))
    await database.run(timer.refresh_from_db)
    await _until_said(timer, told)
    await backends.close()
    assert len(provider.requests) == 2
    [said] = await live.said()
    at = (await live.log("message"))[-1].at
    assert abs(_clock(said, at) - at) < dt.timedelta(minutes=1)


def _clock(said: str, at: dt.datetime) -> dt.datetime:
    return at.replace(hour=int(said[:2]), minute=int(said[3:]), second=0)


async def test_words_of_a_model_that_took_too_long_are_written_when_they_are_due(
    told: list[dt.datetime], provider: FakeProvider, slow: dict[str, Slow]
) -> None:
    live = await _live(pacing="none", life="none")

    def by(n_calls: int) -> None:
        told[0] += dt.timedelta(minutes=20 if n_calls == 1 else 0)

    slow["by"] = by
    timer = await _step(await _asked(live, HOUR))
    assert isinstance(reply_plan(timer), PendingReply)
    await _until_said(timer, told)
    await backends.close()
    assert await live.said() == ["20:07"]  # the site's zone, 20 min after 19:47
    calls = await live.log("machine_call")
    assert [(c.data["outcome"], c.data.get("due_at") is None) for c in calls] == [
        ("ok", True),
        ("ok", False),
    ]


async def test_a_model_that_is_always_slow_is_heard_in_the_end(
    told: list[dt.datetime], provider: FakeProvider, slow: dict[str, Slow]
) -> None:
    live = await _live(pacing="none", life="none")

    def by(n_calls: int) -> None:
        told[0] += dt.timedelta(minutes=20)

    slow["by"] = by
    await _until_said(await _asked(live, HOUR), told)
    await backends.close()
    assert len(provider.requests) == 1 + fitting.MOST_TIMES
    assert len(await live.said()) == 1


async def test_the_day_is_that_on_which_it_is_said(
    told: list[dt.datetime], provider: FakeProvider, slow: dict[str, Slow]
) -> None:
    live = await _live(pacing="none", life="none")
    told[0] = dt.datetime(2027, 3, 4, 23, 59, 40, tzinfo=dt.UTC)

    def by(n_calls: int) -> None:
        told[0] += dt.timedelta(seconds=40 if n_calls == 1 else 0)

    slow["by"] = by
    await _until_said(await _asked(live, DAY), told)
    await backends.close()
    assert await live.said() == ["Friday"]


async def test_the_rest_of_an_answer_is_left_out_after_hours(
    told: list[dt.datetime], provider: FakeProvider
) -> None:
    live = await _live(life="none")
    timer = await _asked(live, HOUR)
    rest = ScheduledReply(text="as I said", last_seq=1, began_at=clock.now())
    timer.payload, timer.prepared = rest.to_json(), True
    await database.run(timer.save)
    told[0] += dt.timedelta(hours=3)
    await _step(timer)
    assert (timer.outcome, await live.said()) == ("outdated", [])


async def test_what_was_to_be_written_first_is_not_written_hours_later(
    told: list[dt.datetime], provider: FakeProvider
) -> None:
    life = LIFE.replace("writes_first_per_day: 0", "writes_first_per_day: 5")
    live = await _live(life=life)
    pane = live.made.machine_pane
    [timer] = [t for t in await live.timers("initiative") if t.done_at is None]
    meant = ScheduledReply(text="lunch!", last_seq=0, began_at=told[0], meant_at=told[0])
    timer.payload, timer.prepared = meant.to_json(), True
    await database.run(timer.save)
    told[0] += dt.timedelta(hours=3)
    await HANDLERS[TimerKind.INITIATIVE](timer)
    await database.run(timer.refresh_from_db)
    assert (timer.outcome, await live.said()) == ("outdated", []), pane


@pytest.mark.parametrize(
    ("at", "meant_for", "typed_s", "fit"),
    [
        ("2027-03-04T20:47:00", "2027-03-04T20:50:00", 0, True),  # sooner than meant
        ("2027-03-04T20:52:00", "2027-03-04T20:47:00", 0, True),
        ("2027-03-04T20:52:01", "2027-03-04T20:47:00", 0, False),
        ("2027-03-04T20:53:00", "2027-03-04T20:47:00", 90, True),  # it takes so long to type
        ("2027-03-05T00:00:03", "2027-03-04T23:59:59", 0, True),
        ("2027-03-05T00:00:30", "2027-03-04T23:59:59", 0, False),
        ("2027-10-31T02:47:00+01:00", "2027-10-31T02:47:00+02:00", 0, False),  # an hour apart
    ],
)
def test_words_fit_for_some_minutes_of_one_day(
    at: str, meant_for: str, typed_s: float, fit: bool
) -> None:
    sent, meant = (_moment(each) for each in (at, meant_for))
    assert fitting.fits(sent, meant_for=meant, zone=ZONE, typed_s=typed_s) is fit


def _moment(text: str) -> dt.datetime:
    at = dt.datetime.fromisoformat(text)
    return at.replace(tzinfo=ZONE) if at.tzinfo is None else at


async def test_a_faster_clock_is_given_its_grain(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = clock.ProcessClock(rate=clock.Rate(speed=10_000.0))
    monkeypatch.setattr(clock, "system", fast)
    sent = EVENING + dt.timedelta(hours=12)
    assert fitting.fits(sent, meant_for=EVENING, zone=ZONE)


@pytest.mark.parametrize("n_days", [8, pytest.param(60, marks=pytest.mark.long)])
async def test_every_answer_of_a_long_room_fits_the_hour_at_which_it_is_sent(
    n_days: int, told: list[dt.datetime], provider: FakeProvider
) -> None:
    """Asked at all hours, over nights, days away and outages of minutes to days."""
    live, rng = await _live(), random.Random(n_days)
    for n in range(3 * n_days):
        told[0] += dt.timedelta(hours=rng.uniform(0.2, 15))
        await live.ask((HOUR, DAY, DOING)[n % 3], pane=live.made.machine_pane)
        await _answered(live, told, rng)
    await backends.close()
    said = await live.said()
    assert len(said) >= 3 * n_days
    assert await _wrong(live) == []


async def _answered(live: Live, told: list[dt.datetime], rng: random.Random) -> None:
    """Carry out what is due; now and then nobody is there to do it, and a loop comes back."""
    while open_timers := [t for t in await live.timers() if t.done_at is None]:
        timer = min(open_timers, key=lambda t: (t.wake_at, t.id))
        told[0] = max(told[0], timer.wake_at)
        if timer.prepared and rng.random() < 0.3:
            told[0] += dt.timedelta(minutes=rng.choice((3, 30, 600, 4_000)))
            await database.run(lambda: overdue.spread(told[0], rng=rng, free_at=personas.free_at))
            continue
        await attend(timer)
