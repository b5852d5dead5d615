"""The plays on their servers: rooms are made, played so many at a time, and described."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from arena.leaktest import echoing, plays, season, traits
from arena.leaktest.choosing import Choices, Twins
from arena.leaktest.families import Family, Play
from arena.leaktest.house import House, house
from arena.leaktest.lookups import Looker, look_ups
from arena.leaktest.observing import Seen
from arena.leaktest.plan import LeakPlan
from arena.leaktest.room import MatchedRoom, OpenRoom
from arena.leaktest.visiting import Visitors, by_room
from arena.leaktest.words import question
from arena.studies.file import parse

#: Rooms at once: in talks, in probes (a busy server hides its work), for one kill, for pages.
TALKING, PROBING, TROUBLED, LOOKING = 24, 4, 24, 4
#: How much faster than real time strings are typed.
ECHO_SPEED = 20.0
#: Look-ups are asked of so many rooms: an answer is the same every time.
N_LOOKED_UP = 24
Tell = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Found:
    """What a play found: rooms or choices of each family or why there are none, and remarks."""

    families: dict[Family, Sequence[Twins] | Choices | str] = field(default_factory=dict)
    notes: dict[Family, tuple[str, ...]] = field(default_factory=dict)
    n_untold: int = 0


def _described(plan: LeakPlan, play: Play, seen: list[Seen]) -> Found:
    return Found(
        families={family: traits.twins(seen, family) for family in plan.of(play)},
        n_untold=sum(not each.is_told for each in seen),
    )


Act = Callable[[int, MatchedRoom], Awaitable[None]]


async def _nothing(n: int, room: MatchedRoom) -> None:
    """Do nothing before a room is opened."""


async def _in_turn(
    own: House, n_at_once: int, act: Act, *, tell: Tell, before: Act = _nothing
) -> list[Seen]:
    """Play every room, so many at a time."""
    gate = asyncio.Semaphore(n_at_once)
    done: list[Seen] = []

    async def one(n: int, room: OpenRoom) -> None:
        async with gate:
            # They do not all begin in the same moment.
            await asyncio.sleep(random.Random(n).random() / own.stage.rate.speed)
            matched = MatchedRoom(own.stage, room, seed=f"{n}")
            await before(n, matched)
            async with matched.open():
                await act(n, matched)
            done.append(matched.seen)
            _count(len(done), len(own.rooms), tell)

    await asyncio.gather(*(one(n, room) for n, room in enumerate(own.rooms)))
    return done


def _count(n: int, n_all: int, tell: Tell) -> None:
    if n * 10 // n_all > (n - 1) * 10 // n_all:
        tell(f"  {n} of {n_all} rooms")


async def _talk(plan: LeakPlan, tell: Tell) -> Found:
    n = plan.n_rooms(Play.TALK)
    async with house(plan, n_rooms=n, speed=plan.speed) as own:
        seen = await _in_turn(
            own, TALKING, lambda n, room: plays.talk(room, plan.lengths), tell=tell
        )
    return _described(plan, Play.TALK, seen)


async def _probe(plan: LeakPlan, tell: Tell) -> Found:
    n = plan.n_rooms(Play.PROBE)
    async with house(plan, n_rooms=n, speed=1.0) as own:
        seen = await _in_turn(
            own, PROBING, lambda n, room: plays.probe(room, plan.lengths), tell=tell
        )
    return _described(plan, Play.PROBE, seen)


async def _trouble(plan: LeakPlan, tell: Tell) -> Found:
    seen: list[Seen] = []
    async with house(plan, n_rooms=plan.n_rooms(Play.TROUBLE), speed=plan.speed) as own:
        for start in range(0, len(own.rooms), TROUBLED):
            seen += await _troubled(own, own.rooms[start : start + TROUBLED], seed=start)
            tell(f"  {len(seen)} of {len(own.rooms)} rooms")
    return _described(plan, Play.TROUBLE, seen)


async def _troubled(own: House, batch: Sequence[OpenRoom], *, seed: int) -> list[Seen]:
    rooms = [MatchedRoom(own.stage, room, seed=f"t{seed + n}") for n, room in enumerate(batch)]
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(stack.enter_async_context(room.open()) for room in rooms))
        await plays.trouble(rooms, own.model)
    return [room.seen for room in rooms]


async def _echo(plan: LeakPlan, tell: Tell) -> Found:
    limit = parse(plan.text).message_chars
    talks = echoing.in_rooms(echoing.chosen(plan.n_rooms(Play.ECHO), message_chars=limit))
    tell(f"  {sum(len(each.strings) for each in talks)} strings in {len(talks)} rooms")
    async with house(plan, n_rooms=len(talks), speed=ECHO_SPEED) as own:
        rooms: dict[int, MatchedRoom] = {}

        async def act(n: int, room: MatchedRoom) -> None:
            rooms[n] = room
            await talks[n].play(room)

        await _in_turn(own, TALKING, act, tell=tell)
    told, notes = [], []
    for n, room in rooms.items():
        if not room.seen.is_told:
            continue
        sides = {"machine": room.seen.machine, "human": room.seen.human}
        told += [echoing.judged(each, **sides) for each in talks[n].echoes]
        machine = room.seen.machine
        notes += [
            echoing.note(each, machine=machine)
            for each in talks[n].echoes
            if echoing.judged(each, **sides) > 0
        ]
    return Found(
        families={Family.ECHO: echoing.counted(told)},
        notes={Family.ECHO: tuple(notes)},
        n_untold=sum(not room.seen.is_told for room in rooms.values()),
    )


async def _look(plan: LeakPlan, tell: Tell) -> Found:
    async with house(plan, n_rooms=plan.n_rooms(Play.LOOK), speed=1.0) as own:
        looks = _Looks(plan=plan, own=own, tell=tell)
        await looks.looker.sign_in()
        seen = await _in_turn(own, LOOKING, looks.act, before=looks.before, tell=tell)
    return looks.found(seen)


class _Looks:
    """What browsers of seats and a superuser look at in rooms."""

    def __init__(self, *, plan: LeakPlan, own: House, tell: Tell) -> None:
        self._plan, self._tell = plan, tell
        self._visitors = [Visitors(room, own.stage.port) for room in own.rooms]
        self.looker = Looker(own.stage)
        self._trying = asyncio.Lock()
        self._looked: dict[str, traits.Described] = {}
        self._n_tried = 0

    async def before(self, n: int, room: MatchedRoom) -> None:
        visitors = self._visitors[n]
        await visitors.join()
        await visitors.look_around("lobby")
        visitors.take_seats(room)

    async def act(self, n: int, room: MatchedRoom) -> None:
        await room.ask_both(0, question(n))
        await room.both_answered(quiet_s=0.0)
        await self._visitors[n].look_around("live")
        if Family.LOOKUPS in self._plan.families and n < N_LOOKED_UP:
            async with self._trying:
                if not self._n_tried:
                    self._tell("  every column as a look-up …")
                    depth = 1 if self._plan.is_short else 2
                    asks = look_ups(depth=depth)
                    self._n_tried = await self.looker.try_all(asks, room=room.seen.code)
            self._looked[room.seen.code] = await self.looker.look(room.seen.code)

    def found(self, seen: Sequence[Seen]) -> Found:
        machines = {each.code: each.machine for each in seen if each.is_told}
        pages = {each.room.code: each.traits() for each in self._visitors}
        found = Found(n_untold=len(seen) - len(machines))
        for family, described in ((Family.PAGES, pages), (Family.LOOKUPS, self._looked)):
            if family in self._plan.families:
                codes = [code for code in described if code in machines]
                found.families[family] = by_room(
                    [described[code] for code in codes], [machines[code] for code in codes]
                )
        if self._n_tried:
            n = len({each.of for each in self.looker.allowed})
            said = f"{n} columns are answered by the {self._n_tried} look-ups of a superuser"
            found.notes[Family.LOOKUPS] = (said,)
        return found


def _without_season(plan: LeakPlan) -> dict[Family, str]:
    """Families of a long room that this study has nothing for, and why."""
    design = parse(plan.text)
    days = season.ASKED_DAYS + season.SILENT_DAYS
    absent = {}
    if design.machines[0].life is None:
        absent[Family.HOURS] = "the machine of this study has no life"
    if design.attendance is None:
        absent[Family.MAILS] = "this study has no attendance rules, so it sends no mails"
    if design.duration_s <= days * 86_400:
        absent = dict.fromkeys((Family.HOURS, Family.MAILS), f"rooms last less than {days} days")
    return {family: why for family, why in absent.items() if family in plan.families}


async def _season(plan: LeakPlan, tell: Tell) -> Found:
    absent = _without_season(plan)
    found = Found(families={**absent})
    if wanted := [family for family in plan.of(Play.SEASON) if family not in absent]:
        n = plan.n_rooms(Play.SEASON)
        async with house(plan, n_rooms=n, speed=season.SPEED, long=True) as own:
            lives = _Lives(plan=plan, own=own)
            seen = await _in_turn(own, n, lives.act, before=lives.before, tell=tell)
            log = own.stage.log
        told = {each.code: each.machine for each in seen if each.is_told}
        found.n_untold = len(seen) - len(told)
        if Family.HOURS in wanted:
            found.families[Family.HOURS] = traits.of_panes(seen, season.hours)
        if Family.MAILS in wanted:
            mails = lives.mails(log, codes=list(told))
            found.families[Family.MAILS] = by_room(mails, list(told.values()))
            n_mails = sum(each.get(f"{seat}:n", 0) for each in mails for seat in lives.seats)
            found.notes[Family.MAILS] = (f"{n_mails:.0f} mails were compared",)
    return found


class _Lives:
    """People of long rooms, with addresses and lives of their own."""

    seats = ("interrogator", "witness")

    def __init__(self, *, plan: LeakPlan, own: House) -> None:
        self._design, self._own = parse(plan.text), own
        self._visitors = {room.code: Visitors(room, own.stage.port) for room in own.rooms}

    async def before(self, n: int, room: MatchedRoom) -> None:
        visitors = self._visitors[room.seen.code]
        await visitors.join()
        if self._design.attendance is not None:
            for seat, browser in visitors.browsers.items():
                address = visitors.addresses[seat]
                await season.want_mail(browser, code=room.seen.code, address=address)
        visitors.take_seats(room)
        person = season.LivingPerson(
            room.person.line,
            life=self._design.machines[0].life,
            rule=self._own.rooms[n].rule,
            rate=self._own.stage.rate,
            seed=f"life-{n}",
        )
        room.plays = person.play

    async def act(self, n: int, room: MatchedRoom) -> None:
        await season.live(room)

    def mails(self, log: str, *, codes: Sequence[str]) -> list[traits.Described]:
        """What the mails of each room are like."""
        addresses = {code: self._visitors[code].addresses for code in codes}
        return [season.mails(log, code=code, addresses=own) for code, own in addresses.items()]


PLAYS: Mapping[Play, Callable[[LeakPlan, Tell], Awaitable[Found]]] = {
    Play.TALK: _talk,
    Play.PROBE: _probe,
    Play.TROUBLE: _trouble,
    Play.ECHO: _echo,
    Play.LOOK: _look,
    Play.SEASON: _season,
}
