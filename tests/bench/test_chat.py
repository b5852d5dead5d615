"""The chat benchmark, as a whole: it runs, and its figures are there to be read by a program."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHAT = Path(__file__).resolve().parents[2] / "bench" / "chat.py"


@pytest.mark.parametrize(
    ("name", "n_rooms"), [("bare", 3), pytest.param("product", 100, marks=pytest.mark.long)]
)
def test_a_run_ends_well_and_prints_its_figures(name: str, n_rooms: int) -> None:
    command = [sys.executable, CHAT, "--only", name, "--rooms", str(n_rooms), "--seconds", "1"]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    (result,) = printed["results"]
    assert printed["problems"] == [] and result["name"].startswith(name)
    assert result["rooms"] == n_rooms and result["report"]["n_messages"] > n_rooms
    assert all(result["report"][phase]["per_s"] > 0 for phase in ("fixed", "saturated"))
    assert f"| {n_rooms} rooms, saturated |" in done.stderr
