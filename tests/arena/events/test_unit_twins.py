"""Twin rooms to which the same happens: to one in commits of many, to the other one at a time.

Whoever plays, whatever the format, however the commits are cut, both come to the same log, the same
columns and the same timers. What the writers of two processes keep of the first in memory is always
what its log makes of it; the second is made anew from its log for each decision.
"""

import dataclasses
import datetime as dt
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from arena import clock, invites, services
from arena.event_kinds import Claims, Summary
from arena.events import Appended, Decision, Draft, LiveRoom, append_now, read_room, verification
from arena.events.writer import Writer
from arena.models import Room, Seat, Timer
from arena.rules import EventKind
from arena.services import playing, seat_settings
from tests.kit.batches import Act, Played, caught, ready
from tests.kit.factories import MadeRoom, make_rooms
from tests.kit.hands import Hands
from tests.kit.long_rooms import attendance, make_long_rooms
from tests.kit.people import scripted

ROUNDS = scripted("one", pacing="rounds")
#: A study for every set of rules that a room may have.
STUDIES: dict[str, dict[str, Any]] = {
    "three_party": {"duration": "10 min"},
    "two_party": {"format": "two_party", "human_share": 1.0, "duration": "10 min", "grace": "0 s"},
    "machine_alone": {"format": "two_party", "human_share": 0.0, "duration": "10 min"},
    "rounds": {"rounds": "1 min", "duration": "5 min", "machines": ROUNDS},
    "rounds_without_grace": {
        "rounds": "1 min",
        "duration": "5 min",
        "grace": "0 s",
        "machines": ROUNDS,
    },
    "long": {"attendance": attendance(), "belief": "24 h"},
    "long_rounds": {
        "attendance": attendance(),
        "belief": "48 h",
        "rounds": "1 days",
        "machines": ROUNDS,
    },
}
#: When a history begins, in seconds since 1970.
START = 1_800_000_000.0
#: What may happen, the usual things more often.
USUAL = ("ask", "answer", "reply", "fire", "belief")
SELDOM = (
    *("ready", "claim", "tag", "pause", "resume", "away", "back", "help", "unseal", "reissue"),
    *("claims", "summary", "stale", "exit", "answer", "ask"),
)
FINAL = ("verdict", "leave", "withdraw", "end")
_names = st.sampled_from(USUAL * 12 + SELDOM * 2 + FINAL)
_happenings = st.lists(st.tuples(_names, st.integers(0, 5)), min_size=1, max_size=10)
#: What happens in each commit, how long after the one before, and which process commits it.
_commits = st.tuples(_happenings, st.integers(0, 4), st.integers(0, 1))
_histories = st.lists(_commits, min_size=1, max_size=12)


def _twins(study: str) -> tuple[Played, Played]:
    """Two rooms with the same people in the same panes, whose clocks show the same."""
    clock.system = Hands(START).clock()
    make = make_long_rooms if "attendance" in STUDIES[study] else make_rooms
    made: list[MadeRoom] = make(3, **STUDIES[study])
    panes = [each.human_pane for each in made]
    pane = max(panes, key=panes.count)
    hands = [Hands(START) for _ in range(2)]
    alike = [each for each in made if each.human_pane == pane][:2]
    one, other = (Played(made=each, hands=own) for each, own in zip(alike, hands, strict=True))
    return one, other


class _Story:
    """What happens to a room, in its own time."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self._n = 0

    def enter(self) -> None:
        """Have its people come; both have an address."""
        made = self.played.made
        self._show_time()
        for token in (made.interrogator, made.witness):
            seat = services.seat_by_token(made.code, token)
            seat_settings.store_settings(
                seat, email="somebody@example.org", time_zone="UTC", quiet_hours=""
            )

    def turn(self, n: int) -> None:
        """Let time pass: a second, or until one of the next timers is due."""
        self._show_time()
        seconds = 1.0
        if n > 0:
            due = self._timers(done_at=None).order_by("due_at", "id")
            moments = list(due.values_list("due_at", flat=True))[:n]
            if moments:
                seconds += max(0.0, (moments[-1] - clock.now()).total_seconds())
        self.played.hands.turn(seconds)

    def commit(self, happenings: Sequence[tuple[str, int]], by: Sequence[Writer]) -> list[object]:
        """Have it happen, in a commit of each writer in turn or all in that of the only one."""
        self._show_time()
        acts = [act for name, n in happenings if (act := self._act(name, n)) is not None]
        batch = [pending for act in acts if (pending := caught(act)) is not None]
        if len(by) == 1:
            return self._told(by[0].commit(batch).outcomes if batch else ())
        outcomes: list[Any] = []
        for pending, writer in zip(batch, by, strict=False):
            outcomes += writer.commit([pending]).outcomes
        return self._told(outcomes)

    def _told(self, outcomes: Sequence[tuple[Any, object]]) -> list[object]:
        ids = self._names()
        return [
            ids.get(outcome.event, "") if isinstance(outcome, Appended) else type(outcome)
            for _, outcome in outcomes
        ]

    def _show_time(self) -> None:
        clock.system = self.played.hands.clock()

    # What may happen: each named thing, and `n` for whatever there is to choose

    def _act(self, name: str, n: int) -> Act | None:
        self._n += 1
        act: Act | None = getattr(self, f"_{name}")(n)
        return act

    def _id(self, n: int) -> str:
        """Mostly a new one, sometimes one that was used before."""
        return "c:again" if n == 0 else f"c:{self._n}"

    def _ask(self, n: int) -> Act:
        return self.played.ask(f"question {n}", pane="AB"[n % 2], id=self._id(n))

    def _answer(self, n: int) -> Act:
        return self.played.answer(f"answer {n}", id=self._id(n))

    def _reply(self, n: int) -> Act | None:
        timers = list(self._timers(kind="reply", seat__kind="machine").order_by("-id"))
        if not timers:
            return None
        timer = timers[min(n // 2, len(timers) - 1)]
        machine = self.played.machine
        say = partial(playing.say, machine, text=f"reply {n}", timer=timer)
        return partial(say, command_id=f"reply:{timer.id}")

    def _fire(self, n: int) -> Act | None:
        return self._fired(n, done_at=None)

    def _stale(self, n: int) -> Act | None:
        """A timer that another process held when it was settled."""
        return self._fired(n, done_at__isnull=False)

    def _fired(self, n: int, **which: object) -> Act | None:
        due = self._timers(due_at__lte=clock.now(), **which).exclude(kind="reply")
        timers = list(due.order_by("-id"))
        return self.played.fire(timers[n % len(timers)]) if timers else None

    def _belief(self, n: int) -> Act:
        return partial(playing.belief, self.played.asker, command_id=self._id(n), p=n / 5)

    def _tag(self, n: int) -> Act | None:
        own = [event for event in self.played.log("message") if event.seat == "interrogator"]
        if not own:
            return None
        event = own[n % len(own)].public_id
        return partial(
            playing.tag, self.played.asker, command_id=self._id(n), event=event, strategies=()
        )

    def _ready(self, n: int) -> Act:
        return ready(self._person(n), id=self._id(n))

    def _claim(self, n: int) -> Act | None:
        seat = self._person(n)
        if seat.claim_hash:
            return None
        token = invites.token(seat.token_seed)
        return partial(services.claim_seat, token, None, participant=seat.person.code)

    def _pause(self, n: int) -> Act:
        return self.played.pause

    def _resume(self, n: int) -> Act:
        return self.played.resume

    def _unseal(self, n: int) -> Act:
        return partial(services.unseal, self.played.room, host="host", reason="safety")

    def _reissue(self, n: int) -> Act:
        return partial(services.reissue, self._person(n))

    def _away(self, n: int) -> Act:
        until = self.played.hands.at.replace(microsecond=0) + dt.timedelta(hours=12 * n)
        return partial(seat_settings.begin_away, self._person(n), until=until)

    def _back(self, n: int) -> Act:
        return partial(seat_settings.end_away, self._person(n))

    def _help(self, n: int) -> Act:
        return partial(services.ask_for_help, self._person(n), text=f"help {n}")

    def _exit(self, n: int) -> Act:
        return partial(services.answer_exit, self._person(n), answers={"cues": str(n)})

    def _claims(self, n: int) -> Act | None:
        return self._remember(EventKind.CLAIMS)

    def _summary(self, n: int) -> Act | None:
        return self._remember(EventKind.SUMMARY)

    def _remember(self, kind: EventKind) -> Act | None:
        if not self.played.made.room.seats.filter(kind="machine").exists():
            return None
        actor = self.played.machine.actor

        def decide(room: LiveRoom, now: dt.datetime) -> Decision:
            first = room.covered.get((actor, kind), 0) + 1
            if first > room.last_seq:
                return Decision()
            span: dict[str, Any] = {"v": 1, "first": first, "upto": room.last_seq, "n_refused": 0}
            claims = Claims(**span, claims=())
            summary = Summary(**span, text="", refs=(), points=())
            body = claims if kind == EventKind.CLAIMS else summary
            return Decision(events=(Draft(seat=actor, body=body),))

        return partial(append_now, self.played.made.room.id, decide)

    def _verdict(self, n: int) -> Act:
        is_two = self.played.made.study.format == "two_party"
        human: str | bool = n % 2 == 0 if is_two else "AB"[n % 2]
        decided = {"human": human, "confidence": 0.5, "reason": ""}
        return partial(playing.verdict, self.played.asker, command_id=self._id(n), **decided)

    def _leave(self, n: int) -> Act:
        return partial(playing.leave, self._person(n), command_id=self._id(n))

    def _withdraw(self, n: int) -> Act:
        return partial(services.withdraw, self._person(n), erase=n > 1)

    def _end(self, n: int) -> Act:
        return partial(services.end, self.played.room, host="host", reason="")

    def _person(self, n: int) -> Seat:
        return self.played.witness if n % 2 else self.played.asker

    def _timers(self, **which: object) -> Any:
        return Timer.objects.filter(room=self.played.made.room, **which)

    # What became of it, without what is random

    def outcome(self) -> list[tuple[object, ...]]:
        """All that is stored of a room: its events, its seats, its timers, itself."""
        names, room = self._names(), self.played.made.room
        timers, seats = self._ids(room.timers), self._ids(room.seats)
        stored: list[tuple[object, ...]] = [
            (
                *(event.at, event.kind, event.seat, event.pane),
                _numbered(event.command_id or "", r"(timer|reply):(\d+)$", timers),
                _renamed(event.body or "", names) if event.kind not in _RANDOM else "",
            )
            for event in self.played.log()
        ]
        for seat in Seat.objects.filter(room=room).order_by("id").values():
            given = {name: bool(seat.pop(name)) for name in _RANDOM_OF_SEATS}
            stored += [(name, value) for name, value in seat.items() if "id" not in name]
            stored += given.items()
        for timer in self._timers().order_by("id").values():
            key = _renamed(timer.pop("key"), names)
            key = _numbered(key, r"(reminder|drop_out|belief):room:(\d+)", seats)
            key = _numbered(key, r".*(:after):(\d+)$", timers)
            stored += [(key, name, value) for name, value in timer.items() if "id" not in name]
        row = Room.objects.filter(id=room.id).values().get()
        return stored + [(name, value) for name, value in row.items() if name not in _OWN]

    def _names(self) -> dict[str, str]:
        """What random ids stand for."""
        names = {event.public_id: f"event {event.seq}" for event in self.played.log()}
        return names | {self.played.made.code: "room"}

    def _ids(self, rows: Any) -> list[int]:
        return list(rows.order_by("id").values_list("id", flat=True))


#: What no two rooms share.
_OWN = (
    *("id", "code", "created_at", "seal"),
    *("last_hash", "version"),
)
_RANDOM = ("sealed", "claimed", "revealed")
_RANDOM_OF_SEATS = ("participant_id", "token_seed", "token_hash", "claim_hash", "return_hash")


def _renamed(text: str, names: dict[str, str]) -> str:
    return re.sub(r"[\w-]+", lambda word: names.get(word[0], word[0]), text)


def _numbered(text: str, pattern: str, ids: list[int]) -> str:
    """A text in which the id of a row is its place among those of its room."""
    found = re.match(pattern, text)
    if found is None:
        return text
    begin, end = found.span(2)
    return f"{text[:begin]}#{ids.index(int(found[2]))}{text[end:]}"


def _kept(room: LiveRoom) -> dict[str, object]:
    """All that is kept of a room between commits."""
    names = {each.name for each in dataclasses.fields(room)} - {"news", "timers", "_reads"}
    columns = [column.attname for column in Seat._meta.concrete_fields]
    seats = {id: {name: getattr(seat, name) for name in columns} for id, seat in room.seats.items()}
    return {name: getattr(room, name) for name in names} | {"seats": seats}


def _play(study: str, history: list[tuple[list[tuple[str, int]], int, int]]) -> None:
    stories = [_Story(played) for played in _twins(study)]
    for story in stories:
        story.enter()
    together, alone = stories
    room_id, writers = together.played.made.room.id, (Writer(), Writer())
    opening = ([("ready", 0), ("ready", 1)], 0, 0)
    for happenings, turn, which in (opening, *history):
        for story in stories:
            story.turn(turn)
        told = together.commit(happenings, by=[writers[which]])
        assert alone.commit(happenings, by=[Writer() for _ in happenings]) == told
        for of_one, of_other in zip(together.outcome(), alone.outcome(), strict=True):
            assert of_one == of_other
        if told and (kept := writers[which]._rooms.get(room_id)):
            assert _kept(kept) == _kept(read_room(room_id))
    assert verification.verify(together.played.made.study).fault is None


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("n_histories", [5, pytest.param(60, marks=pytest.mark.long)])
def test_twin_rooms_come_to_the_same(study: str, n_histories: int) -> None:
    # A history that fails is shown as it is: minutes would go by in making it shorter.
    @settings(max_examples=n_histories, phases=[Phase.generate])
    @given(_histories)
    def play(history: list[tuple[list[tuple[str, int]], int, int]]) -> None:
        _play(study, history)

    play()
