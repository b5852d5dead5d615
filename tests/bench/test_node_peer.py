"""The Node peer's packages are pinned and hashed, and say nothing about where they came from."""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "bench" / "node_peer"


def test_every_package_of_the_lock_has_a_version_and_a_hash_and_no_address() -> None:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    for entry in packages.values():
        assert entry["version"] and entry["integrity"].startswith("sha512-")
        assert "resolved" not in entry
