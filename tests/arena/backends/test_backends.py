"""Finding backends by name, and checking a profile before it is used."""

import subprocess
import sys
from pathlib import Path

import pytest

from arena import backends
from arena.backends import BackendBroken, BackendUnknown, ProfileProblem
from tests.arena.backends.conversations import AProfile


def offer(folder: Path, *, name: str, module: str, source: str) -> None:
    """Lay out an installed package that offers a backend."""
    (folder / f"{module}.py").write_text(source)
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{backends.GROUP}]\n{name} = {module}:Machine\n")


def test_unknown_backend_names_the_known_ones_and_the_way_to_more() -> None:
    with pytest.raises(BackendUnknown) as caught:
        backends.get_backend("elisa")
    assert str(caught.value) == (
        f"There is no backend 'elisa'. Known here: {', '.join(backends.names())}. Correct the "
        "name, or install the package that provides it in this environment: a package offers a "
        "backend through the entry-point group 'turing_arena.backends'."
    )


def test_backend_is_one_instance() -> None:
    assert backends.get_backend("eliza") is backends.get_backend("eliza")


def test_somebody_elses_backend_comes_through_the_same_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "class Machine:\n    OPTIONS = {}\n    MODELS = None\n    async def reply(self): ...\n"
    offer(tmp_path, name="parrot", module="parrot_arena", source=source)
    monkeypatch.syspath_prepend(str(tmp_path))

    assert "parrot" in backends.names()
    assert backends.options("parrot") == {}


@pytest.mark.parametrize(
    ("name", "source", "why"),
    [
        ("lame", "class Machine:\n    OPTIONS = {}\n", "it lacks MODELS, reply"),
        ("gone", "import none_such\n", "ModuleNotFoundError: No module named 'none_such'"),
        ("void", "", "AttributeError: module 'void_arena' has no attribute 'Machine'"),
    ],
)
def test_broken_backend_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str, why: str
) -> None:
    offer(tmp_path, name=name, module=f"{name}_arena", source=source)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BackendBroken) as caught:
        backends.get_backend(name)
    assert str(caught.value).startswith(
        f"The backend {name!r} is installed but cannot be used: {why}. Expected a class"
    )


def test_name_offered_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("twice_one", "twice_two"):
        offer(tmp_path, name="twice", module=module, source="")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(BackendBroken, match="several packages offer it"):
        backends.get_backend("twice")


def test_check_names_every_problem_at_once() -> None:
    machine = AProfile(
        backend="openai",
        model=" ",
        options={"temprature": 1, "temperature": True, "max_tokens": 0, "seed": "yes"},
    )
    assert sorted(backends.check(machine), key=lambda problem: problem.where) == [
        ProfileProblem(where="model", value="' '", expected="the name of a model"),
        ProfileProblem(
            where="options.max_tokens", value="0", expected="a whole number from 1 to 200000"
        ),
        ProfileProblem(where="options.seed", value="'yes'", expected="true or false"),
        ProfileProblem(where="options.temperature", value="True", expected="a number from 0 to 2"),
        ProfileProblem(
            where="options.temprature",
            value="1",
            expected="one of the options api, base_url, extra_body, frequency_penalty, key_env, "
            "limit_field, max_calls, max_retries, max_tokens, min_p, presence_penalty, "
            "price_cached_in, price_in, price_out, reasoning_effort, seed, stop, temperature, "
            "timeout, top_k, top_p, verbosity",
        ),
        ProfileProblem(
            where="options.timeout",
            value="missing",
            expected='a duration from 0.1 s to 3600 s, with its unit ("60 s")',
        ),
    ]


def test_check_names_an_unknown_backend_and_script() -> None:
    (unknown,) = backends.check(AProfile(backend="elisa", model="x"))
    (no_script,) = backends.check(AProfile(backend="eliza", model="doktor"))
    assert (unknown.where, unknown.value) == ("backend", "'elisa'")
    assert no_script == ProfileProblem(where="model", value="'doktor'", expected="one of doctor")


@pytest.mark.parametrize("name", ["openai", "litellm"])
def test_options_are_known_without_the_library(name: str) -> None:
    code = (
        "import sys; from arena import backends; "
        f"assert 'temperature' in backends.options({name!r}); "
        "assert not {'openai', 'litellm'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
