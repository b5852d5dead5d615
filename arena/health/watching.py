"""Watches the machines in every serving process: counts, says in the server's log what fails.

The log gets a line for a profile and a kind of failure when it first appears, then one a minute
with how many there were; never one for a call.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from arena import clock, database
from arena.health import alarms
from arena.health.alarms import FRESH, MachineState, Told
from arena.health.counting import Counter
from arena.health.tally import Trouble
from arena.models import MachineProfile

log = logging.getLogger(__name__)

#: How often (real s) a process looks.
TICK_S = 2.0
#: How long (real s) the rooms have the processor to themselves between two steps of a long count.
REST_S = 0.1
LINE_EVERY = dt.timedelta(minutes=1)


@dataclass(slots=True)
class _Line:
    """Failures of one profile and kind that the log has not told of yet."""

    sentence: str = ""
    n: int = 0
    since: dt.datetime | None = None
    told_at: dt.datetime | None = None


@dataclass(slots=True)
class FailureLines:
    """What is told in the log, and what waits for the minute to end."""

    _lines: dict[tuple[int, str], _Line] = field(default_factory=dict)

    def take(self, troubles: Iterable[Trouble], now: dt.datetime) -> None:
        """Take in failures; what is not fresh is no news."""
        for each in troubles:
            if now - each.at > FRESH:
                continue
            line = self._lines.setdefault((each.profile_id, each.failure), _Line())
            line.n += each.n
            line.sentence = each.sentence
            line.since = line.since or each.at

    def due(self, now: dt.datetime) -> list[tuple[int, str]]:
        """The lines that are to be written now, as profile and text."""
        texts = []
        for (profile_id, failure), line in list(self._lines.items()):
            if line.told_at is not None and now - line.told_at < LINE_EVERY:
                continue
            if line.n == 0:  # a quiet minute
                del self._lines[profile_id, failure]
                continue
            calls = f"{line.n} failures" if line.n > 1 else "1 failure"
            since = f"{line.since:%H:%M:%SZ}"
            texts.append((profile_id, f"{calls} ({failure}) since {since}: {line.sentence}"))
            self._lines[profile_id, failure] = _Line(told_at=now)
        return texts


async def watch() -> None:
    """Count and tell until cancelled."""
    counter, lines = Counter(), FailureLines()
    while True:
        try:
            await look(counter, lines)
        except Exception as error:
            # Rooms go on; the next look counts what this one did not.
            log.warning("The machines' health could not be counted: %s", error)
        await asyncio.sleep(TICK_S)


async def look(counter: Counter, lines: FailureLines) -> None:
    """Count what is new, and tell what is to be told of it."""
    more = True
    while more:
        step = await database.run(counter.step)
        lines.take(step.troubles, clock.now())
        if more := step.more:
            await asyncio.sleep(REST_S)
    for text in await database.run(_written, lines.due(clock.now())):
        log.warning("%s", text)
    for told in await database.run(alarms.update, clock.now()):
        _tell(told)


def _written(lines: list[tuple[int, str]]) -> list[str]:
    """The lines with the names that they are about."""
    if not lines:
        return []
    profiles = MachineProfile.objects.filter(id__in={id for id, _ in lines})
    names = {
        id: f"{slug}/{name}" for id, slug, name in profiles.values_list("id", "study__slug", "name")
    }
    return [f"Machine {names[id]}: {text}" for id, text in lines]


def _tell(told: Told) -> None:
    level = logging.INFO if told.state == MachineState.RECOVERED else logging.WARNING
    log.log(level, "%s", told.message)
