"""Whether a study's machines answer: asked by commands before rooms are opened to people."""

import asyncio
from collections.abc import Callable, Sequence

from django.core.management.base import CommandError

from arena import trial
from arena.studies.design import ProfileSpec, StudyFile

UNTRIED = (
    "No room was made: a machine that does not answer is silent, and of two panes the silent one "
    "is the machine's. Mend what is said above (`machine try FILE` shows every call), or open the "
    "study all the same with --untried."
)


def ask_machines(
    design: StudyFile, machines: Sequence[ProfileSpec], *, tell: Callable[[str], None]
) -> None:
    """Ask each machine one question and tell what came of it; raise if one did not answer."""
    tried = asyncio.run(
        trial.try_machines(
            machines,
            lambda machine: trial.TrialSetting.of(design, machine),
            questions=trial.QUESTIONS[:1],
            done=lambda each: tell(trial.one_line(each)),
        )
    )
    trial.keep_where_possible(tried)
    if n_failed := sum(not each.ok for each in tried):
        raise CommandError(
            f"{n_failed} of {len(tried)} machines gave no answer that a room would show.",
            returncode=1,
        )


def require_answers(design: StudyFile, *, tell: Callable[[str], None]) -> None:
    """Refuse to open rooms whose machines do not answer now and have not answered of late."""
    machines = trial.untried(design.machines)
    if not machines:
        return
    names = ", ".join(machine.name for machine in machines)
    tell(f"Asking {names} one question before any room is made (--untried leaves that out) …")
    try:
        ask_machines(design, machines, tell=tell)
    except CommandError as error:
        raise CommandError(f"{error} {UNTRIED}", returncode=1) from None
