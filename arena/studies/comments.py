"""What is sound in a study file and may still not be what its author wants."""

from collections.abc import Iterator

from arena import backends
from arena.studies.design import ProfileSpec, StudyFile
from arena.studies.fields import format_duration


def comments(study: StudyFile) -> Iterator[str]:
    """Yield a sentence for each, with what to do about it."""
    for machine in study.machines:
        timeout_s = _timeout_s(machine)
        if timeout_s is not None and timeout_s > study.machine_down.after_s:
            yield (
                f"machine_down.after is {format_duration(study.machine_down.after_s)}, less than "
                f"the timeout of the machine {machine.name} ({timeout_s:g} s): a call is given up "
                "when machine_down.after is over. Raise it, or lower the timeout."
            )


def _timeout_s(machine: ProfileSpec) -> float | None:
    """How long a profile waits for a reply; None where its backend has no such option."""
    option = backends.options(machine.backend).get("timeout")
    found = None if option is None else option.read(machine.options, "timeout")
    return found if isinstance(found, float) else None
