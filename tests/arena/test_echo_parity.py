"""Asked to type something, a willing model shows what a person shows: through the real loop.

The interrogator asks both panes for the same words, in many forms; the person sends them, and the
machine's way is the product's own: question, timer, prompt, provider, gate, pacing, message. What
is compared is what the interrogator's frames hold.
"""

import datetime as dt
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice, product
from typing import Any

import pytest

from arena import database
from arena.live.line import Line
from arena.live.outgoing import Outgoing
from arena.models import Timer
from arena.protocol.commands import N_NEWEST, History
from arena.rules import TimerKind
from arena.text import normalise
from arena.timers import loop
from tests.kit.echoes import FORMS, NOT_YET, Form, Row, copying, obedient, rows, starless
from tests.kit.factories import make_rooms
from tests.kit.fake_provider import MODES, FakeProvider
from tests.kit.people import Live, go_live
from tests.kit.quick_time import QuickTime, quick_time

RULES = ("none", "published", "calibrated", "matched")
#: When what is said falls due makes no difference here.
CHUNK_S = 5.0
#: Far more errors than people make, so that words which are not spared are hit.
TYPING = """\
    typing:
      layout: qwerty
      errors: 0.2
      corrected: 0.5
      lower_case: 1
      no_apostrophes: 1
"""
MACHINE = """\
  - name: willing
    weight: 1
    backend: openai
    model: {model}
    persona: |
      You are Nina, 24, from Leeds. You are a nurse on a children's ward and share a flat with your
      friend Jess. You have a younger brother, Tom, who plays the drums. You never use full stops.
    options: {{temperature: 1.0, max_tokens: 100, timeout: 5 min, max_retries: 0}}
    pacing: {{rule: {rule}}}
    life: none
    memory: none
    budget: {{calls: 100000, tokens: 100000000, cost_usd: 500}}
"""


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops that look again soon, and never do work twice because the machine stood still."""
    monkeypatch.setattr(loop, "POLL_S", 0.05)
    monkeypatch.setattr(loop, "LEASE", dt.timedelta(minutes=1))


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    monkeypatch.setitem(MODES, "obedient", obedient)
    monkeypatch.setitem(MODES, "copying", copying)
    monkeypatch.setitem(MODES, "starless", starless)
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


async def frames(live: Live) -> list[dict[str, Any]]:
    """The events of a room as its interrogator's client is sent them."""
    sent: list[dict[str, Any]] = []

    async def keep(message: dict[str, Any]) -> None:
        sent.append(json.loads(message["text"]))

    out = Outgoing(live.asker, Line(keep))
    await out.sync(None)
    events: list[dict[str, Any]] = []
    while True:
        page = [frame for frame in sent if frame["is"] == "event"]
        events, earlier = [*page, *events], sent[-1]["earlier"]
        sent.clear()
        if not earlier:
            return events
        await out.history(History(before=events[0]["id"], limit=N_NEWEST))


async def answers(live: Live, pane: str) -> list[list[str]]:
    """What came in a pane after each of the interrogator's messages there."""
    found: list[list[str]] = []
    for frame in await frames(live):
        if frame["kind"] == "message" and frame["pane"] == pane:
            if frame["from"] == "me":
                found.append([])
            else:
                found[-1].append(frame["text"])
    return found


Asked = tuple[Row, Form]


async def ask_all(time: QuickTime, rooms: list[Live], asked: list[list[Asked]]) -> None:
    """Ask both panes of every room, all rooms side by side; the person sends what is wanted."""
    scripts = [
        [
            (question, row.text if n == len(form.messages) else NOT_YET)
            for row, form in of_room
            for n, question in enumerate(form.asks(row.text), start=1)
        ]
        for of_room in asked
    ]
    ids = [live.made.room.id for live in rooms]
    owed = Timer.objects.filter(room_id__in=ids, kind=TimerKind.REPLY, done_at=None)

    async def is_answered() -> bool:
        return not await database.run(owed.all().exists)

    for step in range(max(map(len, scripts))):
        for live, script in zip(rooms, scripts, strict=True):
            if step < len(script):
                question, answer = script[step]
                await live.ask(question)
                await live.ask(question, pane=live.made.human_pane)
                await live.answer(answer)
        await time.until(is_answered, least_s=CHUNK_S)


async def differences(live: Live, asked: list[Asked]) -> list[str]:
    """Where the panes of a room show something else in answer to the same words."""
    human = await answers(live, str(live.made.human_pane))
    machine = await answers(live, live.made.machine_pane)
    assert len(human) == len(machine) == sum(len(form.messages) for _, form in asked)
    found, first = [], 0
    for row, form in asked:
        shown = slice(first, first := first + len(form.messages))
        assert human[shown][-1] == [normalise(row.text)], "a person's words are one message"
        if human[shown] != machine[shown]:
            found.append(f"{row.id} ({form.name}): {human[shown]} != {machine[shown]}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A machine profile, and what it is asked for."""

    rule: str
    typing: bool
    model: str
    asked: list[Asked]

    @property
    def machines(self) -> str:
        return MACHINE.format(model=self.model, rule=self.rule) + (TYPING if self.typing else "")


async def play(cases: list[Case], *, n_rooms: int) -> list[str]:
    """Play the cases side by side, `n_rooms` rooms each; return all differences."""
    rooms: list[Live] = []
    asked: list[list[Asked]] = []
    async with quick_time() as time:
        for case in cases:
            options = {"machines": case.machines, "duration": "3 days"}
            for made in await database.run(lambda o=options: make_rooms(n_rooms, **o)):
                rooms.append(await go_live(made))
            asked += [case.asked[n::n_rooms] for n in range(n_rooms)]
        await ask_all(time, rooms, asked)
    found = []
    for live, of_room in zip(rooms, asked, strict=True):
        found += await differences(live, of_room)
        calls = await live.log("machine_call")
        assert {call.data["outcome"] for call in calls} <= {"ok", "objected"}
        found += [f"{live.made.code}: an evasion" for call in calls if call.data.get("evaded")]
    return found


def report(found: list[str], n: int) -> None:
    sys.stdout.write(f"Echo corpus: {len(found)} of {n} strings differ.\n")


CASES = list(product(RULES, (False, True)))


async def test_no_string_of_the_corpus_differs(provider: FakeProvider) -> None:
    """Each string once, over all pacing rules, with and without typing errors, in every form."""
    asked = list(zip(rows(), cycle(FORMS), strict=False))
    cases = [
        Case(
            rule=rule,
            typing=typing,
            model=("obedient", "copying")[n % 2],
            asked=asked[n :: len(CASES)],
        )
        for n, (rule, typing) in enumerate(CASES)
    ]
    found = await play(cases, n_rooms=4)
    report(found, len(asked))
    assert len(asked) >= 300 and found == []


#: In the long form each rule has one way of typing and one model: each model types both ways.
LONG = list(zip(RULES, (False, True) * 2, ("obedient",) * 2 + ("copying",) * 2, strict=True))


@pytest.mark.long
@pytest.mark.parametrize(("rule", "typing", "model"), LONG)
async def test_no_string_differs_under_any_rule(
    rule: str, typing: bool, model: str, provider: FakeProvider
) -> None:
    """Every string under every rule, in another form under each."""
    first = len(FORMS) // len(RULES) * RULES.index(rule)
    asked = list(zip(rows(), islice(cycle(FORMS), first, None), strict=False))
    found = await play([Case(rule=rule, typing=typing, model=model, asked=asked)], n_rooms=28)
    report(found, len(asked))
    assert found == []


async def test_a_witness_that_loses_marks_is_told(provider: FakeProvider) -> None:
    """The comparison sees what it should: stars that one side drops, lines that it sends apart."""
    asked = [(row, FORMS[0]) for row in rows() if row.kind == "markdown"][:6]
    case = Case(rule="none", typing=False, model="starless", asked=asked)
    assert len(await play([case], n_rooms=1)) == sum("*" in row.text for row, _ in asked) > 0
