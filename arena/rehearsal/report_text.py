"""A rehearsal's report as text, for a terminal."""

from collections import Counter

from arena.rehearsal.faults import Fault
from arena.rehearsal.outcome import CurveSummary
from arena.rehearsal.rehearsing import Rehearsal

#: How many faults are listed one by one.
N_LISTED = 20
_ESTIMATED = " Tokens are estimated from characters."


def format_report(done: Rehearsal) -> str:
    """The report that a host reads after a rehearsal."""
    ends = ", ".join(f"{reason} {n}" for reason, n in done.end_reasons.items())
    lines = [
        f"Rehearsed {done.n_rooms} rooms in {done.length_s:.0f} s at {done.speed:g} times real "
        f"speed: {done.n_messages} messages, {done.n_acknowledged} acknowledged commands, "
        f"{done.n_kills} kills.",
        f"Rooms ended by: {ends}.",
        *_calls(done),
        *_costs(done),
        *([] if done.stopped else [_curve(done.curve)]),
        *_findings(done),
    ]
    return "\n".join(lines)


def _calls(done: Rehearsal) -> list[str]:
    """How the models answered, where there are any."""
    if not done.calls:
        return []
    went = ", ".join(f"{outcome} {n}" for outcome, n in done.calls.items())
    whose = "the study's own models" if done.is_real else "a stand-in for the models"
    return [f"Calls to {whose}: {went}; {done.n_withheld} questions stayed without an answer."]


def _costs(done: Rehearsal) -> list[str]:
    if not done.calls:
        return ["Cost: none; every machine of this study answers by itself."]
    about, estimated = ("", "") if done.is_real else ("about ", _ESTIMATED)
    lines = []
    for each in done.costs:
        price = "no price is known" if each.cost_usd is None else f"{each.cost_usd:.4f} US dollars"
        lines.append(
            f"Cost of {each.model}: {each.n_calls} calls, {about}{each.tokens_in} tokens read and "
            f"{each.tokens_out} written: {price}.{estimated}"
        )
    return lines


def _curve(curve: CurveSummary | None) -> str:
    if curve is None:
        return "CurveSummary: no room went live, so there is none."
    return (
        f"CurveSummary (simulated; these people decide by chance): of {curve.n_rooms} rooms "
        f"{100 * curve.detected:.0f} % detected and {100 * curve.falsely_accused:.0f} % accused "
        f"the human, within {curve.end_ms / 60_000:.1f} min."
    )


def _findings(done: Rehearsal) -> list[str]:
    if done.stopped:
        return [done.stopped]
    if not done.findings:
        return ["Nothing was lost, doubled, late, early or leaked."]
    counted = Counter(finding.fault for finding in done.findings)
    summary = ", ".join(f"{fault} {counted[fault]}" for fault in Fault)
    more = len(done.findings) - N_LISTED
    return [
        f"Faults: {summary}.",
        *(f"  {finding}" for finding in done.findings[:N_LISTED]),
        *([f"  and {more} more"] if more > 0 else []),
    ]
