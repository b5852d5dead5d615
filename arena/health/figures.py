"""What the calls of a machine come to: sums that one call after the other is added to."""

import datetime as dt
import functools
import math
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from arena.event_kinds import NOT_ASKED, MachineCall, Purpose

GOOD = "ok"
#: Latencies are counted by eighths of a doubling, so that a quantile is right within 5 %.
_BINS_A_DOUBLING = 8


@dataclass(slots=True, kw_only=True)
class MachineFigures:
    """Sums over calls. A failure of memory's calls is counted as "extract timeout"."""

    n_calls: int = 0
    n_retries: int = 0  # calls for a reply to what the call before had failed to answer
    n_unanswered: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    n_priced: int = 0
    cost_usd: float = 0.0
    last_good_at: dt.datetime | None = None
    failures: dict[str, int] = field(default_factory=dict)
    latencies: dict[int, int] = field(default_factory=dict)  # of good calls, by bin

    @classmethod
    def from_json(cls, text: str) -> "MachineFigures":
        return _adapter().validate_json(text)

    def to_json(self) -> str:
        return _adapter().dump_json(self, exclude_defaults=True).decode()

    @property
    def n_failed(self) -> int:
        return sum(self.failures.values())

    @property
    def by_kind(self) -> list[tuple[str, int]]:
        """Failures by their kind, the most frequent first."""
        return sorted(self.failures.items(), key=lambda each: (-each[1], each[0]))

    @property
    def median_ms(self) -> int | None:
        return self.latency_ms(0.5)

    @property
    def slow_ms(self) -> int | None:
        """What one good call in twenty takes longer than."""
        return self.latency_ms(0.95)

    def latency_ms(self, share: float) -> int | None:
        """The latency that this share of the good calls does not exceed; None without any."""
        wanted, passed = share * sum(self.latencies.values()), 0
        for each in sorted(self.latencies):
            passed += self.latencies[each]
            if passed >= wanted:
                return round(2 ** (each / _BINS_A_DOUBLING))
        return None

    def add_call(self, call: MachineCall, *, at: dt.datetime, is_retry: bool) -> None:
        """Count a call, whatever came of it."""
        self.n_calls += call.outcome != NOT_ASKED
        self.n_retries += is_retry
        self.tokens_in += call.tokens_in or 0
        self.tokens_out += call.tokens_out or 0
        if call.cost_usd is not None:
            self.n_priced += 1
            self.cost_usd += call.cost_usd
        if call.outcome == GOOD:
            self.last_good_at = at
            each = round(_BINS_A_DOUBLING * math.log2(max(1, call.latency_ms)))
            self.latencies[each] = self.latencies.get(each, 0) + 1
        else:
            kind = failure_of(call)
            self.failures[kind] = self.failures.get(kind, 0) + 1


def failure_of(call: MachineCall) -> str:
    """The kind of a failed call, with its purpose where it was not to be a reply."""
    return call.outcome if call.purpose == Purpose.REPLY else f"{call.purpose} {call.outcome}"


@functools.cache
def _adapter() -> TypeAdapter[MachineFigures]:
    return TypeAdapter(MachineFigures)
