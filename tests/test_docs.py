"""The documents name every error, setting, command and column that there is."""

import re

import pytest

from analysis.dataset import schema
from arena import errors, export, pacing
from arena.backends import BackendError, names
from arena.protocol import fields as protocol
from arena.studies import file
from tests.kit.paths import ROOT

DOCS = {path.name: path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md")}


def codes(base: type[errors.ArenaError]) -> set[str]:
    return {base.code} | {code for child in base.__subclasses__() for code in codes(child)}


def test_every_error_code_is_documented() -> None:
    assert all((BackendError, export, pacing, protocol, file))  # so they are loaded
    text = "\n".join(DOCS.values())
    shown = codes(errors.ArenaError) - {errors.ArenaError.code, protocol.ProtocolError.code}
    assert [code for code in sorted(shown) if f"`{code}`" not in text] == []


def test_every_setting_is_documented() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "turing").glob("*.py"))
    used = set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", source))
    used -= {"DJANGO_SETTINGS_MODULE"}
    assert [name for name in sorted(used) if f"`{name}`" not in DOCS["operations.md"]] == []


def test_every_command_is_documented() -> None:
    text = (ROOT / "README.md").read_text("utf-8") + DOCS["operations.md"]
    commands = {path.stem for path in (ROOT / "arena/management/commands").glob("[a-z]*.py")}
    assert [name for name in sorted(commands) if f"manage.py {name}" not in text] == []


@pytest.mark.parametrize("table", list(schema.TABLES))
def test_every_column_is_documented(table: str) -> None:
    text = DOCS["data-format.md"]
    section = text.partition(f"\n## {table}\n")[2].partition("\n## ")[0]
    assert [c.name for c in schema.TABLES[table] if f"| {c.name} |" not in section] == []


def test_every_backend_is_documented() -> None:
    assert [name for name in names() if f"`{name}`" not in DOCS["backends.md"]] == []


def test_no_document_links_into_nothing() -> None:
    for path in [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"
