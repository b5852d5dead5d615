"""A server with one leak planted in it: `python -m arena.management.planted <name> <port>`."""

import asyncio
import math
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from arena.leaktest.plants import Plant, plant_named

_FLOOR_S, _WORK_AT_S, _WORK_S = 0.7, 0.7, 0.04
_MARKS = re.compile(r"[*_`#>~\[\]]")
#: A word as canaries are made: six or more syllables of a consonant and a vowel.
_CANARY = re.compile(r"\b(?:[bcdfghjklmnpqrstvwxyz][aeiou]){6,}\b", re.IGNORECASE)

#: The kind of each witness, by room and seat, as far as this process has written of it.
_kinds: dict[tuple[int, str], str] = {}


def _is_machine(room_id: int, seat: str) -> bool:
    return _kinds.get((room_id, str(seat))) == "machine"


def _note_kinds() -> None:
    """Note who sits where whenever an event of a room is sealed."""
    from arena.events.unit import Unit

    seal = Unit._seal

    def noting(self: Unit, room: Any, draft: Any, **parts: Any) -> Any:
        for seat in room.seats.values():
            _kinds[room.id, str(seat.name)] = str(seat.kind)
        return seal(self, room, draft, **parts)

    Unit._seal = noting  # type: ignore[method-assign]


def _replace_say(change: Callable[..., Any]) -> None:
    """Put `change(say)` in the place of `say` wherever machines use it."""
    from arena.services import playing

    say = playing.say
    changed = change(say)
    for module in [m for name, m in sys.modules.items() if name.startswith("arena.witnesses")]:
        if getattr(module, "say", None) is say:
            module.say = changed  # type: ignore[attr-defined]


def _reword(change: Callable[[str], str]) -> None:
    def changed(say: Any) -> Any:
        async def reworded(seat: Any, *, text: str, **parts: Any) -> Any:
            return await say(seat, text=change(text) or text, **parts)

        return reworded

    _replace_say(changed)


def extra_field() -> None:
    import json

    from arena.live.outgoing import Outgoing

    frame_of = Outgoing._frame_of

    def telling(self: Outgoing, event: Any) -> str | None:
        text = frame_of(self, event)
        if text is None or not _is_machine(event.room_id, event.seat):
            return text
        return json.dumps(json.loads(text) | {"thought_ms": 1200}, ensure_ascii=False)

    Outgoing._frame_of = telling  # type: ignore[method-assign]


def sortable_id() -> None:
    import secrets
    from types import SimpleNamespace

    from arena.events import unit
    from arena.events.unit import Unit

    seal = Unit._seal

    def timed(n: int) -> str:
        return f"{time.time_ns() // 1_000_000:012x}{secrets.token_hex(5)}"

    def sorting(self: Unit, room: Any, draft: Any, **parts: Any) -> Any:
        by_machine = _is_machine(room.id, draft.seat)
        made = timed if by_machine else secrets.token_urlsafe
        own = SimpleNamespace(token_hex=secrets.token_hex, token_urlsafe=made)
        vars(unit)["secrets"] = own
        return seal(self, room, draft, **parts)

    Unit._seal = sorting  # type: ignore[method-assign]


def polling_tick() -> None:
    from arena import clock

    def changed(say: Any) -> Any:
        async def on_the_second(seat: Any, **parts: Any) -> Any:
            now = clock.now().timestamp()
            await asyncio.sleep(clock.real_s(math.ceil(now) - now))
            return await say(seat, **parts)

        return on_the_second

    _replace_say(changed)


def floor() -> None:
    from arena import pacing

    delay_s = pacing.delay_s
    pacing.delay_s = lambda rule, **parts: max(delay_s(rule, **parts), _FLOOR_S)


def slow_model() -> None:
    """Nothing here: it is the stand-in model that is slow."""


def stripped_markdown() -> None:
    _reword(lambda text: _MARKS.sub("", text))


def canary() -> None:
    _reword(lambda text: "hm" if _CANARY.search(text) else text)


def probe_work() -> None:
    from arena.services import playing

    say = playing.say

    async def busy(seat: Any, *, pane: str | None = None, **parts: Any) -> Any:
        done = await say(seat, pane=pane, **parts)
        if seat.is_interrogator and _is_machine(seat.room_id, pane or ""):
            asyncio.get_running_loop().call_later(_WORK_AT_S, time.sleep, _WORK_S)
        return done

    playing.say = busy


def short_kill() -> None:
    """Once the server is back, what machines owe is due, by no other rule."""
    from arena.timers import catch_up, loop

    def at_once(owed: Any, *, back_at: Any, **parts: Any) -> Any:
        return {each.id: back_at for each in owed}

    catch_up.plan = at_once
    for name, value in vars(loop).items():
        if value is catch_up.plan:
            setattr(loop, name, at_once)
    threading.Thread(target=_all_due, daemon=True).start()


def _all_due() -> None:
    from django.db import connection

    from arena import clock
    from arena.models import Timer
    from arena.rules import TimerKind

    now = clock.now()
    owed = Timer.objects.filter(kind=TimerKind.REPLY, done_at=None, due_at__gt=now)
    owed.update(due_at=now, wake_at=now)
    connection.close()


def header_order() -> None:
    from django.core.handlers.base import BaseHandler

    from arena import database
    from arena.models import Seat

    get_response = BaseHandler.get_response_async

    async def reversing(self: BaseHandler, request: Any) -> Any:
        response = await get_response(self, request)
        found = re.search(r"/room/([\w-]+)/", request.path)
        machines = Seat.objects.filter(name="A", kind="machine")
        if found is None:
            return response
        if await database.run(machines.filter(room__code=found[1]).exists):
            headers = response.headers._store
            turned = list(reversed(headers.items()))
            headers.clear()
            headers.update(turned)
        return response

    BaseHandler.get_response_async = reversing  # type: ignore[method-assign]


def admin_lookup() -> None:
    from django.contrib.admin import AdminSite, ModelAdmin
    from django.contrib.admin.sites import all_sites

    from arena.models import Room, SealedAssignment

    def any_column(*_: Any, **__: Any) -> bool:
        return True

    for admin in [each for of in all_sites for each in of._registry.values()]:
        type(admin).lookup_allowed = any_column  # type: ignore[method-assign]
    ModelAdmin.lookup_allowed = any_column  # type: ignore[method-assign]
    for site in [each for each in all_sites if Room in each._registry]:
        AdminSite.register(site, SealedAssignment, ModelAdmin)  # its own takes blind pages alone


PUT_IN: dict[Plant, Callable[[], None]] = {
    Plant.EXTRA_FIELD: extra_field,
    Plant.SORTABLE_ID: sortable_id,
    Plant.POLLING_TICK: polling_tick,
    Plant.FLOOR: floor,
    Plant.SLOW_MODEL: slow_model,
    Plant.STRIPPED_MARKDOWN: stripped_markdown,
    Plant.PROBE_WORK: probe_work,
    Plant.SHORT_KILL: short_kill,
    Plant.HEADER_ORDER: header_order,
    Plant.CANARY: canary,
    Plant.ADMIN_LOOKUP: admin_lookup,
}


def main(name: str, port: str) -> None:
    """Serve on a port with a plant."""
    plant = plant_named(name)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
    import django
    from django.core.management import call_command

    django.setup()
    import arena.witnesses  # noqa: F401  what is planted must find them imported

    _note_kinds()
    PUT_IN[plant]()
    call_command("serve", port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
