"""Typing errors in a room: shown, logged, put right in the next message, never a leak."""

from typing import Any

import pytest

from arena import database
from arena.witnesses import gate
from arena.witnesses.gate import Reason, Rejection
from tests.kit.factories import make_room
from tests.kit.fake_provider import MODES, Answer, FakeProvider, completion
from tests.kit.people import Live, go_live, loops
from tests.kit.quick_time import quick_time

LINE = "Yesterday morning everybody walked together along another pleasant river"
MACHINES = """\
  - name: clumsy
    weight: 1
    backend: {backend}
    model: {model}
    persona: ""
    options: {options}
    pacing: {{rule: {pacing}}}
    life: none
    memory: none
    budget: {{calls: 1000, tokens: 1000000, cost_usd: 5}}
    typing:
      layout: qwerty
      errors: 0.2
      corrected: {corrected}
      lower_case: 1
      no_apostrophes: 0
"""


def _scripted(pacing: str, corrected: int) -> str:
    options = f'{{lines: ["{LINE}"], at_end: repeat}}'
    return MACHINES.format(
        backend="scripted", model="lines", options=options, pacing=pacing, corrected=corrected
    )


async def _slips(live: Live) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for call in await live.log("machine_call"):
        slips: Any = call.data.get("slips", [])
        found += slips
    return found


async def test_errors_are_shown_and_logged() -> None:
    made = await database.run(lambda: make_room(machines=_scripted("none", 1)))
    async with loops():
        live = await go_live(made)
        for n in range(4):
            await live.ask(f"question {n}?")
            await live.settled()
    said, slips = await live.said(), await _slips(live)
    assert len(said) == 4 and all(text.startswith("y") for text in said)
    assert {slip["kind"] for slip in slips} > {"capital"}
    assert not any(slip.get("corrected") for slip in slips)  # its pacing sends one message
    assert [text for text in said if text != LINE.lower()]


async def test_correction_follows_as_a_message_of_its_own() -> None:
    async with quick_time() as time:
        machines = _scripted("calibrated", 1)
        live = await go_live(await database.run(make_room, machines=machines, duration="1 h"))
        for n in range(60):
            await live.ask(f"question {n}?")
            await time.until(live.is_settled)
            if any(slip.get("corrected") for slip in await _slips(live)):
                break
    [wrong] = [slip for slip in await _slips(live) if slip.get("corrected")]
    said = await live.said()
    stars = [n for n, text in enumerate(said) if text.strip("*") == wrong["meant"]]
    assert len(stars) == 1 and said[stars[0]].count("*") == 1
    before = said[stars[0] - 1]
    assert before[wrong["at"] :].startswith(wrong["wrote"])


async def test_without_the_key_nothing_is_mistyped() -> None:
    machines = _scripted("none", 1).partition("    typing:")[0]
    made = await database.run(lambda: make_room(machines=machines))
    async with loops():
        live = await go_live(made)
        await live.ask("hi?")
        await live.settled()
    assert await live.said() == [LINE] and await _slips(live) == []


async def test_gate_reads_what_is_shown_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that an error would have turned into something else stays as it was."""
    read: list[str] = []

    def watching(text: str, **parts: Any) -> Rejection | None:
        read.append(text)
        return None if text == LINE else Rejection(reason=Reason.LEAK, detail="for this test")

    monkeypatch.setattr(gate, "rejection", watching)
    monkeypatch.setitem(MODES, "prose", lambda r: Answer(body=completion(LINE, r)))
    machines = MACHINES.format(
        backend="openai",
        model="prose",
        options="{temperature: 1.0, max_tokens: 100, timeout: 5 min}",
        pacing="none",
        corrected=0,
    )
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        made = await database.run(lambda: make_room(machines=machines))
        async with loops():
            live = await go_live(made)
            await live.ask("tell me?")
            await live.settled()
    assert await live.said() == [LINE] and await _slips(live) == []
    assert read[0] == LINE and len(read) > 1 and read[1] != LINE
