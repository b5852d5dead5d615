"""What a room's page costs in Chromium, in a long room beside a short one, as ratios of one run.

A server on SQLite, a browser without windows (`chromium-headless-shell` or `chromium`, or what
BROWSER_PATH names). Of each act: the time of the page's own thread, which other load on the machine
does not lengthen much, and the time on the wall until the picture after the one that shows it.
Medians; the heap is that of the page after a collection. Exits with 1 if in the long room the page
works more than twice as long as in the short one, holds more than twice as much, or shows what is
not so.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
MOST = 2.0
PATIENCE_MS = 300_000
SHOWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
STEPS_BACK = 10


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000, help="in the long room")
    parser.add_argument("--beside", type=int, default=300, help="in the short one")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--pictures", type=Path, help="a folder to keep pictures in")
    options = parser.parse_args()
    with _server([options.beside, options.messages]) as (url, rooms), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        short, long = (_measured(browser, url, room, options) for room in rooms)
        browser.close()
    ratios = {name: long[name] / short[name] for name in short if name in long and short[name]}
    if options.json:
        figures = {"short": short, "long": long, "ratios": ratios}
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        _print(short, long, options)
    slow = [name for name, ratio in ratios.items() if ratio > MOST and "wall" not in name]
    if slow:
        sys.stderr.write(f"more than {MOST:g} times the short room's: {', '.join(slow)}\n")
    return 1 if slow else 0


def _print(short: dict[str, float], long: dict[str, float], options: argparse.Namespace) -> None:
    head = (f"{options.beside:,} messages", f"{options.messages:,} messages", "ratio")
    sys.stdout.write(f"| median of {options.times} | {' | '.join(head)} |\n|---|---|---|---|\n")
    for name, value in long.items():
        beside = short.get(name)
        ratio = f"{value / beside:.2f}" if beside else "-"
        told = "-" if beside is None else f"{beside:,.1f}"
        sys.stdout.write(f"| {name} | {told} | {value:,.1f} | {ratio} |\n")


def _chromium() -> str:
    named = os.environ.get("BROWSER_PATH")
    found = named or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if found is None:
        raise SystemExit("No Chromium. Install it, or set BROWSER_PATH to one.")
    return found


@contextlib.contextmanager
def _server(sizes: list[int]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A serving process, and the rooms in it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="turing-arena-bench-") as folder:
        environment = os.environ | {
            "DATABASE_URL": f"sqlite:///{folder}/arena.sqlite3",
            "DATA_DIR": folder,
            "LOG_LEVEL": "WARNING",
            "REDIS_URL": "",
            "PORT": str(port),
        }
        run = [sys.executable, "manage.py"]
        subprocess.run([*run, "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
        made = subprocess.run(
            [sys.executable, "bench/long_rooms.py", *map(str, sizes)],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
        )
        serving = subprocess.Popen([*run, "serve"], cwd=ROOT, env=environment)
        try:
            url = f"http://localhost:{port}"
            _wait_for(url)
            yield url, json.loads(made.stdout)
        finally:
            serving.terminate()
            serving.wait()


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer.")


def _measured(
    browser: Browser, url: str, room: dict[str, Any], options: argparse.Namespace
) -> dict[str, float]:
    """The figures of one room: milliseconds, nodes of the document, MB of heap."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    context.add_cookies([{"name": f"seat-{room['code']}", "value": room["secret"], "url": url}])
    visits = [_visit(context.new_page(), f"{url}/room/{room['code']}/") for _ in range(1)]
    visits += [
        _visit(context.new_page(), f"{url}/room/{room['code']}/", room=room)
        for _ in range(options.times)
    ]
    if options.pictures:
        _pictures(context.pages[-1], room, options.pictures)
    context.close()
    return {
        name: statistics.median(visit[name] for visit in visits[1:] if name in visit)
        for name in visits[-1]
    }


def _visit(page: Page, address: str, *, room: dict[str, Any] | None = None) -> dict[str, float]:
    pane = page.locator("#pane-A")
    log, messages = pane.locator(".log"), pane.locator(".message")

    def opened() -> None:
        page.goto(address)
        expect(log).to_have_attribute("aria-live", "polite")

    found = _ms(page, "opening", opened)
    expect(page.locator("#belief-saved")).to_contain_text("A 90 %")
    if room is None:
        return found
    page.wait_for_timeout(300)
    found |= _size(page, "opened")
    found |= _ms(page, "a page back", lambda: _back(page))
    earlier = pane.get_by_role("button", name="Earlier messages")
    if room["n"] > 1000:
        for _ in range(STEPS_BACK):
            step = _ms(page, "the tenth page back", lambda: _back(page))
        found |= step
        found |= _size(page, "ten pages back")

        def first() -> None:
            pane.get_by_text("Go to…").click()
            pane.get_by_role("button", name="First message").click()
            expect(pane.get_by_text(f"Message {room['n'] // 100 + 1:,}.")).to_be_in_viewport()

        found |= _ms(page, "to day 1", first)
        expect(earlier).to_be_hidden()

        def newest() -> None:
            pane.get_by_role("button", name="Newest messages").click()
            expect(pane.get_by_text(f"Message {room['n']:,}.")).to_be_in_viewport()

        found |= _ms(page, "back to the newest", newest)
        assert messages.count() <= 300
    field = pane.locator("textarea")
    text = f"And now? {time.monotonic_ns()}"

    def said() -> None:
        field.fill(text)
        field.press("Enter")
        bubble = messages.filter(has_text=text)
        expect(bubble).to_be_in_viewport()
        expect(bubble).not_to_have_class(re.compile("message-unsent"))

    found |= _ms(page, "saying something", said)
    expect(page.locator("#belief-saved")).to_contain_text("A 90 %")
    expect(page.locator("#pane-B .message").first).to_be_attached()
    return found


#: Scroll to the top of what is shown, and wait until there is an earlier message than there was.
_BACK = """() => new Promise(done => {
    const log = document.querySelector("#pane-A .log");
    const first = log.querySelector(".message-text").textContent;
    const look = () => {
        if (log.querySelector(".message-text").textContent === first) requestAnimationFrame(look);
        else done();
    };
    log.scrollTop = 0;
    look();
})"""


def _back(page: Page) -> None:
    page.evaluate(_BACK)


def _ms(page: Page, name: str, act: Callable[[], None]) -> dict[str, float]:
    """How long the page works at something, and how long that takes."""
    worked, began = _metrics(page)["TaskDuration"], time.perf_counter()
    act()
    page.evaluate(SHOWN)
    wall = (time.perf_counter() - began) * 1000
    page_ms = (_metrics(page)["TaskDuration"] - worked) * 1000
    return {f"{name}: page, ms": page_ms, f"{name}: wall, ms": wall}


#: One for each page: what it counts begins anew with each.
_SESSIONS: dict[Page, CDPSession] = {}


def _metrics(page: Page) -> dict[str, float]:
    if page not in _SESSIONS:
        _SESSIONS[page] = page.context.new_cdp_session(page)
        _SESSIONS[page].send("Performance.enable")
    told = _SESSIONS[page].send("Performance.getMetrics")["metrics"]
    return {each["name"]: each["value"] for each in told}


def _size(page: Page, when: str) -> dict[str, float]:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.detach()
    figures = _metrics(page)
    return {
        f"{when}: messages in the document": float(page.locator("#pane-A .message").count()),
        f"{when}: heap, MB": figures["JSHeapUsedSize"] / 1e6,
    }


def _pictures(page: Page, room: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 860 if width > 400 else 740})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=folder / f"room-of-{room['n']}-{scheme}-{width}.png")


if __name__ == "__main__":
    sys.exit(main())
