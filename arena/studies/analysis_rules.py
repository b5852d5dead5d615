"""The rules of a study file that say what a room counts for, whatever happens in it."""

from arena.studies.design import ForcedVerdictRule, HumanSilence, UnansweredRule
from arena.studies.fields import FieldReader

_ASKED = (
    ": what a verdict given in the verdict_grace, after time was up, is to the time to detection. "
    "separate keeps it apart, as is usual; count takes it as a detection at that time; exclude "
    "takes it as not given"
)


def forced_verdict(file: FieldReader, *, grace_s: int) -> ForcedVerdictRule | None:
    """What a verdict after time was up counts for; may be left out where there can be none."""
    possible = file.valid("verdict_grace") and grace_s > 0
    if not possible and not file.has("forced_verdict"):
        file.allow("forced_verdict")
        return None
    return file.choice("forced_verdict", ForcedVerdictRule, hint=_ASKED)


def human_silence(part: FieldReader, *, low_s: int, high_s: int) -> HumanSilence:
    """When a person has left a question unanswered, and what such a room counts for."""
    silence = HumanSilence(
        after_s=part.duration_s("after", low_s=low_s, high_s=high_s),
        rule=part.choice("rule", UnansweredRule),
    )
    part.close()
    return silence
