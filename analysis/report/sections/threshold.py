"""The section of a report that repeats the event with other thresholds of commitment."""

import pandas as pd

from analysis.numerics.estimate import Estimate
from analysis.outcomes.commitment import Commitment, Rule, study_rule
from analysis.report import wording
from analysis.report.curves import ClockCurve, estimate
from analysis.report.page import ReportSection, ReportTable


def sensitivity_section(curve: ClockCurve) -> ReportSection | None:
    """Other thresholds of commitment; None if the verdict alone decides."""
    rule = study_rule(curve.study)
    if rule.commitment is not Commitment.THRESHOLD:
        return None
    title, intro = (
        "Other thresholds",
        "How much the numbers owe to the belief that counts as a decision.",
    )
    if curve.missing:
        return ReportSection(
            key="sensitivity", title=title, intro=(intro,), missing=(curve.missing,)
        )
    registered, taus = _thresholds(curve, rule)
    rows, frame = [], []
    for tau in taus:
        other = Rule(
            commitment=rule.commitment,
            tau=tau,
            dwell_ms=rule.dwell_ms,
            dwell_messages=rule.dwell_messages,
        )
        found = estimate(curve.study, curve.clock, witness=curve.witness, rule=other)
        early = int((found.rooms["decided_by"] == "commitment").sum())
        shares = [found.result.at(curve.end, cause) for cause in (1, 2)]
        median = found.result.quantile(0.5)
        name = f"{tau:g}" + (" (the study's rule)" if tau == rule.tau else "")
        cells = [wording.share(each) for each in shares]
        rows.append((name, f"{early}", *cells, wording.moment(median, curve.clock, curve.unit)))
        frame += [
            _line(tau, early, cause, found=each) for cause, each in zip((1, 2), shares, strict=True)
        ]
    head = ("Threshold", "Decided before the verdict", *curve.names, "Median time to detection")
    caption = f"Incidence by {curve.end_words} and median, with 95 % intervals."
    table = ReportTable(
        name="sensitivity", caption=caption, head=head, rows=tuple(rows), frame=pd.DataFrame(frame)
    )
    source = "fixed in the study's rules" if registered else "customary, as the rules name none"
    return ReportSection(
        key="sensitivity",
        title=title,
        intro=(intro, f"The other thresholds are {source}; the dwell is the same for all."),
        tables=(table,),
        assumes="Beliefs are known only when they are reported: a decision cannot be dated more "
        "finely than reports were asked for. It is dated at the end of the dwell.",
        methods=(
            "The event was repeated with thresholds of "
            f"{wording.listed([f'{tau:g}' for tau in taus])}.",
        ),
    )


def _thresholds(curve: ClockCurve, rule: Rule) -> tuple[bool, list[float]]:
    given = curve.study.config.get("commitment")
    others = given.get("sensitivity") if isinstance(given, dict) else None
    chosen = [float(tau) for tau in others] if others else [0.7, 0.8, 0.9]
    return bool(others), sorted({rule.tau, *chosen})


def _line(tau: float, early: int, cause: int, *, found: Estimate) -> dict[str, object]:
    return {
        "threshold": tau,
        "decided_by_commitment": early,
        "cause": cause,
        "incidence": found.value,
        "std_error": found.std_error,
        "low": found.low,
        "high": found.high,
    }
