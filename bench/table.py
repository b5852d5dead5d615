"""The printed result: Markdown tables of figures and ratios, and what they were measured on."""

import importlib.metadata
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import Latency, Phase, Report

#: How the names of our own rows begin.
PRODUCT = "product"
#: The row that the columns "of bare" compare with.
BARE = "bare sockets"
_PACKAGES = ("django", "channels", "uvicorn", "websockets", "uvloop", "psycopg", "redis")


def machine() -> Iterator[str]:
    """The machine and the versions, for a reader who compares two runs."""
    packages = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _PACKAGES)
    python = f"Python {platform.python_version()}"
    yield f"{platform.system()}, {os.cpu_count()} cores, {_processor()}, {python}"
    yield packages
    yield f"load average before the run: {os.getloadavg()[0]:.2f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A server's report, and the kind of database (if any) it stored its messages in."""

    name: str
    on: str
    rooms: int
    report: Report


def tables(results: Sequence[Result], *, n_rooms: int, rate: float) -> Iterator[str]:
    """With so many rooms: the saturated servers, those at the fixed rate, the ratios."""
    among = [result for result in results if result.rooms == n_rooms]
    yield from ("", *_saturated(among, n_rooms))
    yield from ("", *_fixed(among, f"{n_rooms:,} rooms, {rate:g} msg/s"))
    yield from ("", *_ratios(among, n_rooms, rate=rate), "")


def _saturated(results: Sequence[Result], n_rooms: int) -> Iterator[str]:
    yield from _head(
        *(f"{n_rooms:,} rooms, saturated", "msg/s", "of bare", "CPU us/msg", "of bare"),
        *("database us/msg", "client CPU"),
    )
    bare = next((r.report.saturated for r in results if r.name.startswith(BARE)), None)
    for result in results:
        full = result.report.saturated
        yield _row(
            result.name,
            f"{full.per_s:,.0f}",
            _ratio(full.per_s, bare.per_s) if bare else "-",
            f"{full.server_cpu_us:,.0f}",
            _ratio(full.server_cpu_us, bare.server_cpu_us) if bare else "-",
            _database(full),
            f"{full.client_cpu_share:.0%}",
        )


def _fixed(results: Sequence[Result], title: str) -> Iterator[str]:
    yield from _head(title, "ack ms", "delivery ms", "CPU us/msg", "database us/msg")
    for result in results:
        fixed = result.report.fixed
        yield _row(
            result.name,
            _pair(fixed.ack),
            _pair(fixed.delivery),
            f"{fixed.server_cpu_us:,.0f}",
            _database(fixed),
        )


def _ratios(results: Sequence[Result], n_rooms: int, *, rate: float) -> Iterator[str]:
    """The product beside the others on the same database, and in several processes beside one."""
    ours = [result for result in results if result.name.startswith(PRODUCT)]
    ones = [result for result in ours if "processes" not in result.name]
    pairs = [(mine, other) for mine in ones for other in results if other not in ours]
    pairs += [(many, one) for many in ours if many not in ones for one in ones]
    yield from _head(
        *(f"{n_rooms:,} rooms", "msg/s", "CPU us/msg", "with the database"),
        *(f"delivery p50, {rate:g} msg/s", "p99"),
    )
    for mine, other in pairs:
        if other.on in ("", mine.on):
            yield _row(f"{mine.name} / {other.name}", *_compared(mine.report, other.report))


def _compared(mine: Report, other: Report) -> Iterator[str]:
    yield _ratio(mine.saturated.per_s, other.saturated.per_s)
    yield _ratio(mine.saturated.server_cpu_us, other.saturated.server_cpu_us)
    yield _ratio(_with_database(mine.saturated), _with_database(other.saturated))
    yield _ratio(mine.fixed.delivery.p50_ms, other.fixed.delivery.p50_ms)
    yield _ratio(mine.fixed.delivery.p99_ms, other.fixed.delivery.p99_ms)


def _head(*cells: str) -> Iterator[str]:
    yield _row(*cells)
    yield _row(*("---" if n == 0 else "---:" for n in range(len(cells))))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _with_database(phase: Phase) -> float:
    return phase.server_cpu_us + phase.database_cpu_us


def _database(phase: Phase) -> str:
    return f"{phase.database_cpu_us:,.0f}" if phase.database_cpu_us else "-"


def _ratio(mine: float, other: float) -> str:
    return f"{mine / other:.2f}"


def _pair(latency: Latency) -> str:
    return f"{latency.p50_ms:.1f} / {latency.p99_ms:.1f}"
