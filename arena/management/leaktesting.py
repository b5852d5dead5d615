"""`manage.py study leaktest FILE`: tries to tell the kinds apart by everything but the words."""

import argparse
import asyncio
import json as json_format
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from arena.management.study_files import read_text
from arena.studies.file import parse

#: What stands for `--planted` without a name.
_LIST = "?"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("file", type=Path)
    parser.add_argument("--pairs", type=int, default=600, help="matched rooms (default 600)")
    parser.add_argument(
        "--latency",
        default="1s",
        help="of the stand-in model: 3s, 0.5s-8s or lognormal(3s, 0.5) (default 1s)",
    )
    parser.add_argument(
        "--planted",
        nargs="?",
        const=_LIST,
        metavar="NAME",
        help="put a leak in, which has to be found; without a name, list them",
    )
    parser.add_argument(
        "--only", default="", metavar="FAMILIES", help="some families, separated by commas"
    )
    parser.add_argument(
        "--speed", type=float, default=1.0, help="times real speed, where that is sound (default 1)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of scripted people (default 0)")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write a page with figures there")


def run(
    stdout: OutputWrapper,
    stderr: OutputWrapper,
    *,
    file: Path,
    pairs: int,
    latency: str,
    planted: str | None,
    only: str,
    speed: float,
    seed: int,
    json: bool,
    out: Path | None,
    **options: Any,
) -> None:
    """Test a study file; exit 1 where something tells."""
    from arena.leaktest.duration import estimate_s
    from arena.leaktest.latency import Latency
    from arena.leaktest.plan import LeakPlan, families_named
    from arena.leaktest.plants import listed, plant_named
    from arena.leaktest.report_page import write_page
    from arena.leaktest.report_text import as_values, conclusion, format_leaktest, plant_outcome
    from arena.leaktest.running import leaktest

    if planted == _LIST:
        stdout.write(listed())
        return
    text = read_text(file)
    parse(text)
    plan = LeakPlan(
        text=text,
        n_pairs=pairs,
        latency=Latency.read(latency),
        plant=None if planted is None else plant_named(planted),
        families=families_named([name.strip() for name in only.split(",") if name.strip()]),
        speed=speed,
        seed=seed,
    )
    stderr.write(f"This takes about {estimate_s(plan) / 60:.0f} min; it cannot be resumed.")
    done = asyncio.run(leaktest(plan, tell=stderr.write))
    stdout.write(json_format.dumps(as_values(done), indent=2) if json else format_leaktest(done))
    if out is not None:
        stderr.write(f"Page written to {write_page(done, out)}.")
    if (outcome := plant_outcome(done)) is not None:
        stderr.write(outcome)
    if done.telling:
        raise CommandError(conclusion(done), returncode=1)
