"""How fast a model is, and whether that is fast enough for its pacing."""

import datetime as dt
import hashlib
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from arena.pacing import PacingRule
from arena.services.replies import LISTEN
from arena.timers.payloads import PendingReply, ScheduledReply
from arena.witnesses.scene import Scene
from arena.witnesses.wording import listening_s, paced

#: How many waits are drawn, each for another imagined person.
N_DRAWN = 1000
#: The share of late replies that a study's delay should keep.
MOST_LATE = 0.001
#: Rules that draw a wait of their own; with rounds, replies are shown together at the end of one.
_DRAWS = frozenset({PacingRule.CALIBRATED, PacingRule.MATCHED, PacingRule.PUBLISHED})
_AHEAD = dt.timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Latencies of the calls that gave a reply, against the waits that the pacing draws.

    A reply is late if a drawn wait and the study's delay are over before the model has it, with all
    drafts that it took; what draws no wait has None for that. `needs_delay_s` keeps that share at
    most `MOST_LATE`, as far as calls are as fast as these were: with 95 % confidence no more than
    `share_slower` of all calls are slower than the slowest of these.
    """

    n: int
    min_ms: int
    median_ms: int
    max_ms: int
    rule: str
    delay_s: int
    share_late: float | None
    needs_delay_s: int | None
    share_slower: float


def drawn(scene: Scene, text: str) -> tuple[ScheduledReply, float]:
    """An answer cut as the pacing cuts it, and the wait (s) that is drawn for it.

    Drawn for years ahead and without a calendar, so that neither the present moment nor the hour
    of the day comes into it.
    """
    awake = replace(scene.persona, life=None, calendar=None)
    ahead = replace(scene, persona=awake, heard_at=scene.heard_at + _AHEAD)
    reply, at = paced(ahead, text, pending=PendingReply(), seen_at=ahead.heard_at)
    return reply, (at.drawn_at - ahead.heard_at).total_seconds()


def timing(
    latencies_ms: Sequence[int], *, answers_ms: Sequence[int], scene: Scene, text: str
) -> Timing:
    """The timing of calls, with waits drawn for an answer such as `text`.

    `answers_ms` is how long each answer took from its first call on, with its drafts.
    """
    rule, n = scene.profile.pacing.rule, len(latencies_ms)
    late_s = _late_s(scene, text, answers_ms) if rule in _DRAWS else []
    return Timing(
        n=n,
        min_ms=min(latencies_ms),
        median_ms=round(statistics.median(latencies_ms)),
        max_ms=max(latencies_ms),
        rule=rule,
        delay_s=scene.delay_s,
        share_late=_share_over(late_s, scene.delay_s) if late_s else None,
        needs_delay_s=_covering(late_s) if late_s else None,
        share_slower=1 - 0.05 ** (1 / n),
    )


def _late_s(scene: Scene, text: str, answers_ms: Sequence[int]) -> list[float]:
    """How long (s) after each of many drawn waits each answer is there, having listened."""
    found: list[float] = []
    for each in (_with_seed(scene, n) for n in range(N_DRAWN)):
        listens_s = max(LISTEN.total_seconds(), listening_s(each))
        early_s = drawn(each, text)[1] - listens_s
        found += (ms / 1000 - early_s for ms in answers_ms)
    return found


def _share_over(late_s: Sequence[float], delay_s: float) -> float:
    return sum(each > delay_s for each in late_s) / len(late_s)


def _covering(late_s: Sequence[float]) -> int:
    """The least delay, in whole seconds, with which at most `MOST_LATE` of the replies are late."""
    n_late = math.floor(MOST_LATE * len(late_s))
    return max(0, math.ceil(sorted(late_s)[-1 - n_late]))


def _with_seed(scene: Scene, n: int) -> Scene:
    seed = hashlib.sha256(f"{scene.talk.room_seed}:{n}".encode()).hexdigest()
    return replace(scene, talk=replace(scene.talk, room_seed=seed))
