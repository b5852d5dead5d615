"""What every page must stand: axe's rules and a width of 320 pixels, in light and in dark."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.acting import look

#: Each scheme once and each width once; colours do not depend on the width.
LOOKS = (("light", 1280, 860), ("dark", 320, 640))
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def examine(page: Page, name: str) -> None:
    """Fail on any violation of axe's rules, and on a page that must be scrolled sideways."""
    size = page.viewport_size
    for scheme, width, height in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        look(page, f"{name}-{scheme}-{width}")
        found = Axe().run(page)
        assert not found.violations_count, f"{name}, {scheme}, {width}: {found.generate_report()}"
        assert page.evaluate(TOO_WIDE) <= 0, f"{name} is wider than {width} pixels"
    page.emulate_media(color_scheme=None, reduced_motion=None)
    if size:
        page.set_viewport_size(size)
