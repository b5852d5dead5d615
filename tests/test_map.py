"""The map in CONTRIBUTING.md is that of the folders and of the import contracts."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.kit.paths import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]


def layers(package: str) -> list[str]:
    chosen = [c for c in CONTRACTS["contracts"] if c.get("containers") == [package]]
    return list(chosen[0]["layers"])


@pytest.mark.parametrize("package", ["arena", "analysis"])
def test_the_picture_shows_the_layers_of_the_contract(package: str) -> None:
    picture = PAGE.split("```")[3]
    block = next(part for part in picture.strip().split("\n\n") if part.startswith(package))
    drawn = [line.strip() for line in block.splitlines()[1:]]
    assert drawn == layers(package)


@pytest.mark.parametrize("package", ["arena", "analysis"])
def test_every_folder_has_its_line(package: str) -> None:
    table = PAGE.partition(f"| in `{package}` | holds |")[2].partition("\n\n")[0]
    named = {name for line in table.splitlines() for name in re.findall(r"`(\w+)/`", line[:60])}
    folders = {path.name for path in (ROOT / package).iterdir() if path.is_dir()}
    folders -= {"__pycache__"}
    assert named - _inner(package) == folders


def _inner(package: str) -> set[str]:
    """Folders inside rooms, which a line may name beside its own."""
    rooms = [path for path in (ROOT / package).iterdir() if path.is_dir()]
    return {path.name for room in rooms for path in room.iterdir() if path.is_dir()}


def test_every_path_that_the_page_names_is_there() -> None:
    paths = re.findall(r"`((?:arena|analysis|tests|docs|templates)/[\w./]+)`", PAGE)
    assert paths and [path for path in paths if not Path(ROOT / path).exists()] == []
