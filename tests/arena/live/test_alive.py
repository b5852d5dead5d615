"""For how long nobody served rooms is known from a file, whoever was killed."""

import asyncio
import os
import time
from pathlib import Path

import pytest
from django.test.utils import override_settings

from arena.live import alive, runtime
from arena.live.beside import Machines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def test_file_tells_for_how_long_nobody_served(folder: Path) -> None:
    with override_settings(DATA_DIR=folder):
        assert alive.down_s() == 0.0
        saying = asyncio.create_task(alive.keep_saying())
        while not (folder / "serving").exists():
            await asyncio.sleep(0.01)
        before = time.time() - 40
        os.utime(folder / "serving", (before, before))
        assert 40 <= alive.down_s() < 400
        while (folder / "serving").stat().st_mtime == before:
            await asyncio.sleep(0.01)
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)
        assert alive.down_s() < 30


async def test_server_that_starts_knows_how_long_pages_found_nobody(
    arena_database: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    down: list[float | None] = []
    made = runtime.Loop

    def loop(*parts: object, **options: float | None) -> object:
        down.append(options.get("down_s"))
        return made({}, down_s=options.get("down_s"))

    folder.mkdir()
    (folder / "serving").touch()
    long_ago = time.time() - 4000
    os.utime(folder / "serving", (long_ago, long_ago))
    monkeypatch.setattr(runtime, "Loop", loop)
    with override_settings(DATA_DIR=folder):
        async with runtime.running(Machines.ELSEWHERE):
            pass
        async with runtime.thinking():
            pass
    [serving, thinking] = down
    assert serving is not None and 4000 <= serving < 5000
    assert thinking is None  # it has no sockets that were cut
