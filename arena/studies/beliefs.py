"""What a study file says of beliefs: how often they are asked for, and when one is a decision."""

from arena.studies.design import CommitmentRule, CommitmentSettings
from arena.studies.fields import MAX_DURATION_S, FieldReader


def every_s(belief: FieldReader) -> int | None:
    """How often the interrogator is asked for a belief; None for never."""
    found = belief.duration_s_or("prompt_every", "never", low_s=10, high_s=MAX_DURATION_S)
    belief.close()
    return found


def commitment(part: FieldReader) -> CommitmentSettings:
    """When a belief counts as a decision."""
    rule = part.choice("rule", CommitmentRule)
    if rule == CommitmentRule.THRESHOLD:
        settings = CommitmentSettings(
            rule=rule,
            tau=part.number("tau", low=0.5, high=1, above_low=True),
            sensitivity=part.numbers("sensitivity", low=0.5, high=1),
            dwell_s=part.duration_s("dwell", low_s=0, high_s=MAX_DURATION_S),
            dwell_messages=part.integer("dwell_messages", low=1, high=1000),
        )
        if part.valid("tau", "sensitivity") and settings.tau in settings.sensitivity:
            part.refuse("sensitivity", f"values other than tau ({settings.tau:g}) itself")
        part.close()
        return settings
    for key in ("tau", "sensitivity", "dwell", "dwell_messages"):
        if rule is not None and part.has(key):
            part.refuse(key, "no such key, except with rule threshold")
    if rule is not None:
        part.close()
    return CommitmentSettings(
        rule=rule, tau=None, sensitivity=(), dwell_s=None, dwell_messages=None
    )
