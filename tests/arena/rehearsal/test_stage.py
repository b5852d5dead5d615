"""What a rehearsal takes over from the environment."""

import re

from arena.rehearsal.stage import OWN_SETTINGS
from tests.kit.paths import ROOT

#: What the site and a rehearsal may have in common.
SHARED = {"TIME_ZONE"}


def test_no_setting_of_the_site_reaches_a_rehearsal_with_real_models() -> None:
    """It inherits keys and proxies, but would write to the site's data and send its mail."""
    modules = [*(ROOT / "turing").glob("*.py"), *(ROOT / "arena").rglob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in modules)
    named = re.findall(r"environ(?:\.get\(|\.setdefault\(|\[)\s*\"(\w+)\"", text)
    assert set(named) - SHARED - OWN_SETTINGS - {"PYTHONPATH"} == set()
