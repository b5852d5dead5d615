"""A run's report, for a terminal."""

from tests.faults.laboratory.running import Report

N_LISTED = 20


def format_report(report: Report) -> str:
    """What was done, what was seen, and what was wrong."""
    done = ", ".join(f"{what} {n}" for what, n in sorted(report.done.items()))
    sums = report.sums
    lines = [
        f"On {report.database}, in {report.length_s:.0f} s, with seed {report.seed}: {done}.",
        f"{sums['people']} people in {sums['rooms']} rooms connected {sums['connections']} times. "
        f"Of {sums['sent']} commands {sums['acknowledged']} were acknowledged and "
        f"{sums['refused']} came too late; {sums['cut']} were cut, {sums['cut_stored']} of them "
        f"stored already; {sums['put_off']} were put off by a server that could not store.",
        f"{sums['stored']} events were stored, {sums['shown']} shown, {sums['held']} answers held "
        f"in {sums['rounds']} rounds.",
        *(f"Skipped: {what}" for what in report.skipped),
    ]
    if not report.findings:
        return "\n".join([*lines, "Nothing was lost, doubled, early, out of order or unseen."])
    more = len(report.findings) - N_LISTED
    return "\n".join(
        [
            *lines,
            f"{len(report.findings)} FAULTS:",
            *(f"  {finding}" for finding in report.findings[:N_LISTED]),
            *([f"  and {more} more"] if more > 0 else []),
        ]
    )
