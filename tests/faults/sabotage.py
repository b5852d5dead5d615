"""A server with one fault planted in it, for rehearsals that have to find it.

`python -m tests.faults.sabotage <fault> <port>` serves as `manage.py serve` does.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from typing import Any

#: How late (real s) the planted reply comes: beyond what a rehearsal lets pass, and little enough
#: for a room of half a minute to have several.
LATE_S = 8.0


def drop_timers() -> None:
    """Every second message of an interrogator makes no timer."""
    from arena.services import playing

    made = 0
    reply_timer = playing.reply_timer

    def forgetful(room: Any, pane: str, **parts: Any) -> Any:
        nonlocal made
        made += 1
        parts["seq"] = parts["seq"] if made % 2 else 0
        return reply_timer(room, pane, **parts)

    playing.reply_timer = forgetful


def leak_field() -> None:
    """Event frames tell how long the writer took to think."""
    from arena.protocol import frames

    event = frames.event

    def telling(**parts: Any) -> dict[str, object]:
        return event(**parts) | {"thought_ms": 1200}

    frames.event = telling  # type: ignore[assignment]


def release_late() -> None:
    """A machine's reply waits once more when it is due."""
    from arena.services import playing

    say = playing.say

    async def slow(seat: Any, **parts: Any) -> Any:
        if parts.get("timer") is not None:
            await asyncio.sleep(LATE_S)
        return await say(seat, **parts)

    playing.say = slow
    for module in [m for name, m in sys.modules.items() if name.startswith("arena.witnesses")]:
        if getattr(module, "say", None) is say:
            module.say = slow  # type: ignore[attr-defined]


FAULTS: dict[str, Callable[[], None]] = {
    "dropped_timer": drop_timers,
    "leaked_field": leak_field,
    "late_release": release_late,
}


def main(fault: str, port: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
    import django
    from django.core.management import call_command

    django.setup()
    import arena.witnesses  # noqa: F401  what is planted below must find it imported

    FAULTS[fault]()
    call_command("serve", port=int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
