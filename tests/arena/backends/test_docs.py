"""The page on backends: its ten lines run, and its tables say what the code says."""

import re
from typing import Any

import pytest

from arena.backends import Backend, ErrorKind, names, options
from arena.backends.option import Option
from tests.arena.backends.conversations import AProfile, talk
from tests.kit.paths import ROOT

PAGE = (ROOT / "docs" / "backends.md").read_text(encoding="utf-8")


def table(declared: dict[str, Option[Any]]) -> str:
    rows = ["| option | must be | left out | meaning |", "|---|---|---|---|"]
    for name, option in declared.items():
        left_out = "refused" if option.required else shown(option.default)
        rows.append(f"| `{name}` | {option.expected} | {left_out} | {option.meaning} |")
    return "\n".join(rows)


def shown(default: object) -> str:
    if default is None:
        return "none"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


async def test_toy_backend_runs_as_printed() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len([line for line in source.splitlines() if line.strip()]) <= 10
    scope: dict[str, Any] = {}
    exec(source, scope)
    parrot: Backend = scope["Parrot"]()
    profile = AProfile(backend="parrot", model="grey")
    reply = await parrot.reply(talk("hi", "hi", "who's there?"), profile=profile, seed=1)
    assert (reply.text, reply.model) == ("who's there?", "grey")
    assert (await parrot.reply(talk(), profile=profile, seed=1)).text == "Hello."


@pytest.mark.parametrize("name", [name for name in names() if options(name)])
def test_page_has_the_options_of_every_backend(name: str) -> None:
    assert f"<!-- options: {name} -->\n\n{table(dict(options(name)))}\n" in PAGE


def test_page_has_every_kind_of_failure() -> None:
    failures = PAGE.partition("## Failures")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", failures, re.MULTILINE)) == set(ErrorKind)
