"""A script: the data that gives the engine its character, read from a file in this package."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from arena.backends.eliza.matching import Pattern, compile_pattern

#: The scripts that come with the arena, by file name.
NAMES = ("doctor",)

_GOTO = "= "


@dataclass(frozen=True, slots=True, kw_only=True)
class DecompositionRule:
    """A form of sentence and what is said to it, in rotation; `key` names it for the counters."""

    key: str
    when: Pattern
    say: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyword:
    name: str
    rank: int
    rules: tuple[DecompositionRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    opening: DecompositionRule
    none: DecompositionRule
    before: Mapping[str, tuple[str, ...]]
    after: Mapping[tuple[str, ...], str]
    object_after: frozenset[str]
    memory: Keyword
    keywords: Mapping[str, Keyword]
    words: Mapping[str, Keyword]


def goto(saying: str) -> str | None:
    """Return the keyword that a saying hands over to, or None when it is to be said."""
    return saying.removeprefix(_GOTO) if saying.startswith(_GOTO) else None


@functools.cache
def load(name: str) -> Script:
    """Read the script of that name, one of `NAMES`."""
    file = resources.files(__package__).joinpath(f"{name}.yaml")
    return parse(file.read_text(encoding="utf-8"))


def parse(text: str) -> Script:
    """Read a script from its YAML text."""
    data = yaml.safe_load(text)
    classes = {name: frozenset(words) for name, words in data["classes"].items()}
    keywords = {
        name: _keyword(name, entry["rules"], classes, rank=entry.get("rank", 0))
        for name, entry in data["keywords"].items()
    }
    memory = data["memory"]
    return Script(
        opening=_anything("opening", data["opening"]),
        none=_anything("none", data["none"]),
        before={word: tuple(said.split()) for word, said in data["before"].items()},
        after={tuple(words.split()): said for words, said in data["after"].items()},
        object_after=frozenset(data["object_after"]),
        memory=_keyword(memory["keyword"], memory["rules"], classes, prefix="memory "),
        keywords=keywords,
        words=_words(keywords, classes),
    )


def _keyword(
    name: str,
    rules: list[dict[str, Any]],
    classes: Mapping[str, frozenset[str]],
    *,
    rank: int = 0,
    prefix: str = "",
) -> Keyword:
    made = (
        DecompositionRule(
            key=f"{prefix}{name} {n}",
            when=compile_pattern(rule["when"], classes),
            say=tuple(rule["say"]),
        )
        for n, rule in enumerate(rules)
    )
    return Keyword(name=name, rank=rank, rules=tuple(made))


def _anything(key: str, sayings: list[str]) -> DecompositionRule:
    return DecompositionRule(key=key, when=compile_pattern("*", {}), say=tuple(sayings))


def _words(
    keywords: Mapping[str, Keyword], classes: Mapping[str, frozenset[str]]
) -> dict[str, Keyword]:
    """Map every word that is a keyword, by itself or as one of a class, to its rules."""
    by_class = {
        word: keyword
        for name, keyword in keywords.items()
        if name.startswith("@")
        for word in classes[name[1:]]
    }
    return by_class | {name: k for name, k in keywords.items() if not name.startswith("@")}
