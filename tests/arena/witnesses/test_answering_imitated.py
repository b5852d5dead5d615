"""What a server does after an acknowledgement is alike for a person's pane and a machine's."""

import time
from collections import deque
from typing import Any

import pytest

from arena import broadcast, database, witnesses
from arena.models import Room
from arena.witnesses import calls
from arena.witnesses.seats import player
from tests.kit.factories import make_room
from tests.kit.people import Live, go_live, scripted
from tests.kit.quick_time import quick_time


async def _n_commits(live: Live) -> int:
    """How often something was committed to a room so far."""
    versions = Room.objects.values_list("version", flat=True)
    return await database.run(versions.get, id=live.made.room.id)


@pytest.mark.parametrize("pacing", ["none", "calibrated"])
async def test_both_panes_cost_the_same_commits_until_an_answer_is_shown(pacing: str) -> None:
    """A machine's call is imitated over a question to a person: one commit more, and no event."""
    live = await go_live(await database.run(make_room, machines=scripted("fine", pacing=pacing)))
    costs = []
    async with quick_time() as quick:
        for pane in (live.made.machine_pane, str(live.made.human_pane)):
            before = await _n_commits(live)
            await live.ask("how are you?", pane=pane)
            await quick.until(live.is_settled)
            if pane == live.made.human_pane:
                await live.answer("fine")
            costs.append(await _n_commits(live) - before)
    assert costs == [3, 3]  # the question, the call or what stands for it, the answer
    outcomes = [timer.outcome for timer in await live.timers()]
    assert outcomes == ["said", "human"]
    assert len(await live.log("machine_call")) == 1


async def test_what_stands_for_a_call_takes_the_time_of_one_and_rings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live = await go_live(await database.run(make_room, machines=scripted("fine")))
    await live.ask("how are you?", pane=str(live.made.human_pane))
    [timer] = await live.timers()
    profile = (await player(timer)).profile
    monkeypatch.setitem(calls._took, profile.sha256, deque([0.3]))
    told: list[Any] = []
    monkeypatch.setattr(broadcast, "tell", told.append)
    began = time.monotonic()
    await witnesses.attend(timer)
    assert time.monotonic() - began >= 0.3
    assert [live.made.room.id in news for news in told] == [True]
    assert not told[0][live.made.room.id]
