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
HOUSES = ("turing", "arena", "analysis", "bench")
#: Tests of what no single module does.
CROSS_CUTTING = {
    "test_api",  # what a notebook relies on
    "test_blindness",  # frames of rooms that differ in who is the machine
    "test_contract",  # every backend
    "test_corpus",  # the labelled replies for the gate: their form
    "test_coverage",  # every interval, over simulated studies
    "test_docs",  # pages against code
    "test_echo_parity",  # what a person and a willing machine show, through the whole loop
    "test_false_alarms",  # every sequential method, over simulated studies
    "test_injections",  # attacks on the gate, the prompt and the backend at once
    "test_injections_live",
    "test_invariance",  # laws of every estimator
    "test_package",  # imports and examples
    "test_providers",  # both backends for language models
    "test_reference",  # every number of R
}
MODULE_LINES, FUNCTION_LINES = 400, 50
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "misc"}
WRITES = {
    "create", "bulk_create", "acreate", "get_or_create", "update_or_create", "update",
    "bulk_update", "delete", "save",
}  # fmt: skip

#: Classes that Django looks for by these names, once in each model or command.
DJANGO_NAMES = {"Meta", "Command"}
#: A study is a row of the database and, for the reader of an export, what was read.
NAMED_TWICE = {"Study"}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """Every module, parsed."""
    return {name(path): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def test_modules_stay_under_their_ceiling() -> None:
    n_lines = {name(path): len(path.read_text("utf-8").splitlines()) for path in MODULES + SCRIPTS}
    too_long = {where: n for where, n in n_lines.items() if n > MODULE_LINES}
    assert too_long == {}, "split them by noun"
    assert [name(path) for path in MODULES + SCRIPTS if path.stem in FORBIDDEN_NAMES] == []


def test_functions_stay_under_their_ceiling(trees: dict[str, ast.Module]) -> None:
    n_lines = {
        f"{where}:{function.lineno} {function.name}": _n_lines(function)
        for where, tree in trees.items()
        for function in functions(tree)
    }
    assert {where: n for where, n in n_lines.items() if n > FUNCTION_LINES} == {}


def _n_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function's body, its docstring apart."""
    first = function.body[0]
    doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    body = function.body[1:] if doc and len(function.body) > 1 else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def test_a_class_name_means_one_thing(trees: dict[str, ast.Module]) -> None:
    defined = Counter(
        node.name
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name not in DJANGO_NAMES
    )
    assert {name for name, n in defined.items() if n > 1} == NAMED_TWICE


def test_every_module_says_what_it_is_for(trees: dict[str, ast.Module]) -> None:
    silent = [where for where, tree in trees.items() if tree.body and not ast.get_docstring(tree)]
    assert silent == []


def test_every_test_is_found_by_the_name_of_its_module() -> None:
    """`test_x.py`, or `test_x_aspect.py`, stands where `x` stands; other tests are named here."""
    strays = [
        name(path)
        for house in HOUSES
        for path in sorted((ROOT / "tests" / house).rglob("test_*.py"))
        if path.stem not in CROSS_CUTTING and not _has_module(path)
    ]
    assert strays == []


def _has_module(test: Path) -> bool:
    folder = ROOT / test.parent.relative_to(ROOT / "tests")
    # A folder's own `__init__` is tested under the folder's name, `__main__` under `main`.
    there = {path.stem.strip("_") for path in folder.iterdir()} - {"init"} | {folder.name}
    words = test.stem.removeprefix("test_").split("_")
    return any("_".join(words[:n]) in there for n in range(1, len(words) + 1))


def test_only_the_write_path_writes_events(trees: dict[str, ast.Module]) -> None:
    writers = [where for where, tree in trees.items() if any(map(_writes_events, ast.walk(tree)))]
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
