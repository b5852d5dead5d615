"""Leak tests of the whole product: a clean one tells by no trace, planted leaks are found."""

import asyncio

import pytest
from django.conf import settings

from arena.leaktest.families import ABOUT, Family
from arena.leaktest.latency import Latency
from arena.leaktest.plan import LeakPlan
from arena.leaktest.plants import PLANTS, Plant
from arena.leaktest.report_text import format_leaktest, plant_outcome
from arena.leaktest.running import LeakTest, leaktest
from tests.kit.factories import study_text
from tests.kit.people import openai

#: Leak tests use a database of their own: once is enough, whatever the others are tested on.
pytestmark = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="leak tests bring their own"
)
N_PAIRS = 20
#: What a clean product must not tell by in a short run: all that leaves nothing to behaviour.
HOLD = frozenset({Family.FRAMES, Family.ORDER, Family.SIZES, Family.IDS, Family.GRAIN, Family.ACKS})
#: What it tells by until work, delay, words and people's looks are alike: to be added to HOLD.
TO_HOLD = frozenset(
    {
        Family.PONGS, Family.ECHO, Family.LOOKUPS, Family.WAITS, Family.INITIATIVE,
        Family.SILENCE, Family.FAULTS, Family.RESTARTS,
    }
)  # fmt: skip
#: Plants that a talk of half a minute shows; the others take a few.
QUICK = (Plant.EXTRA_FIELD,)


def run(*families: Family, plant: Plant | None = None, n_pairs: int = N_PAIRS) -> LeakTest:
    # Where waits are none of the matter, there are none to wait for.
    pacing = "calibrated" if families[0] in HOLD else "none"
    in_real_time = {ABOUT[family].play for family in families}.isdisjoint({"talk"})
    plan = LeakPlan(
        text=study_text(machines=openai("ok", pacing=pacing)),
        n_pairs=n_pairs,
        latency=Latency.read("0.1s"),
        families=frozenset(families),
        plant=plant,
        speed=1.0 if in_real_time else 5.0,
    )
    return asyncio.run(leaktest(plan))


def test_families_that_are_to_hold_are_no_others() -> None:
    assert not HOLD & TO_HOLD and {PLANTS[each].caught_by for each in Plant} <= HOLD | TO_HOLD | {
        Family.PAGES
    }


def test_clean_product_tells_by_no_trace_and_a_plant_is_found() -> None:
    clean = run(*HOLD)
    assert clean.telling == (), format_leaktest(clean)
    assert {each.family for each in clean.judged} == HOLD
    assert all(each.choices.n == N_PAIRS - 4 for each in clean.judged), format_leaktest(clean)
    for plant in QUICK:
        assert_found(plant, run(*HOLD, plant=plant))


@pytest.mark.long
@pytest.mark.parametrize("family", [Family.PAGES, Family.LOOKUPS])
def test_pages_of_a_clean_product_do_not_tell(family: Family) -> None:
    clean = run(family)
    assert clean.telling == (), format_leaktest(clean)


@pytest.mark.long
@pytest.mark.parametrize("plant", [each for each in Plant if each not in QUICK])
def test_every_other_plant_is_found(plant: Plant) -> None:
    family = PLANTS[plant].caught_by
    assert_found(plant, run(family, plant=plant, n_pairs=60 if family == Family.ECHO else 24))


def assert_found(plant: Plant, done: LeakTest) -> None:
    assert PLANTS[plant].caught_by in {each.family for each in done.telling}, format_leaktest(done)
    assert plant_outcome(done) == (
        f"The planted leak {plant} was found by {PLANTS[plant].caught_by}."
    )
