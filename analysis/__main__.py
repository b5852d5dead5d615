"""Command line: `python -m analysis report|verify PATH`. Needs an export and nothing else."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import AnalysisError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. 0: done; 1: the export does not verify; 2: it could not be done."""
    options = _parser().parse_args(arguments)
    try:
        return _verify(options.path) if options.command == "verify" else _report(options)
    except (AnalysisError, OSError) as error:
        print(f"{error}", file=sys.stderr)  # noqa: T201
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m analysis", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    report = commands.add_parser("report", help="write tables, figures and one HTML page")
    report.add_argument("path", type=Path, help="an export: a directory or a .zip of it")
    report.add_argument("--out", type=Path, required=True, help="the directory to write into")
    verify = commands.add_parser("verify", help="check every file, hash chain, seal and table")
    verify.add_argument("path", type=Path, help="an export: a directory or a .zip of it")
    return parser


def _verify(path: Path) -> int:
    from analysis.dataset.verification import verify

    found = verify(path)
    print(found, file=sys.stdout if found.ok else sys.stderr)
    return 0 if found.ok else 1


def _report(options: argparse.Namespace) -> int:
    _tell(f"Reading {options.path}")
    from analysis.dataset.study import load
    from analysis.report.render import report

    study = load(options.path)
    _tell(f"Computing over {len(study.rooms)} rooms")
    print(f"Report written to {report(study, options.out, progress=_tell)}.")  # noqa: T201
    return 0


def _tell(step: str) -> None:
    """Show on the error stream what is being worked on: a report can take a while."""
    print(f"{step} ...", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
