"""The package as a whole: light to import, complete, and its examples run."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import analysis

MODULES = sorted(module.name for module in pkgutil.walk_packages(analysis.__path__, "analysis."))
HEAVY = ("numpy", "pandas", "scipy", "matplotlib", "jinja2", "pyarrow", "django")


def loaded_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize(
    "statement",
    [
        "import analysis",
        "import analysis.dataset.schema, analysis.dataset.chain",
        "import analysis; dir(analysis)",
    ],
)
def test_import_loads_nothing_heavy(statement: str) -> None:
    assert not loaded_after(statement) & set(HEAVY)


def test_estimators_load_no_pandas() -> None:
    loaded = loaded_after("import analysis; analysis.cumulative_incidence([1], [1])")
    assert not loaded & {"pandas", "matplotlib", "jinja2", "pyarrow", "django"}


def test_every_public_name_is_there() -> None:
    assert all(getattr(analysis, name) is not None for name in analysis.__all__)
    assert set(analysis.__all__) <= set(dir(analysis))


def test_no_module_hides_a_public_name() -> None:
    submodules = {name.removeprefix("analysis.") for name in MODULES}
    assert submodules & set(analysis.__all__) == {"sequential"}  # which is public as a module


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="attribute nonsense"):
        analysis.nonsense  # noqa: B018


@pytest.mark.parametrize("name", [name for name in MODULES if name != "analysis.__main__"])
def test_examples_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
