"""Rehearsals: the shipped studies play through without a fault, and planted faults are found."""

import asyncio
import sys
from collections.abc import Awaitable
from pathlib import Path

import pytest
from django.conf import settings

from arena import rehearsal
from arena.rehearsal import Fault, Rehearsal
from tests.faults.sabotage import LATE_S
from tests.kit.factories import study_text
from tests.kit.fake_provider import FakeProvider
from tests.kit.people import openai, scripted

ROOT = Path(settings.BASE_DIR)
#: Rehearsals use a database of their own: once is enough, whatever the others are tested on.
pytestmark = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="rehearsals bring their own"
)
#: A machine under test may be slow; the planted lateness is greater still.
PATIENT_S = 60.0
N_ROOMS = 6
#: Each shipped study, how fast it is played, and how often its server is killed.
SHIPPED = {
    "five-minute": (12.0, 0),
    "two-party": (12.0, 0),
    "expert-hour": (60.0, 4),
    "ninety-days": (100_000.0, 4),
}


async def _shipped(name: str) -> Rehearsal:
    text = (ROOT / "studies" / f"{name}.yaml").read_text("utf-8")
    speed, kills = SHIPPED[name]
    return await rehearsal.rehearse(
        text, n_rooms=N_ROOMS, speed=speed, n_kills=kills, patience_s=PATIENT_S
    )


async def _with(fault: str, *, late_s: float = PATIENT_S) -> Rehearsal:
    text = study_text(
        duration="2 min", grace="0 s", machines=scripted("well", "hm", pacing="calibrated")
    )

    def server(port: int) -> tuple[str, ...]:
        return (sys.executable, "-m", "tests.faults.sabotage", fault, str(port))

    return await rehearsal.rehearse(text, n_rooms=3, speed=4.0, patience_s=late_s, server=server)


async def _together(**runs: Awaitable[Rehearsal]) -> dict[str, Rehearsal]:
    """Rehearsals by name, played at once: most of their time is waiting."""
    return dict(zip(runs, await asyncio.gather(*runs.values()), strict=True))


def test_faultless_study_is_told_from_one_that_leaks() -> None:
    runs = asyncio.run(_together(shipped=_shipped("five-minute"), leaked=_with("leaked_field")))
    assert_faultless("five-minute", runs["shipped"])
    assert_leaked(runs["leaked"])


@pytest.mark.long
def test_every_shipped_study_ends_without_a_fault() -> None:
    """The servers of the longest are killed and started again, several times."""
    runs = asyncio.run(_together(**{name: _shipped(name) for name in SHIPPED}))
    for name, each in runs.items():
        assert_faultless(name, each)
    # In ninety days that pass in a minute, a slow start is a week in which people drop out: there
    # rooms may be over before the first kill. In an hour nobody drops out.
    assert runs["expert-hour"].n_kills >= 2


@pytest.mark.long
def test_every_planted_fault_is_found() -> None:
    runs = asyncio.run(
        _together(
            dropped=_with("dropped_timer"),
            leaked=_with("leaked_field"),
            late=_with("late_release", late_s=LATE_S / 2),
        )
    )
    dropped, leaked, late = runs["dropped"], runs["leaked"], runs["late"]
    assert_leaked(leaked)
    assert {f.fault for f in dropped.findings} == {Fault.LOST}, rehearsal.format_report(dropped)
    assert all("has no timer" in f.what for f in dropped.findings)
    assert Fault.LATE in {f.fault for f in late.findings}, rehearsal.format_report(late)
    assert any("was said" in f.what and "too late" in f.what for f in late.findings)


def assert_faultless(name: str, rehearsed: Rehearsal) -> None:
    assert rehearsed.findings == (), f"{name}: {rehearsal.format_report(rehearsed)}"
    assert rehearsed.n_messages > 0 and sum(rehearsed.end_reasons.values()) == N_ROOMS
    assert "not ended" not in rehearsed.end_reasons


def assert_leaked(rehearsed: Rehearsal) -> None:
    assert {f.fault for f in rehearsed.findings} == {Fault.LEAKED}, rehearsal.format_report(
        rehearsed
    )
    assert all("thought_ms" in f.what for f in rehearsed.findings)


def test_real_models_are_played_with_until_their_budget_is_used_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = study_text(duration="2 min", grace="0 s", machines=openai("ok", pacing="none"))
    with FakeProvider() as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
        limit = rehearsal.SpendingLimit(calls=3, cost_usd=1.0)
        done = asyncio.run(rehearsal.rehearse(text, n_rooms=2, speed=4.0, real_models=limit))
    said = rehearsal.format_report(done)
    assert "budget of 3 calls is used up" in done.stopped and done.findings == ()
    assert done.stopped in said and "Calls to the study's own models: ok" in said
    assert "estimated" not in said and done.calls["ok"] >= 3
    # One question before the rooms were made, then what was played; all with the real key.
    assert len(provider.requests) > 3
    assert {each["authorization"] for each in provider.headers} == {"Bearer sk-real"}
