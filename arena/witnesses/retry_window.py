"""How long a witness that fails tries again, and when. Pure.

A person who saw a question answers it late, or not at all: after some time nobody would expect an
answer to it alone. Until then a failed reply is tried again, with growing waits.
"""

import datetime as dt
import random
from dataclasses import dataclass

from arena.pacing.calibrated import LONGEST_THOUGHT_S
from arena.studies.design import StudyFile

#: A question may be answered as long after it was seen as people in a chat think at most, or after
#: this share of a longer room's time; but never after more than that share of a short one's, nor
#: after half a day.
SHARE, MOST_SHARE, LONGEST = 0.1, 1 / 3, dt.timedelta(hours=12)
#: Waits (s) between tries: the first, each twice the last, and the longest, which is also bound
#: to a share of all the time there is.
FIRST_S, LONGEST_S, LONGEST_SHARE = 1.0, 300.0, 1 / 8
#: The same where no try helps before somebody mends the settings or the account.
HOPELESS_FIRST_S, HOPELESS_SHARE = 30.0, 1 / 4
#: Of the time that it has waited already, a witness waits so much more before it looks again
#: whether a provider is asked again.
_HOLD_SHARE = 1 / 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryWindow:
    """Until when a question is tried again, and from when on its room's machine is down."""

    seen_at: dt.datetime
    tries_until: dt.datetime
    down_at: dt.datetime

    @classmethod
    def of(
        cls,
        study: StudyFile,
        *,
        seen_at: dt.datetime,
        failing_since: dt.datetime | None = None,
        round_ends_at: dt.datetime | None = None,
    ) -> "RetryWindow":
        """The window of a witness that saw a question at `seen_at`.

        `failing_since` is when it saw the first that it still owes an answer to.
        """
        after = dt.timedelta(seconds=study.machine_down.after_s)
        most = min(after, LONGEST, dt.timedelta(seconds=_attention_s(study.duration_s)))
        tries_until = seen_at + most
        if study.rounds_s is not None:  # An answer counts in the round of its question alone.
            tries_until = min(tries_until, round_ends_at or seen_at)
        return cls(
            seen_at=seen_at,
            tries_until=tries_until,
            down_at=(failing_since or seen_at) + after,
        )

    def next_try(
        self,
        now: dt.datetime,
        *,
        n_failed: int,
        hopeless: bool = False,
        rest_s: float = 0.0,
        rng: random.Random,
    ) -> dt.datetime | None:
        """When to try again after `n_failed` failures; None if that would be too late.

        Not before `rest_s` are over, for which the provider asks to be left alone.
        """
        span_s = (self.tries_until - self.seen_at).total_seconds()
        first_s = min(HOPELESS_FIRST_S, HOPELESS_SHARE * span_s) if hopeless else FIRST_S
        share = HOPELESS_SHARE if hopeless else LONGEST_SHARE
        longest_s = min(LONGEST_S, max(share * span_s, first_s))
        doubled_s = first_s * 2.0 ** min(n_failed - 1, 30)
        return self._in_time(now, min(longest_s, doubled_s) * rng.uniform(0.5, 1.0), rest_s)

    def next_look(
        self, now: dt.datetime, *, rest_s: float, rng: random.Random
    ) -> dt.datetime | None:
        """When to look again whether the provider is asked, which is left alone for `rest_s`.

        At the last moment too: another room's call may have found it back before that.
        """
        waited_s = (now - self.seen_at).total_seconds()
        most_s = min(LONGEST_S, _HOLD_SHARE * max(0.0, waited_s))
        return self._in_time(now, max(rest_s, most_s * rng.uniform(0.5, 1.0)), 0.0)

    def _in_time(self, now: dt.datetime, wait_s: float, rest_s: float) -> dt.datetime | None:
        """After a wait, or at the last moment; None if the provider may not be asked by then."""
        last = min(self.tries_until, self.down_at)
        left_s = (last - now).total_seconds()
        if left_s <= 0 or rest_s > left_s:
            return None
        return now + dt.timedelta(seconds=min(max(wait_s, rest_s), left_s))


def _attention_s(duration_s: int) -> float:
    return min(max(LONGEST_THOUGHT_S, SHARE * duration_s), MOST_SHARE * duration_s)
