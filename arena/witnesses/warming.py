"""Loading what machines need before they are asked: libraries, and what counts tokens.

Loading takes seconds and stops the event loop for tenths of one, whichever thread it is done in.
So a process loads before it serves; for rooms that are made later, within a minute.
"""

from collections.abc import Iterable

from arena import backends
from arena.studies.design import ProfileSpec
from arena.witnesses.memory.tokens import counter_now


def warm_up(profiles: Iterable[ProfileSpec]) -> None:
    """Load what these profiles need that is not loaded yet."""
    machines = tuple(profiles)
    backends.warm_up(machine.backend for machine in machines)
    backends.warm_up(machine.judge.backend for machine in machines if machine.judge is not None)
    for machine in machines:
        if machine.memory is not None:
            counter_now(machine.model)
