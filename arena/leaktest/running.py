"""A whole leak test: the plays, one after another, then all families judged together."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from arena.leaktest import design
from arena.leaktest.choosing import Choices, choose
from arena.leaktest.families import Family
from arena.leaktest.judging import Judged, Telling, judge_families
from arena.leaktest.performing import PLAYS, Found
from arena.leaktest.plan import LeakPlan
from arena.studies.file import parse


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakTest:
    """What a leak test came to."""

    plan: LeakPlan
    judged: tuple[Judged, ...]
    notes: dict[Family, tuple[str, ...]]
    changed: tuple[str, ...]
    length_s: float
    n_untold: int  # rooms whose end did not tell who was who

    @property
    def telling(self) -> tuple[Judged, ...]:
        """The families that tell."""
        return tuple(each for each in self.judged if each.judgement == Telling.TELLS)


async def leaktest(plan: LeakPlan, *, tell: Callable[[str], None] = lambda line: None) -> LeakTest:
    """Play all that is asked for, and judge all families together."""
    began = time.monotonic()
    whole = Found()
    for play in plan.plays:
        tell(f"{play}: {', '.join(plan.of(play))}")
        found = await PLAYS[play](plan, tell)
        whole.families |= found.families
        whole.notes |= found.notes
        whole.n_untold += found.n_untold
    choices = {
        family: each if isinstance(each, Choices | str) else choose(each)
        for family, each in whole.families.items()
    }
    return LeakTest(
        plan=plan,
        judged=tuple(judge_families(choices)),
        notes=whole.notes,
        changed=design.what_was_changed(parse(plan.text)),
        length_s=time.monotonic() - began,
        n_untold=whole.n_untold,
    )
