"""The text of a study file as a tree in which every value knows its line, and the problems found.

Reads a small, unsurprising YAML: no anchors, tags or repeated keys, and only true, false, null and
decimal numbers are not plain text. Which values are expected is not known here.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import yaml

from arena.errors import ArenaError

MAX_CHARS = 400_000
MAX_DEPTH = 20
_SHOWN_CHARS = 60

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem: its line and path, the value found, what was expected."""

    line: int
    where: str
    value: str
    expected: str


class StudyFileError(ArenaError):
    code: ClassVar[str] = "study.file"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__(format_problems(self.problems, "The study file"))


def format_problems(problems: Sequence[Problem], filename: str) -> str:
    """Lay the problems out for a terminal, in the order of the file."""
    n = len(problems)
    width = max((len(str(problem.line)) for problem in problems), default=1)
    lines = [f"{filename} has {n} problem{'' if n == 1 else 's'}:"]
    for problem in sorted(problems, key=lambda problem: problem.line):
        found = ": ".join(part for part in (problem.where, problem.value) if part)
        lines.append(f"  line {problem.line:>{width}}  {found}")
        lines.append(f"       {'':>{width}}  expected {problem.expected}")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A value with its line and its path: a scalar, a list, or a mapping in the file's order."""

    line: int
    where: str
    value: "Scalar | list[Located] | dict[str, Located]"


def shown(value: object) -> str:
    """A short form of a value on one line."""
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return shortened(text if text.isprintable() else json.dumps(value))


def shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 3] + "..."


def unlocated(place: Located) -> object:
    """The bare value: lists, dicts and scalars."""
    if isinstance(place.value, dict):
        return {key: unlocated(each) for key, each in place.value.items()}
    if isinstance(place.value, list):
        return [unlocated(each) for each in place.value]
    return place.value


def load(text: str) -> tuple[Located, list[Problem]]:
    """Read the text of a study file; raise StudyFileError when no tree can be made of it."""
    if len(text) > MAX_CHARS:
        raise _no_tree(1, f"{len(text)} characters", f"at most {MAX_CHARS}")
    try:
        _refuse_anchors_and_depth(text)
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise _no_tree(line, ascii(text[error.position]), "characters that can be shown") from None
    except yaml.MarkedYAMLError as error:
        found = ", ".join(part for part in (error.context, error.problem) if part)
        mark = error.problem_mark
        raise _no_tree(1 if mark is None else mark.line + 1, found, "well-formed YAML") from None
    except (ValueError, OverflowError):
        raise _no_tree(1, "an escape that encodes no character", "well-formed YAML") from None
    if not isinstance(node, yaml.MappingNode):
        raise _no_tree(1, "no keys", 'a mapping that begins with keys such as "study: my-study"')
    problems: list[Problem] = []
    return _located(node, "", problems), problems


def _no_tree(line: int, value: str, expected: str) -> StudyFileError:
    return StudyFileError([Problem(line=line, where="", value=value, expected=expected)])


def _refuse_anchors_and_depth(text: str) -> None:
    """Refuse anchors, since a few can expand to a billion values, and deep nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            expected = "the value written out; quote * or &"
            raise _no_tree(line, "an anchor or alias (& or *)", expected)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _no_tree(line, f"more than {MAX_DEPTH} levels", "fewer levels of nesting")


def _located(node: yaml.Node, where: str, problems: list[Problem]) -> Located:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Located(line=line, where=where, value=dict(_entries(node, where, problems)))
    if isinstance(node, yaml.SequenceNode):
        items = [_located(each, f"{where}[{n}]", problems) for n, each in enumerate(node.value)]
        return Located(line=line, where=where, value=items)
    if not isinstance(node, yaml.ScalarNode):
        raise TypeError(f"A YAML node must be a mapping, a sequence or a scalar (got {node!r}).")
    if node.tag not in ("tag:yaml.org,2002:str", "!"):
        found = Problem(line=line, where=where, value=f"the tag {node.tag}", expected="no tag")
        problems.append(found)
    return Located(line=line, where=where, value=_scalar(node))


def _entries(
    node: yaml.MappingNode, where: str, problems: list[Problem]
) -> Iterator[tuple[str, Located]]:
    seen: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "a key in brackets"
        name = key if key.isprintable() else ascii(key)
        path = f"{where}.{shortened(name)}" if where else shortened(name)
        if key in seen:
            expected = f"each key once; line {seen[key]} has it already"
            problems.append(
                Problem(line=line, where=path, value="a repeated key", expected=expected)
            )
            continue
        seen[key] = line
        yield key, _located(value_node, path, problems)


_NULL = re.compile(r"|~|null")
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")


def _scalar(node: yaml.ScalarNode) -> Scalar:
    text = str(node.value)
    if node.style is not None:
        return text
    if _NULL.fullmatch(text):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
