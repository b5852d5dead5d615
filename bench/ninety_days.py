"""What a machine costs in a room of ninety days: tokens, the cached among them, dollars, processor.

An interrogator writes twenty times a day to one machine with a memory, at the hours of a day. Time
is told: nobody waits, and each act is carried out when its time has come, as the server's loop
would. The provider is local, with a prompt cache like those of hosted models. Tokens and cost are
read from the log, as an export has them.
"""

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from arena.event_kinds import MachineCall

BENCH = Path(__file__).parent
ROOT = BENCH.parent
STUDY = """\
study: ninety
title: Ninety days
simulated: true
format: two_party
human_share: 0
duration: 400 days
message_chars: 500
lobby_wait: 30 min
verdict_grace: 0 s
rounds: none
delay: 0 s
attendance: none
machine_down: {{after: 1 day, then: pause}}
machine_failure: count
human_silence: {{after: 1 day, rule: count}}
paused_room: count
unsealed: count
witness_input: {{pasting: allow, typing: none, relayed: count, stated: none}}
reports: open
belief: {{prompt_every: never}}
commitment: {{rule: verdict_only}}
active_gap_cap: 120 s
reveal: at_end
contact: nobody
consent: This room is played by a program.
debrief: This room was played by a program.
exit_questions: []
strategies: jones-bergen-2024
machines:
  - name: model
    weight: 1
    backend: openai
    model: cached
    persona: |
      You are Kim, 34, a nurse on nights. You write short messages without capitals, like bad films
      and cycling, have a sister called Ana and a cat, and never explain yourself.
    options:
      temperature: 1.0
      max_tokens: 200
      timeout: 120 s
      base_url: "{url}"
      price_in: 2.0
      price_cached_in: 0.5
      price_out: 8.0
    pacing: {{rule: none}}
    life: none
    memory: {{window_tokens: {window}, extractor: cached}}
    budget: {{calls: 10000000, tokens: 10000000000, cost_usd: 100000}}
"""
#: What is asked by turns.
QUESTIONS = (
    "morning! what did you dream about, and was it {n} again?",
    "tell me something about yesterday that you did not tell me, the {n}th thing",
    "what do you see from your window right now?",
    "how would your sister explain your job to a child of {n}?",
    "you said something about this before. do you remember what?",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decade:
    """Ten days of the room; figures are per reply, and cover what memory costs."""

    days: str
    replies: int
    failed: int
    tokens_in: float
    cached: float
    tokens_out: float
    usd: float
    cpu_p50_ms: float
    cpu_p99_ms: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--a-day", type=int, default=20, help="questions a day")
    parser.add_argument("--window", type=int, default=32_000, help="the model's window, in tokens")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="turing-arena-bench-") as name, _provider() as url:
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{Path(name) / 'bench.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "turing.settings",
            "OPENAI_API_KEY": "of no use",
        }
        sys.path.insert(0, str(ROOT))
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        text = STUDY.format(url=url, window=options.window)
        decades = asyncio.run(_talk(text, days=options.days, a_day=options.a_day))
    if options.json:
        sys.stdout.write(json.dumps([asdict(each) for each in decades]) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(decades)) + "\n")
    return 0


@contextlib.contextmanager
def _provider() -> Iterator[str]:
    command = [sys.executable, str(BENCH / "caching_provider.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.terminate()


async def _talk(text: str, *, days: int, a_day: int) -> list[Decade]:
    from arena import clock, database, events, services
    from arena.services import playing

    time_of = _Time(dt.datetime(2026, 2, 28, 17, tzinfo=dt.UTC))
    clock.now = time_of.now
    _, [made] = await database.run(services.create_rooms, text, 1)
    for token in (made.interrogator, made.witness):
        seat = await database.run(services.seat_by_token, made.code, token)
        await playing.ready(seat, command_id="ready", consent=seat.room.consent_sha256)
    asker = await database.run(services.seat_by_token, made.code, made.interrogator)
    gap = dt.timedelta(hours=10) / a_day
    cpu_ms = []
    for n in range(days * a_day):
        time_of.told += gap if n % a_day else dt.timedelta(hours=14) + gap
        words = QUESTIONS[n % len(QUESTIONS)].format(n=n)
        await playing.say(asker, command_id=f"c:{n}", text=words, pane="A")
        began = time.process_time()
        await _carry_out_due(time_of, until=time_of.told + gap / 2)
        cpu_ms.append((time.process_time() - began) * 1000)
    calls = await database.run(_calls, made.code)
    await database.run(events.stop)
    return list(_decades(calls, cpu_ms, a_day=a_day))


@dataclass(slots=True)
class _Time:
    """Told instead of read."""

    told: dt.datetime

    def now(self) -> dt.datetime:
        return self.told


async def _carry_out_due(time_of: _Time, *, until: dt.datetime) -> None:
    """Answer, and remember, as far as that is due by then; each at its moment."""
    from arena import database
    from arena.live import runtime
    from arena.models import Timer
    from arena.rules import TimerKind
    from arena.timers.loop import lease_due

    kinds = {TimerKind.REPLY, TimerKind.MEMORY}
    rows = Timer.objects.filter(kind__in=kinds, done_at=None, wake_at__lte=until)
    while (first := await database.run(rows.order_by("wake_at").first)) is not None:
        time_of.told = max(time_of.told, first.wake_at)
        timers, _ = await database.run(lease_due, now=time_of.told, kinds=kinds)
        for timer in timers:
            await runtime.HANDLERS[TimerKind(timer.kind)](timer)


def _calls(code: str) -> "list[tuple[dt.datetime, MachineCall]]":
    from arena.event_kinds import MachineCall
    from arena.events import body_of
    from arena.models import Event

    rows = Event.objects.filter(room__code=code, kind=MachineCall.kind).order_by("seq")
    found = [(event.at, body_of(event, MachineCall)) for event in rows]
    return [(at, call) for at, call in found if call is not None]


def _decades(
    calls: "list[tuple[dt.datetime, MachineCall]]", cpu_ms: Sequence[float], *, a_day: int
) -> Iterator[Decade]:
    began = calls[0][0].date()
    for first in range(0, len(cpu_ms) // a_day, 10):
        of = [call for at, call in calls if first <= (at.date() - began).days < first + 10]
        spent = sorted(cpu_ms[first * a_day : (first + 10) * a_day])
        replies = sum(call.purpose == "reply" and call.outcome == "ok" for call in of)
        yield Decade(
            days=f"{first + 1}-{min(first + 10, len(cpu_ms) // a_day)}",
            replies=replies,
            failed=sum(call.outcome != "ok" for call in of),
            tokens_in=sum(call.tokens_in or 0 for call in of) / replies,
            cached=sum(call.tokens_cached or 0 for call in of) / replies,
            tokens_out=sum(call.tokens_out or 0 for call in of) / replies,
            usd=sum(call.cost_usd or 0 for call in of) / replies,
            cpu_p50_ms=statistics.median(spent),
            cpu_p99_ms=spent[len(spent) * 99 // 100],
        )


def _lines(decades: Sequence[Decade]) -> Iterator[str]:
    yield "| days | replies | failed | tokens in | cached | out | cost | processor p50 / p99 |"
    yield "|---|---|---|---|---|---|---|---|"
    for of in decades:
        yield (
            f"| {of.days} | {of.replies} | {of.failed} | {of.tokens_in:,.0f} "
            f"| {of.cached / of.tokens_in:.0%} | {of.tokens_out:.0f} | ${of.usd:.5f} "
            f"| {of.cpu_p50_ms:.1f} / {of.cpu_p99_ms:.1f} ms |"
        )


if __name__ == "__main__":
    sys.exit(main())
