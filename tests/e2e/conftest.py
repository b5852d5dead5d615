"""A real browser: Chromium, its headless shell if there is one, or what BROWSER_PATH names."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: The shell has the same engine without windows; a page costs it half as much.
BROWSERS = ("chromium-headless-shell", "chromium")
PATIENCE_MS = 120_000


@pytest.fixture(scope="session", autouse=True)
def _database(arena_database: None) -> None:
    """Every test here may use the database."""


# For this folder alone: the driver holds an event loop, and other tests want to run their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = os.environ.get("BROWSER_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: install Debian's package or set BROWSER_PATH")
        pytest.skip("no Chromium: install it, or set BROWSER_PATH to one")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=CHROMIUM_FLAGS, timeout=2 * PATIENCE_MS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def people(browser: Browser) -> Iterator["People"]:
    """Persons, each in a browser context of their own; fails on any error of a page."""
    with People(browser) as made:
        yield made
        assert made.faults == []


class People:
    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[object] = []
        self.faults: list[str] = []

    def __enter__(self) -> "People":
        return self

    def __exit__(self, *exc: object) -> None:
        for context in self._contexts:
            context.close()  # type: ignore[attr-defined]

    def person(
        self, *, width: int = 1280, height: int = 860, scheme: str = "light", scripts: bool = True
    ) -> Page:
        context = self._browser.new_context(
            java_script_enabled=scripts,
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._listen)
        return page

    def _listen(self, message: object) -> None:
        """Content-Security-Policy violations and script errors end up on the console."""
        if message.type == "error":  # type: ignore[attr-defined]
            self.faults.append(message.text)  # type: ignore[attr-defined]
