"""What people do on the pages, in their words."""

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from django.db import connection
from playwright.sync_api import Page, expect

P = ParamSpec("P")
T = TypeVar("T")


def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do database work in a thread: the browser's driver holds an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        try:
            return thread.submit(work, *args, **kwargs).result()
        finally:
            thread.submit(lambda: connection.close()).result()


def look(page: Page, name: str) -> None:
    """Keep a picture of the page where SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def join(page: Page, url: str) -> None:
    """Open an invitation, confirm it, agree, pass the check and be ready."""
    page.goto(url)
    page.get_by_role("button", name="Take my seat").click()
    page.get_by_label("I have read this and I agree").check()
    page.get_by_role("button", name="I agree and take my seat").click()
    pass_check(page)
    page.get_by_role("button", name="I am ready").click()


def pass_check(page: Page) -> None:
    """See that the line is good, on a slow machine perhaps not at the first try."""
    again = page.get_by_role("button", name="Check again")
    judged = page.locator("#check-line:is([data-state=pass], [data-state=fail])")
    expect(judged).to_be_visible()
    while judged.get_attribute("data-state") == "fail":
        again.click()
        expect(judged).to_be_visible()
    expect(page.get_by_role("button", name="I am ready")).to_be_enabled()


def say(page: Page, text: str, *, pane: int = 0) -> None:
    """Write a message in a pane and see it stored."""
    place = page.locator(".pane").nth(pane)
    place.locator("textarea").fill(text)
    place.locator("textarea").press("Enter")
    bubble = place.locator(".message-mine").filter(has_text=text)
    expect(bubble).to_be_visible()
    expect(bubble).not_to_have_class(re.compile("message-unsent"))


def believe(page: Page, words: str) -> None:
    """Move the belief to where it reads so, and see it saved."""
    slider = page.get_by_role("slider", name="Who is the human?")
    slider.fill(re.findall(r"\d+", words)[-1])
    slider.dispatch_event("change")
    expect(page.locator("#belief-saved")).to_contain_text("Saved at")
    expect(page.locator("#belief-saved")).to_contain_text(words)


def decide(page: Page, *, human: str, reason: str) -> None:
    """Give a verdict, and confirm it."""
    page.get_by_role("button", name="Give your verdict").click()
    dialog = page.locator("#verdict-dialog")
    dialog.locator(f"input[name=human][value='{human}']").check()
    dialog.get_by_label("How sure are you?").fill("85")
    dialog.get_by_label("What gave it away?").fill(reason)
    look(page, "verdict")
    dialog.get_by_role("button", name="Review").click()
    dialog.get_by_role("button", name="Give this verdict").click()
