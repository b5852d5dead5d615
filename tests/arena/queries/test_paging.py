"""Pages around any place of a log: right at its edges, and by an index however long it is."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from arena import clock, database
from arena.errors import EventUnknown
from arena.event_kinds import Message, Tag
from arena.events import Decision, Draft, append_now
from arena.models import Event, Seat
from arena.queries import paging
from arena.queries.paging import EventPage
from arena.services import delay_line, playing
from tests.kit.factories import make_room
from tests.kit.people import Live, go_live


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A lopsided room: `n` messages in the human's pane, two before them in the machine's."""

    live: Live
    ids: list[str]

    @property
    def asker(self) -> Seat:
        return Seat.objects.select_related("room").get(id=self.live.asker.id)

    @property
    def pane(self) -> str:
        return str(self.live.made.human_pane)

    @property
    def other_pane(self) -> str:
        return self.live.made.machine_pane

    def say(self, n: int, *, pane: str) -> None:
        """Say as many, question and answer in turn."""
        by = ("interrogator", pane)
        said = (Draft(seat=by[k % 2], pane=pane, body=Message(text=f"{k}")) for k in range(n))
        drafts = tuple(said)
        append_now(self.live.made.room.id, lambda room, now: Decision(events=drafts))

    def tag(self, event: str, *strategies: str) -> None:
        coded = Draft(seat="interrogator", body=Tag(event=event, strategies=strategies))
        append_now(self.live.made.room.id, lambda room, now: Decision(events=(coded,)))

    def texts(self, page: EventPage | None) -> list[str]:
        assert page is not None
        return [event.body.text for event in page.events if isinstance(event.body, Message)]


@pytest.fixture
async def talk(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Talk:
    """Each batch of messages is an hour after the one before."""
    moment = [clock.now()]
    delay = getattr(request, "param", "0 s")
    made = await database.run(make_room, delay=delay, duration="9 h")
    live = await go_live(made)
    talk = Talk(live=live, ids=[])
    for n, pane in ((2, made.machine_pane), (6, str(made.human_pane)), (4, str(made.human_pane))):
        moment[0] += dt.timedelta(hours=1)
        monkeypatch.setattr(clock, "now", lambda: moment[0])
        await database.run(talk.say, n, pane=pane)
    rows = Event.objects.filter(room=made.room, kind="message", pane=str(made.human_pane))
    talk.ids.extend(await database.run(lambda: list(rows.values_list("public_id", flat=True))))
    return talk


async def test_a_conversation_is_paged_through_alone(talk: Talk) -> None:
    def check() -> None:
        seat, ids = talk.asker, talk.ids
        last = paging.before(seat, event=ids[9], limit=4, pane=talk.pane)
        assert last is not None
        assert [event.public_id for event in last.events] == ids[5:9]
        assert (last.earlier, last.later) == (True, False)
        other = paging.before(seat, event=ids[9], limit=4, pane=talk.other_pane)
        assert other is not None
        assert (talk.texts(other), other.earlier) == (["0", "1"], False)
        following = paging.since(seat, after=ids[0], limit=4, pane=talk.pane)
        assert following is not None
        assert [event.public_id for event in following.events] == ids[1:5]
        assert following.later
        end = paging.since(seat, after=ids[5], limit=4, pane=talk.pane)
        assert end is not None and not end.later
        assert paging.since(seat, after="no-such-event", limit=4) is None

    await database.run(check)


async def test_a_moment_is_found_wherever_it_is(talk: Talk) -> None:
    def check() -> None:
        seat, room = talk.asker, talk.live.made.room
        [first, *_] = Event.objects.filter(room=room, kind="message").order_by("seq")
        late = Event.objects.get(public_id=talk.ids[6]).at
        page = paging.from_moment(seat, at=late, limit=10, pane=talk.pane)
        assert [event.public_id for event in page.events] == talk.ids[6:]
        assert (page.earlier, page.later) == (True, False)
        # Between two batches: the next that was said.
        page = paging.from_moment(seat, at=late - dt.timedelta(minutes=59), limit=2, pane=talk.pane)
        assert [event.public_id for event in page.events] == talk.ids[6:8]
        assert page.later
        page = paging.from_moment(seat, at=first.at - dt.timedelta(days=400), limit=1)
        assert [event.public_id for event in page.events] == [first.public_id]
        assert not page.earlier
        page = paging.from_moment(seat, at=late + dt.timedelta(days=400), limit=1, pane=talk.pane)
        assert (page.events, page.earlier, page.later) == ([], True, False)

    await database.run(check)


async def test_tags_that_hold_are_those_of_the_messages(talk: Talk) -> None:
    def check() -> None:
        talk.tag(talk.ids[0], "logic")
        talk.tag(talk.ids[2], "other")
        talk.tag(talk.ids[0])
        page = paging.since(talk.asker, after=talk.ids[0], limit=3, pane=talk.pane)
        first = paging.from_moment(
            talk.asker, at=Event.objects.get(public_id=talk.ids[0]).at, limit=3, pane=talk.pane
        )
        assert page is not None
        room_id = talk.live.made.room.id
        held = [event.body for event in paging.tags_of(room_id, page.events)]
        assert held == [Tag(event=talk.ids[2], strategies=("other",))]
        both = [event.body for event in paging.tags_of(room_id, first.events)]
        assert both == [
            Tag(event=talk.ids[2], strategies=("other",)),
            Tag(event=talk.ids[0], strategies=()),
        ]
        assert paging.tags_of(room_id, []) == []

    await database.run(check)


async def test_what_is_unread_is_the_other_side_s_and_counted_up_to_a_limit(talk: Talk) -> None:
    assert await database.run(lambda: paging.unread(talk.asker, talk.pane)) == (None, 5)
    seat = await database.run(lambda: talk.asker)
    await playing.read(seat, event=talk.ids[2])
    assert await database.run(lambda: paging.unread(talk.asker, talk.pane)) == (talk.ids[2], 4)
    await playing.read(seat, event=talk.ids[0])  # It never moves back.
    assert await database.run(lambda: paging.unread(talk.asker, talk.pane)) == (talk.ids[2], 4)
    assert await database.run(lambda: paging.unread(talk.asker, talk.other_pane)) == (None, 1)
    await database.run(talk.say, 210, pane=talk.pane)
    assert await database.run(lambda: paging.unread(talk.asker, talk.pane)) == (
        talk.ids[2],
        paging.MOST_UNREAD,
    )


async def test_words_that_are_held_are_their_writer_s_place_and_nobody_s_news(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = [began := clock.now()]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    live = await go_live(await database.run(make_room, delay="1 h", duration="9 h"))
    pane = str(live.made.human_pane)

    async def unread(seat: Seat) -> tuple[str | None, int]:
        row = await database.run(Seat.objects.select_related("room__study").get, id=seat.id)
        return await database.run(paging.unread, row, pane)

    asked = await live.ask("Where are you?", pane=pane)
    await playing.read(live.asker, event=asked.event)
    held = await live.answer("at home")
    assert await unread(live.witness) == (None, 1)
    await playing.read(live.witness, event=held.event)
    # It reads on after its own words, which are not shown to the other side yet.
    assert await unread(live.witness) == (held.event, 0)
    assert await unread(live.asker) == (asked.event, 0)

    moment[0] += dt.timedelta(hours=1)
    [timer] = await live.timers("release")
    await delay_line.release(timer)
    [shown] = [event for event in await live.log("message") if event.seat == pane]
    assert await unread(live.witness) == (held.event, 0)
    assert await unread(live.asker) == (asked.event, 1)
    await playing.read(live.asker, event=shown.public_id)
    assert await unread(live.asker) == (shown.public_id, 0)
    with pytest.raises(EventUnknown):
        await playing.read(live.asker, event=held.event)
    with pytest.raises(EventUnknown):
        await playing.read(live.witness, event=shown.public_id)

    def paged(seat: Seat) -> list[list[str]]:
        """What is shown of the room, from any place of it that a page begins at."""
        found = (
            paging.newest(seat, limit=9),
            paging.from_moment(seat, at=began, limit=9),
            paging.since(seat, after=asked.event, limit=9),
        )
        return [[event.public_id for event in page.events] for page in found if page]

    whole, later = [asked.event, held.event], [held.event]
    assert await database.run(paged, live.witness) == [whole, whole, later]
    whole, later = [asked.event, shown.public_id], [shown.public_id]
    assert await database.run(paged, live.asker) == [whole, whole, later]


PAGES: dict[str, Callable[[Talk, Seat], object]] = {
    "before": lambda talk, seat: paging.before(seat, event=talk.ids[9], limit=3, pane="A"),
    "after": lambda talk, seat: paging.since(seat, after=talk.ids[0], limit=3, pane="B"),
    "at": lambda talk, seat: paging.from_moment(seat, at=clock.now(), limit=3, pane="A"),
    "unread": lambda talk, seat: paging.unread(seat, "A"),
    "newest of a witness": lambda talk, seat: paging.newest(talk.live.witness, limit=3),
    "unread of a witness": lambda talk, seat: paging.unread(talk.live.witness, talk.pane),
    "tags": lambda talk, seat: paging.tags_of(
        seat.room_id, paging.newest(seat, limit=3).events
    ),
}  # fmt: skip


#: What a search is bounded by.
BOUNDED = ("(public_id=?)", "seq<?", "seq>?", "seq=?", "event_tagged", "rowid=?")


@pytest.mark.parametrize("talk", ["0 s", "1 h"], indirect=True, ids=["at once", "delayed"])
@pytest.mark.parametrize("what", PAGES)
async def test_no_page_reads_or_sorts_a_whole_log(talk: Talk, what: str) -> None:
    """Each of its statements goes to its rows by an index that ends where the page ends."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what a table holds, and small ones are read whole")

    def check() -> None:
        with CaptureQueriesContext(connection) as asked:
            PAGES[what](talk, talk.asker)
        plans = []
        with connection.cursor() as cursor:
            for statement in asked.captured_queries:
                cursor.execute(f"EXPLAIN QUERY PLAN {statement['sql']}")
                plans += [str(row[3]) for row in cursor.fetchall()]
        of_events = [plan for plan in plans if "arena_event" in plan]
        assert of_events
        assert not [plan for plan in of_events if not any(each in plan for each in BOUNDED)]
        assert not [plan for plan in plans if "TEMP B-TREE" in plan]

    await database.run(check)
