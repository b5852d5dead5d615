"""The command line from end to end, as a process without a server or a framework."""

import subprocess
import sys
from pathlib import Path

import analysis as ta


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "analysis", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_report_is_written(tmp_path: Path) -> None:
    ta.simulate(tmp_path / "export", n_rooms=14, n_interrogators=3, seed=4)
    done = run("report", tmp_path / "export", "--out", tmp_path / "report")
    assert (done.returncode, done.stdout) == (
        0,
        f"Report written to {tmp_path / 'report' / 'index.html'}.\n",
    )
    assert (tmp_path / "report" / "incidence-wall.svg").exists()


def test_verify_passes_and_then_names_the_event(copied: Path) -> None:
    done = run("verify", copied)
    assert done.returncode == 0
    assert done.stdout.startswith(
        "Every file, chain and seal verifies, and every table follows from the log: "
        "24 files, 60 rooms, "
    )
    raw = bytearray((copied / "events.jsonl").read_bytes())
    lines = raw.split(b"\n")
    at = len(b"\n".join(lines[:40])) + 1 + lines[40].index(b'"hash": "') + len(b'"hash": "')
    raw[at] = ord("0") if raw[at] != ord("0") else ord("1")
    (copied / "events.jsonl").write_bytes(raw)
    done = run("verify", copied)
    event = lines[40].split(b'"id": "')[1].split(b'"')[0].decode()
    assert done.returncode == 1
    assert f"event {event}:" in done.stderr.splitlines()[0]


def test_what_cannot_be_done_says_why(tmp_path: Path) -> None:
    done = run("verify", tmp_path)
    assert done.returncode == 2
    assert "holds no study.json; give the directory or .zip that an export wrote." in done.stderr
    assert run("report", tmp_path).returncode == 2
    assert "Traceback" not in done.stderr
