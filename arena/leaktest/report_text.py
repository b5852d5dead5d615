"""A leak test as text, and as values for JSON: every family, and what was not tested."""

import math
from collections.abc import Iterator

from arena.leaktest.families import ABOUT, NOT_TESTED
from arena.leaktest.judging import ALPHA, BOUND, LEVEL, Judged, Telling
from arena.leaktest.plants import PLANTS
from arena.leaktest.running import LeakTest

#: Remarks of a family that are printed; the JSON has all.
_N_NOTES = 20
RULE = (
    f"Accuracy of telling the machine's pane from the person's in rooms not learned from; .5 is "
    f"blind. Intervals are exact, {LEVEL:.0%}. A family tells if it is above .5 (exact test, Holm "
    f"over all families, {ALPHA:.0%} for the run); one of timing (T) only if its interval also "
    f"reaches beyond {BOUND:.2f}, and then too if there were rooms enough to show that it does "
    "not. One echo string that tells is enough."
)


def format_leaktest(done: LeakTest) -> str:
    """The table of families with what it means, in lines."""
    return "\n".join(_lines(done))


def _lines(done: LeakTest) -> Iterator[str]:
    yield f"{'family':<12}{'accuracy':>9}  {'95 %':<13}{'n':>5}  judgement"
    for each in done.judged:
        mark = " (T)" if ABOUT[each.family].timing else ""
        figures = f"{number(each.accuracy):>9}  {span(each):<13}{each.choices.n:>5}"
        yield f"{each.family + mark:<12}{figures}  {each.judgement}"
        if each.judgement == Telling.TELLS:
            yield f"{'':<12}  {ABOUT[each.family].means}"
        if each.why_not_run:
            yield f"{'':<12}  {each.why_not_run}"
        notes = done.notes.get(each.family, ())
        yield from (f"{'':<12}  {note}" for note in notes[:_N_NOTES])
        if len(notes) > _N_NOTES:
            yield f"{'':<12}  and {len(notes) - _N_NOTES} more (--json lists them)"
    yield ""
    yield RULE
    yield f"{done.plan.n_pairs} pairs, model {done.plan.latency.text}, {done.length_s:.0f} s."
    yield from done.changed
    if done.n_untold:
        yield f"{done.n_untold} rooms did not come to their end, and are not counted."
    yield "Not tested:"
    yield from (f"  {each}" for each in NOT_TESTED)
    yield ""
    yield conclusion(done)


def conclusion(done: LeakTest) -> str:
    """What the run comes to, in a sentence."""
    small = [j.family for j in done.judged if j.judgement == Telling.TOO_SMALL]
    said = f" Too small a run for: {', '.join(small)}." if small else ""
    if done.telling:
        return f"TELLS: {', '.join(each.family for each in done.telling)}.{said}"
    return f"Nothing but the words tells the kinds apart, as far as was tested.{said}"


def plant_outcome(done: LeakTest) -> str | None:
    """Whether the planted leak was found, in a sentence; None where none was planted."""
    if (plant := done.plan.plant) is None:
        return None
    wanted = PLANTS[plant].caught_by
    found = wanted in {each.family for each in done.telling}
    return f"The planted leak {plant} was {'found' if found else 'NOT found'} by {wanted}."


def number(value: float) -> str:
    """A share without its 0, `-` where there is none."""
    return "-" if math.isnan(value) else f"{value:.3f}"


def span(judged: Judged) -> str:
    """The interval of an accuracy."""
    return "" if math.isnan(judged.low) else f"{judged.low:.3f}-{judged.high:.3f}"


def as_values(done: LeakTest) -> dict[str, object]:
    """Everything for JSON; what is not known is null."""

    def known(value: float) -> float | None:
        return None if math.isnan(value) else round(value, 6)

    return {
        "n_pairs": done.plan.n_pairs,
        "latency": done.plan.latency.text,
        "planted": done.plan.plant,
        "seed": done.plan.seed,
        "speed": done.plan.speed,
        "length_s": round(done.length_s, 1),
        "n_untold": done.n_untold,
        "tells": [each.family for each in done.telling],
        "families": [
            {
                "family": each.family,
                "timing": ABOUT[each.family].timing,
                "n": each.choices.n,
                "n_right": each.choices.n_right,
                "n_equal": each.choices.n_equal,
                "accuracy": known(each.accuracy),
                "low": known(each.low),
                "high": known(each.high),
                "p_adjusted": known(each.p),
                "judgement": each.judgement,
                "why_not_run": each.why_not_run,
                "looks_at": ABOUT[each.family].looks_at,
                "means": ABOUT[each.family].means,
                "notes": list(done.notes.get(each.family, ())),
            }
            for each in done.judged
        ],
        "rule": RULE,
        "changed": list(done.changed),
        "not_tested": list(NOT_TESTED),
    }
