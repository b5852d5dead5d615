"""Serving: what refuses to start, and says why."""

import subprocess
import sys
from pathlib import Path

from tests.kit.paths import ROOT


def test_second_process_without_a_bus_refuses_to_start(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "serve", "--workers", "2"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin", "DATA_DIR": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 1
    assert "without a bus" in done.stderr
