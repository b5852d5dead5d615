"""What seat, host, log and export see of each way in which a provider can misbehave.

`pytest -m long -s` on this file prints the table.
"""

import datetime as dt
import functools
import gzip
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import analysis as ta
from arena import clock, database, export, queries
from arena.health import Counter, alarms
from arena.models import MachineHealth
from tests.arena.backends.gateways import Gateways, Request, Said, message, page, said, wrong
from tests.kit.factories import make_room
from tests.kit.pages import machine
from tests.kit.people import Live, go_live
from tests.kit.quick_time import is_over, quick_time

#: Words of the provider and thoughts of the model: in no room, ever.
SECRET = "quizzical-pangolin"
FINE = "not much, you?"


def _packed(text: str) -> Said:
    body = gzip.compress(json.dumps({"choices": text}).encode())
    return Said(body=body, headers={"Content-Encoding": "gzip"})


def _always(answer: Said) -> Callable[[str, Request], Said]:
    return lambda _path, _request: answer


def _raw(body: str | bytes, status: int = 200, kind: str = "application/json") -> Said:
    raw = body if isinstance(body, bytes) else body.encode()
    return Said(body=raw, status=status, headers={"Content-Type": kind})


#: Failures of the provider, and what the log calls them.
FAILURES = {
    "bad request": ("bad_request", wrong(f"Invalid value, {SECRET}.", 400)),
    "key refused": ("no_key", wrong(f"Incorrect API key, {SECRET}.", 401, code="invalid_api_key")),
    "forbidden": ("no_key", wrong(f"Not allowed, {SECRET}.", 403)),
    "region": (
        "region",
        wrong(f"Country, region, or territory not supported: {SECRET}", 403,
              code="unsupported_country_region_territory"),
    ),
    "no such model": ("unknown_model", wrong(f"No model {SECRET}.", 404, code="model_not_found")),
    "deprecated model": (
        "unknown_model",
        wrong(f"The model `{SECRET}` has been deprecated.", 404, code="model_not_found"),
    ),
    "no /v1 there": ("bad_request", page(f"<h1>404</h1>{SECRET}", 404)),
    "redirected to nobody": (
        "unavailable", Said(body=b"", status=307, headers={"Location": "http://127.0.0.1:1/v1"})
    ),
    "rate limit": ("rate_limit", wrong(SECRET, 429, code="rate_limit_exceeded")),
    "quota": ("quota", wrong(SECRET, 429, code="insufficient_quota")),
    "server error": ("unavailable", wrong(SECRET, 500)),
    "bad gateway page": ("unavailable", page(f"<html>502 {SECRET}</html>", 502)),
    "overloaded": ("unavailable", wrong(SECRET, 503)),
    "too long a prompt": (
        "too_long", wrong(f"{SECRET}: maximum context length", 400, code="context_length_exceeded")
    ),
    "200, an error inside": (
        "unavailable", said({"error": {"message": SECRET, "type": "server_error", "code": 500}})
    ),
    "200, a page": ("malformed", page(f"<html>{SECRET}</html>", 200)),
    "200, half of the JSON": ("malformed", _raw('{"choices": [{"message": {"content": "' + SECRET)),
    "200, an event stream": (
        "malformed",
        _raw(f'data: {{"delta": "{SECRET}"}}\n\ndata: [DONE]\n', kind="text/event-stream"),
    ),
    "200, another shape": ("malformed", said({"output": SECRET})),
    "200, no choices": ("malformed", said({"choices": [], "note": SECRET})),
    "200, not UTF-8": ("malformed", _raw(b'{"choices": "\xff\xfe"}')),
    "200, nothing at all": ("malformed", _raw("")),
    "200, packed": ("malformed", _packed(SECRET)),
    "200, two megabytes": ("malformed", message(SECRET * 120_000)),
    "200, half a surrogate pair": ("malformed", message(SECRET + "\ud83d")),
}  # fmt: skip
#: The provider is well and sends no message: drafts are asked for again, then an evasion is said.
NO_MESSAGE = {
    "empty text": ("empty", message("")),
    "white space": ("empty", message(" \n\u200b")),
    "null": ("empty", message(None)),
    "a call to a tool": (
        "empty",
        message(None, tool_calls=[{"function": {"name": SECRET}}], finish="tool_calls"),
    ),
    "thoughts alone": ("empty", message(f"<think>{SECRET}</think>")),
    "thoughts that never end": ("empty", message(f"<think>{SECRET} and", finish="length")),
    "refusal field": ("refused", message(None, refusal=SECRET)),
    "filtered": ("refused", message("", finish="content_filter")),
    "an assistant's words": ("objected", message(f"As an AI language model, {SECRET}.")),
    "cut in the first sentence": ("objected", message(f"{SECRET} and", finish="length")),
}
#: Shapes that are read: what they say is shown, and nothing that comes with it.
READ = {
    "content as parts": message(
        [{"type": "reasoning", "text": SECRET}, {"type": "text", "text": FINE}]
    ),
    "reasoning beside it": message(FINE, reasoning_content=SECRET, reasoning=SECRET),
    "thoughts before it": message(f"<think>{SECRET}</think>\n\n{FINE}"),
    "no usage": message(FINE, usage=None),
    "no finish": message(FINE, finish=None),
    "in chunks, without a length": Said(body=message(FINE).body, chunks=3),
}

MACHINE = """\
  - name: model
    weight: 1
    backend: openai
    model: some
    persona: ""
    options:
      temperature: 1.0
      max_tokens: 100
      timeout: 60 s
      max_retries: 0
      base_url: "{url}"
    pacing: {{rule: none}}
    life: none
    memory: none
    budget: {{calls: 1000, tokens: 1000000, cost_usd: 5}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What each of them sees of a way; `seat` is all that the two people are ever sent."""

    shown: tuple[str, ...]
    ended: str
    outcomes: tuple[str, ...]
    host: str
    unanswered: tuple[str, ...]
    seat: str

    def row(self, way: str) -> str:
        shown = " / ".join(self.shown) or f"nothing; the room ends ({self.ended})"
        log = f"{len(self.outcomes)} x {'/'.join(dict.fromkeys(self.outcomes))}"
        export = ", ".join(self.unanswered) or "answered"
        return f"| {way} | {shown} | {self.host or 'answering'} | {log} | {export} |"


def _seen(live: Live, folder: Path) -> Seen:
    room = live.made.room
    events = live._events()
    profile = machine(live.made).profile
    health = MachineHealth.objects.filter(profile=profile).first()
    seats = [list(queries.visible_events(seat)) for seat in (live.asker, live.witness)]
    export.write(live.made.study, folder)
    found = ta.unanswered(ta.load(folder), after_s=3600)
    ends = [event.data["reason"] for event in events if event.kind == "ended"]
    return Seen(
        shown=tuple(
            str(e.data["text"]) for e in events
            if e.kind == "message" and e.seat == live.made.machine_pane
        ),
        ended=str(ends[0]) if ends else "",
        outcomes=tuple(str(e.data["outcome"]) for e in events if e.kind == "machine_call"),
        host=health.failure if health is not None and health.failing_since is not None else "",
        unanswered=tuple(str(each) for each in found[found.room == room.code].why),
        seat="\n".join(event.body or "" for events in seats for event in events),
    )  # fmt: skip


async def _play(
    ways: dict[str, Said], folder: Path, pytestconfig: pytest.Config
) -> dict[str, Seen]:
    """A room for each way, all at once: a question, its answer or the study's rule, a minute."""
    served = {f"w{n}": _always(answer) for n, answer in enumerate(ways.values())}
    with Gateways(served) as gateways, pytest.MonkeyPatch.context() as patched:
        patched.setenv("OPENAI_API_KEY", "sk-secret")
        async with quick_time() as time:
            rooms = {
                way: await _live(gateways.at(at)) for way, at in zip(ways, served, strict=True)
            }
            for live in rooms.values():
                await live.ask("hey, what's up?")
            for live in rooms.values():
                await time.until(functools.partial(_answered_or_over, live))
            await time.pass_time(60)
        await database.run(Counter().count_all)
        await database.run(alarms.update, clock.now() + dt.timedelta(seconds=30))
        seen = {
            way: await database.run(_seen, live, folder / str(n))
            for n, (way, live) in enumerate(rooms.items())
        }
    if pytestconfig.getoption("capture") == "no":
        rows = [each.row(way) for way, each in seen.items()]
        sys.stdout.write("\n".join(["", *rows, ""]))
    return seen


async def _live(url: str) -> Live:
    machines = MACHINE.format(url=url)
    return await go_live(await database.run(make_room, machines=machines))


async def _answered_or_over(live: Live) -> bool:
    return bool(await live.said()) or await is_over(live.made.room)


@pytest.mark.long
async def test_failures_end_the_room_by_its_rule_and_only_the_host_is_told(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    answers = {way: answer for way, (_, answer) in FAILURES.items()}
    seen = await _play(answers, tmp_path, pytestconfig)
    for way, each in seen.items():
        outcome = FAILURES[way][0]
        assert each.shown == () and each.ended == "technical", way
        assert set(each.outcomes) == {outcome}, way
        assert each.host and each.unanswered == (outcome,), way
        assert SECRET not in each.seat and outcome not in each.seat, way


@pytest.mark.long
async def test_no_message_becomes_an_evasion(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    answers = {way: answer for way, (_, answer) in NO_MESSAGE.items()}
    seen = await _play(answers, tmp_path, pytestconfig)
    for way, each in seen.items():
        assert len(each.shown) == 1 and each.ended == "", way
        assert set(each.outcomes) == {NO_MESSAGE[way][0]}, way
        assert each.unanswered == (), way
        assert SECRET not in each.seat, way


@pytest.mark.long
async def test_words_are_found_in_every_shape(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    seen = await _play(READ, tmp_path, pytestconfig)
    for way, each in seen.items():
        assert each.shown == (FINE,) and each.outcomes == ("ok",), way
        assert each.host == "" and each.unanswered == (), way
        assert SECRET not in each.seat, way
