"""A wheel of the tree, installed in an environment of its own, does all that the checkout does."""

import contextlib
import mimetypes
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

import analysis as ta
from tests.conftest import STOP_S, reserved_port
from tests.kit.paths import ROOT

PACKAGES = ("turing", "arena", "analysis")
#: Folders at the top that a package has a link to.
LINKED = {"templates": "turing/templates", "studies": "turing/studies"}


def tracked() -> list[str]:
    """Every file of the tree that is, or would be, under version control."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = {name: ROOT / name for name in done.stdout.split("\0") if name}
    return sorted(name for name, path in paths.items() if path.is_symlink() or path.exists())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, for a build leaves folders behind."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name, follow_symlinks=False)
    pip("wheel", "--no-build-isolation", "--wheel-dir", out, source)
    return next(out.glob("*.whl"))


def pip(*arguments: str | Path) -> None:
    offline = ("--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", *map(str, arguments), *offline]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An environment with the wheel, and an empty directory to work in."""

    bin: Path
    folder: Path
    port: int

    @property
    def env(self) -> dict[str, str]:
        home = {"HOME": str(self.folder), "TMPDIR": str(self.folder)}
        return home | {"PATH": os.defpath, "PORT": str(self.port)}

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        program, *rest = map(str, command)
        return subprocess.run(
            [str(self.bin / program), *rest],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )

    def printed(self, *command: str | Path) -> str:
        done = self.run(*command)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextlib.contextmanager
    def serving(self) -> Iterator[httpx.Client]:
        """Run the server until it is left; yield a browser."""
        log = self.folder / "server.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [self.bin / "turing-arena", "serve"],
                cwd=self.folder,
                env=self.env,
                stdout=out,
                stderr=out,
            )
        try:
            while not listens(self.port):
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            with httpx.Client(base_url=f"http://localhost:{self.port}", timeout=STOP_S) as browser:
                yield browser
        finally:
            process.terminate()
            process.wait(STOP_S)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """The wheel alone in an environment that borrows the third parties of this one."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    pip("--python", python, "install", wheel)
    place = sysconfig.get_path("purelib", "venv", {"base": str(folder)})
    # A path and no more: the finder of an editable install is not started by it.
    (Path(place) / "third_parties.pth").write_text(sysconfig.get_path("purelib"))
    with reserved_port() as reserved:
        yield Installed(
            bin=python.parent,
            folder=tmp_path_factory.mktemp("empty"),
            port=reserved.getsockname()[1],
        )


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    expected = set()
    for name in tracked():
        top, _, rest = name.partition("/")
        if top in LINKED:
            expected.add(f"{LINKED[top]}/{rest}")
        elif top in PACKAGES and name not in LINKED.values():
            expected.add(name)
    names = zipfile.ZipFile(wheel).namelist()
    assert {name for name in names if ".dist-info/" not in name} == expected


def test_the_packages_come_from_the_wheel(installed: Installed) -> None:
    asked = f"import {', '.join(PACKAGES)}; print({'.__file__, '.join(PACKAGES)}.__file__)"
    paths = installed.printed("python", "-c", asked).split()
    assert len(paths) == len(PACKAGES)
    assert all(Path(path).is_relative_to(installed.bin.parent) for path in paths)


def test_a_report_needs_the_wheel_and_an_export(installed: Installed, tmp_path: Path) -> None:
    ta.simulate(tmp_path / "export", n_rooms=14, n_interrogators=3, seed=1)
    page = tmp_path / "report" / "index.html"
    told = installed.printed(
        "python", "-m", "analysis", "report", tmp_path / "export", "--out", page.parent
    )
    assert told == f"Report written to {page}.\n"
    assert "<style>" in page.read_text("utf-8")


def test_an_empty_directory_becomes_a_site(installed: Installed) -> None:
    refused = installed.run("turing-arena", "serve")
    assert refused.returncode == 1
    assert "Run `turing-arena migrate` with the same settings" in refused.stderr

    installed.printed("turing-arena", "migrate", "--verbosity", "0")
    link = re.findall(r"interrogator +(\S+)", installed.printed("turing-arena", "demo"))[0]
    assert (installed.folder / "var" / "arena.sqlite3").exists()
    assert not list(installed.bin.parent.rglob("arena.sqlite3"))

    with installed.serving() as browser:
        assert browser.get("/healthz").text == "ok\n"
        assert "Turing Arena" in browser.get("/").text
        assert "Take my seat" in browser.get(link).text
        room = browser.post(link, follow_redirects=True)
        assert room.status_code == 200 and "room-interrogator" in room.text
        files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', room.text))
        assert {Path(name).suffix for name in files} == {".css", ".js", ".svg"}
        for name in files:
            response = browser.get(name)
            assert response.status_code == 200, name
            assert response.headers["content-type"].startswith(str(mimetypes.guess_type(name)[0]))
        assert browser.get("/static/analysis/report.css").status_code == 200
        assert browser.get("/no-such-page/").status_code == 404
