"""An export streams: what it holds at once grows neither with the study nor with a room."""

import asyncio
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from arena import export
from arena.event_kinds import Message
from arena.events import Decision, Draft, append_now, chains
from arena.events.verification import verify
from arena.export import tables
from arena.models import Seat, Study
from arena.services import playing
from tests.arena.export.playing_rooms import PLANES, asker, decide, start
from tests.kit.factories import make_room, make_rooms

N_TEXTS = 4


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held at once is little beside even a small study."""
    monkeypatch.setattr(tables, "GROUP_ROWS", 40)
    monkeypatch.setattr(chains, "PAGE_ROOMS", 10)
    monkeypatch.setattr(chains, "AT_ONCE", 40)


def test_memory_does_not_grow_with_the_study(tmp_path: Path) -> None:
    few, many = _played(20), _played(200)
    export.write(few, tmp_path / "warm")

    small, large = _peak_bytes(few, tmp_path / "few"), _peak_bytes(many, tmp_path / "many")

    assert large < 1.5 * small
    with pq.ParquetFile(tmp_path / "many" / "messages.parquet") as messages:
        assert messages.metadata.num_rows == 200 * N_TEXTS
        assert messages.metadata.num_row_groups >= 2 * N_TEXTS


def test_memory_does_not_grow_with_a_room(tmp_path: Path) -> None:
    short, long = _talked(400), _talked(4000)
    export.write(short, tmp_path / "warm")
    verify(short)

    small, large = _peak_bytes(short, tmp_path / "short"), _peak_bytes(long, tmp_path / "long")
    assert large < 1.5 * small

    small, large = _peak_of(lambda: verify(short)), _peak_of(lambda: verify(long))
    assert large < 1.5 * small


def _peak_bytes(study: Study, out: Path) -> int:
    return _peak_of(lambda: export.write(study, out))


def _peak_of(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _talked(n_messages: int) -> Study:
    """A study of one room that ended after so many messages."""
    made = make_room(format="two_party", human_share=1.0)
    start(made)
    said = tuple(
        Draft(seat="interrogator", pane="A", body=Message(text=f"{n} {PLANES}"))
        for n in range(n_messages)
    )
    append_now(made.room.id, lambda _room, _now: Decision(events=said))
    decide(asker(made), True)
    return made.study


def _played(n_rooms: int) -> Study:
    """A study whose rooms were played to a verdict, all at once so that they share commits."""
    # Witnesses are people, so that no machine adds to what is counted.
    study = make_rooms(n_rooms, format="two_party", human_share=1.0)[0].study
    consent = study.rooms.first().consent_sha256
    people = Seat.objects.filter(room__study=study, token_hash__isnull=False)
    asyncio.run(_play(list(people.filter(name="interrogator")), list(people), consent))
    return study


async def _play(askers: list[Seat], people: list[Seat], consent: str) -> None:
    ready = (playing.ready(place, command_id="ready", consent=consent) for place in people)
    await asyncio.gather(*ready)
    for n in range(N_TEXTS):
        text = f"{n} {PLANES * 14}"
        said = (playing.say(each, command_id=f"say {n}", text=text, pane="A") for each in askers)
        await asyncio.gather(*said)
    verdicts = (
        playing.verdict(each, command_id="verdict", human=True, confidence=0.5, reason="")
        for each in askers
    )
    await asyncio.gather(*verdicts)
