"""Simulated exports that tests read, made once."""

import shutil
from pathlib import Path

import pytest

import analysis as ta


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A three-party export of sixty rooms. Not to be changed: copy it."""
    folder = tmp_path_factory.mktemp("export")
    ta.simulate(folder, n_rooms=60, n_interrogators=8, seed=4)
    return folder


@pytest.fixture
def copied(export: Path, tmp_path: Path) -> Path:
    """The same export, free to be changed."""
    return Path(shutil.copytree(export, tmp_path / "export"))
