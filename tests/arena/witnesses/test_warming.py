"""What machines need is loaded before anybody waits for it."""

import subprocess
import sys

from arena.queries import personas
from tests.kit.factories import make_room
from tests.kit.paths import ROOT

MACHINE = """\
  - name: to-be-warmed
    weight: 1
    backend: openai
    model: m
    persona: You are Kim.
    options: {max_tokens: 9, timeout: 5 s}
    pacing: {rule: none}
    life: none
    memory: none
    budget: {calls: 1, tokens: 100, cost_usd: 1}
"""


def test_profiles_of_unfinished_rooms_are_in_play() -> None:
    room = make_room(machines=MACHINE).room
    profiles = [each.name for each in personas.in_play()]
    assert profiles.count("to-be-warmed") == 1
    type(room).objects.filter(id=room.id).update(phase="ended")
    assert "to-be-warmed" not in [each.name for each in personas.in_play()]


def test_warming_up_loads_the_libraries_and_minds_no_backend_that_is_gone() -> None:
    code = """
import sys
from arena import backends
assert "openai" not in sys.modules
backends.warm_up(["none-such", "eliza"])
assert "openai" not in sys.modules
backends.warm_up(["openai", "openai"])
assert "arena.backends.answer_size" in sys.modules
before = set(sys.modules)
import asyncio
from tests.arena.backends.conversations import AProfile, talk
profile = AProfile(backend="openai", model="m",
    options={"max_tokens": 9, "timeout": "5 min", "max_retries": 0,
             "base_url": "http://127.0.0.1:9/v1"})
async def ask():
    try:
        await backends.get_backend("openai").reply(talk("hi"), profile=profile, seed=1)
    except backends.BackendError as error:
        print(error.cause)
    await backends.close()
asyncio.run(ask())
print(len([name for name in set(sys.modules) - before if name.startswith("openai.types")]))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT, check=True, capture_output=True, text=True, env={"OPENAI_API_KEY": "x"},
    )  # fmt: skip
    assert done.stdout.split() == ["connection_refused", "0"]
