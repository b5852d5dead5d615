"""An export streams: what it holds at once does not grow with the study."""

import asyncio
import tracemalloc
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from arena import export
from arena.export import tables
from arena.models import Seat, Study
from arena.services import playing
from tests.arena.export.playing_rooms import PLANES
from tests.kit.factories import make_rooms

N_TEXTS = 4


def test_memory_does_not_grow_with_the_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "GROUP_ROWS", 40)
    few, many = _played(20), _played(200)
    export.write(few, tmp_path / "warm")

    small, large = _peak_bytes(few, tmp_path / "few"), _peak_bytes(many, tmp_path / "many")

    assert large < 1.5 * small
    with pq.ParquetFile(tmp_path / "many" / "messages.parquet") as messages:
        assert messages.metadata.num_rows == 200 * N_TEXTS
        assert messages.metadata.num_row_groups == 5 * N_TEXTS


def _peak_bytes(study: Study, out: Path) -> int:
    tracemalloc.start()
    try:
        export.write(study, out)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


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
