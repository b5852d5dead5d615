"""The printed result: one row a server, the ratios, and what they were measured on."""

import importlib.metadata
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import Latency, Report

#: How the names of our own rows begin.
PRODUCT = "product"
_PACKAGES = ("django", "channels", "uvicorn", "websockets", "uvloop", "psycopg", "redis")
_HEAD = (
    "",
    *("msg/s", "ack ms", "delivery ms", "CPU us/msg", "afterwork s", "client CPU"),
    *("ack ms", "delivery ms", "CPU us/msg"),
)


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
    report: Report


def rows(results: Sequence[Result], *, rate: float) -> Iterator[str]:
    """The figures of every server."""
    cells = [_HEAD, *(_cells(result.name, result.report) for result in results)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(_HEAD))]
    full, fixed = sum(widths[1:7]) + 10, sum(widths[7:]) + 4
    yield f"{'':{widths[0]}}  {'saturated':-^{full}}  {f'{rate:g} msg/s':-^{fixed}}"
    for row in cells:
        yield "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )


def _cells(name: str, report: Report) -> tuple[str, ...]:
    full, fixed = report.saturated, report.fixed
    return (
        name,
        f"{full.per_s:,.0f}",
        _pair(full.ack),
        _pair(full.delivery),
        f"{full.server_cpu_us:,.0f}",
        f"{full.afterwork_s:.1f}",
        f"{full.client_cpu_share:.0%}",
        _pair(fixed.ack),
        _pair(fixed.delivery),
        f"{fixed.server_cpu_us:,.0f}",
    )


def _pair(latency: Latency) -> str:
    return f"{latency.p50_ms:.1f} / {latency.p99_ms:.1f}"


def ratios(results: Sequence[Result]) -> Iterator[str]:
    """The product beside each of the others on the same database, all from this run."""
    ours = [result for result in results if result.name.startswith(PRODUCT)]
    for mine in ours:
        for other in results:
            if other not in ours and other.on in ("", mine.on):
                yield f"{mine.name} / {other.name}: {_ratio(mine.report, other.report)}"


def _ratio(mine: Report, other: Report) -> str:
    per_s = mine.saturated.per_s / other.saturated.per_s
    delivery = mine.fixed.delivery.p99_ms / other.fixed.delivery.p99_ms
    cpu = mine.saturated.server_cpu_us / other.saturated.server_cpu_us
    return f"msg/s x{per_s:.2f}, delivery p99 at the fixed rate x{delivery:.2f}, CPU x{cpu:.2f}"
