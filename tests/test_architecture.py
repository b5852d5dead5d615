"""What the import contracts cannot see: sizes, the single write path, names."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.paths import ROOT

MODULES = sorted(
    path
    for package in ("turing", "arena", "analysis")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
SCRIPTS = sorted((ROOT / "arena/static/arena").rglob("*.js"))
MODULE_LINES, FUNCTION_LINES = 400, 50
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "misc"}
WRITES = {
    "create", "bulk_create", "acreate", "get_or_create", "update_or_create", "update",
    "bulk_update", "delete", "save",
}  # fmt: skip

#: Classes that Django looks for by these names, once in each model or command.
DJANGO_NAMES = {"Meta", "Command"}
#: Class names that still mean two things: public in `analysis`, or waiting for a better word.
NAMED_TWICE = {
    "Clock", "Commitment", "Rule", "Study",  # one of each belongs to the public API of `analysis`
    "Claim", "Costs", "Line", "MachineProfile", "Memory", "Pane", "Part", "Talk", "Turn", "Writer",
}  # fmt: skip


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


@pytest.mark.parametrize("path", MODULES + SCRIPTS, ids=name)
def test_module_stays_under_its_ceiling(path: Path) -> None:
    n_lines = len(path.read_text(encoding="utf-8").splitlines())
    assert n_lines <= MODULE_LINES, f"{name(path)} has {n_lines} lines: split it by noun"
    assert path.stem not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_functions_stay_under_their_ceiling(path: Path) -> None:
    for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
        first = function.body[0]
        doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        body = function.body[1:] if doc and len(function.body) > 1 else function.body
        n_lines = (body[-1].end_lineno or 0) - body[0].lineno + 1
        where = f"{name(path)}:{function.lineno} {function.name}"
        assert n_lines <= FUNCTION_LINES, f"{where} has {n_lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{name(path)} has no docstring"


def test_a_class_name_means_one_thing() -> None:
    defined = Counter(
        node.name
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and node.name not in DJANGO_NAMES
    )
    assert {name for name, n in defined.items() if n > 1} == NAMED_TWICE


def test_only_the_write_path_writes_events() -> None:
    writers = [
        name(path)
        for path in MODULES
        if any(_writes_events(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    ]
    assert writers == ["arena/events/unit.py"]


def _writes_events(node: ast.AST) -> bool:
    """Whether a node is `Event(…)`, or `Event.objects….create(…)` and its like."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name) and node.func.id == "Event":
        return True
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in WRITES:
        return False
    names = {part.id for part in ast.walk(node.func) if isinstance(part, ast.Name)}
    return "Event" in names


def test_no_signals_inside_the_project() -> None:
    for path in MODULES:
        assert "django.db.models.signals" not in path.read_text("utf-8"), name(path)
        assert "@receiver" not in path.read_text("utf-8"), name(path)
