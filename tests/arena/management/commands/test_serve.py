"""Serving: what refuses to start, and says why."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kit.paths import ROOT


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("--workers", "2"), {}, "without a bus"),
        (("--machines", "elsewhere"), {}, "they would never answer"),
        ((), {"ARENA_MACHINES": "elsewhere"}, "start a worker, or leave --machines out"),
        ((), {"ARENA_MACHINES": "outside"}, "ARENA_MACHINES is 'outside'. Expected here, beside"),
    ],
)
def test_what_could_not_work_refuses_to_start(
    arguments: tuple[str, ...], environment: dict[str, str], said: str, tmp_path: Path
) -> None:
    """Several processes, or machines elsewhere, without a bus; and a word that is none."""
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin", "DATA_DIR": str(tmp_path), **environment},
        check=False,
    )
    assert done.returncode == 1
    assert said in done.stderr
