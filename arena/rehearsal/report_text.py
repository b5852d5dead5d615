"""A rehearsal's report as text, for a terminal."""

from collections import Counter

from arena.rehearsal.faults import Fault
from arena.rehearsal.outcome import CurveSummary, ModelCosts
from arena.rehearsal.rehearsing import Rehearsal

#: How many faults are listed one by one.
N_LISTED = 20


def format_report(done: Rehearsal) -> str:
    """The report that a host reads after a rehearsal."""
    ends = ", ".join(f"{reason} {n}" for reason, n in done.end_reasons.items())
    lines = [
        f"Rehearsed {done.n_rooms} rooms in {done.length_s:.0f} s at {done.speed:g} times real "
        f"speed: {done.n_messages} messages, {done.n_acknowledged} acknowledged commands, "
        f"{done.n_kills} kills.",
        f"Rooms ended by: {ends}.",
        *_costs(done.costs),
        _curve(done.curve),
        *_findings(done),
    ]
    return "\n".join(lines)


def _costs(costs: tuple[ModelCosts, ...]) -> list[str]:
    if not costs:
        return ["Cost: none; every machine of this study answers by itself."]
    lines = []
    for each in costs:
        price = "no price is known" if each.cost_usd is None else f"{each.cost_usd:.4f} US dollars"
        lines.append(
            f"Cost of {each.model}: {each.n_calls} calls, about {each.tokens_in} tokens read and "
            f"{each.tokens_out} written: {price}. Tokens are estimated from characters."
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
