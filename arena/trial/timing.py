"""How fast a model is, and whether that is fast enough for its pacing."""

import datetime as dt
import hashlib
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from arena.pacing import PacingRule
from arena.timers.payloads import PendingReply, ScheduledReply
from arena.witnesses.scene import Scene
from arena.witnesses.wording import listening_s, paced

#: How many waits are drawn, each for another imagined person.
N_DRAWN = 1000
#: Rules that draw a wait of their own; with rounds, replies are shown together at the end of one.
_DRAWS = frozenset({PacingRule.CALIBRATED, PacingRule.MATCHED, PacingRule.PUBLISHED})
_AHEAD = dt.timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Latencies of the calls that gave a reply, and the share of drawn waits that are shorter.

    Those replies come late: as soon as the model has them, not when the pacing says.
    """

    n: int
    min_ms: int
    median_ms: int
    max_ms: int
    rule: str
    share_late: float | None  # None where the rule draws no wait


def drawn(scene: Scene, text: str) -> tuple[ScheduledReply, float]:
    """An answer cut as the pacing cuts it, and the wait (s) that is drawn for it.

    Drawn for years ahead and without a calendar, so that neither the present moment nor the hour
    of the day comes into it.
    """
    awake = replace(scene.persona, life=None, calendar=None)
    ahead = replace(scene, persona=awake, heard_at=scene.heard_at + _AHEAD)
    reply, due_at = paced(ahead, text, pending=PendingReply(), seen_at=ahead.heard_at)
    return reply, (due_at - ahead.heard_at).total_seconds()


def timing(latencies_ms: Sequence[int], *, scene: Scene, text: str) -> Timing:
    """The timing of calls, with waits drawn for an answer such as `text`."""
    median_ms = round(statistics.median(latencies_ms))
    rule = scene.profile.pacing.rule
    share = _share_late(scene, text, median_ms / 1000) if rule in _DRAWS else None
    return Timing(
        n=len(latencies_ms),
        min_ms=min(latencies_ms),
        median_ms=median_ms,
        max_ms=max(latencies_ms),
        rule=rule,
        share_late=share,
    )


def _share_late(scene: Scene, text: str, latency_s: float) -> float:
    """How often a person's wait is over before this model, having listened, has its answer."""
    scenes = (_with_seed(scene, n) for n in range(N_DRAWN))
    late = (drawn(each, text)[1] < listening_s(each) + latency_s for each in scenes)
    return sum(late) / N_DRAWN


def _with_seed(scene: Scene, n: int) -> Scene:
    seed = hashlib.sha256(f"{scene.talk.room_seed}:{n}".encode()).hexdigest()
    return replace(scene, talk=replace(scene.talk, room_seed=seed))
