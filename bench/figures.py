"""What the load generator is told and what it reports, as it crosses the pipe between processes."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPlan:
    """A room to load: where its sockets connect and, for the product, what opens its seats."""

    path: str
    port: int = 0  # known when the servers run
    tokens: tuple[str, ...] = ()  # the interrogator's and the human witness's
    pane: str | None = None  # the human witness's


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run against one server, whose processes and whose database's are watched."""

    server_pids: tuple[int, ...]
    database_pids: tuple[int, ...]
    rooms: tuple[RoomPlan, ...]
    rate: float
    seconds: float

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        values = json.loads(text)
        rooms = tuple(
            RoomPlan(**{**room, "tokens": tuple(room["tokens"])}) for room in values.pop("rooms")
        )
        return cls(rooms=rooms, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Half of the samples, and 99 in 100, took at most this long."""

    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, samples_s: Sequence[float]) -> "Latency":
        if not samples_s:
            return cls(p50_ms=math.nan, p99_ms=math.nan)
        ranked = sorted(samples_s)
        return cls(p50_ms=_rank(ranked, 0.5) * 1000, p99_ms=_rank(ranked, 0.99) * 1000)


def _rank(ranked: Sequence[float], share: float) -> float:
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What one kind of load showed. CPU is of all processes and counts their afterwork."""

    per_s: float
    ack: Latency
    delivery: Latency
    server_cpu_us: float  # per message
    database_cpu_us: float  # per message; PostgreSQL and Redis, 0 where there are none
    client_cpu_share: float  # of one core
    afterwork_s: float  # how long the server stayed busy after the last delivery
    socket_peak_per_s: float  # commands of the busiest socket

    @classmethod
    def from_values(cls, values: dict[str, object]) -> "Phase":
        ack, delivery = values.pop("ack"), values.pop("delivery")
        return cls(ack=Latency(**ack), delivery=Latency(**delivery), **values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Both phases, every message that was sent, and everything that went wrong."""

    fixed: Phase
    saturated: Phase
    n_messages: int
    problems: tuple[str, ...]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Report":
        values = json.loads(text)
        return cls(
            fixed=Phase.from_values(values["fixed"]),
            saturated=Phase.from_values(values["saturated"]),
            n_messages=values["n_messages"],
            problems=tuple(values["problems"]),
        )
