"""Command line: `python -m analysis report|coding|verify PATH`. Needs an export, nothing else."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import AnalysisError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. 0: done; 1: the export does not verify; 2: it could not be done."""
    options = _parser().parse_args(arguments)
    try:
        commands = {"verify": _verify, "coding": _coding, "report": _report}
        return commands[options.command](options)
    except (AnalysisError, OSError) as error:
        print(f"{error}", file=sys.stderr)  # noqa: T201
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m analysis", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    report = commands.add_parser("report", help="write tables, figures and one HTML page")
    report.add_argument("path", type=Path, help="an export: a directory or a .zip of it")
    report.add_argument("--out", type=Path, required=True, help="the directory to write into")
    add_blinding(report)
    coding = commands.add_parser("coding", help="write what coders of strategies read: no kinds")
    coding.add_argument("path", type=Path, help="an export: a directory or a .zip of it")
    coding.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    verify = commands.add_parser("verify", help="check every file, hash chain, seal and table")
    verify.add_argument("path", type=Path, help="an export: a directory or a .zip of it")
    return parser


def add_blinding(parser: argparse.ArgumentParser) -> None:
    """Let a report be told to permute labels, or not to, whatever the study's rules say."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--blinded",
        action="store_true",
        default=None,
        help="exchange human and machine at random; what the report shows is marked as that",
    )
    which.add_argument(
        "--unblind",
        dest="blinded",
        action="store_false",
        default=None,
        help="show the true labels of a study that declares blinded reports",
    )


def _coding(options: argparse.Namespace) -> int:
    from analysis.dataset.blinding import coding_sheet
    from analysis.dataset.schema import neutralise
    from analysis.dataset.study import load

    sheet = coding_sheet(load(options.path))
    safe = sheet.assign(text=[neutralise(text) for text in sheet["text"]])
    safe.to_csv(options.out, index=False, lineterminator="\r\n")
    print(f"{len(sheet)} messages written to {options.out}.")  # noqa: T201
    return 0


def _verify(options: argparse.Namespace) -> int:
    from analysis.dataset.verification import verify

    found = verify(options.path)
    print(found, file=sys.stdout if found.ok else sys.stderr)
    return 0 if found.ok else 1


def _report(options: argparse.Namespace) -> int:
    _tell(f"Reading {options.path}")
    from analysis.dataset.study import load
    from analysis.report.render import report

    study = load(options.path)
    _tell(f"Computing over {len(study.rooms)} rooms")
    page = report(study, options.out, blinded=options.blinded, progress=_tell)
    print(f"Report written to {page}.")  # noqa: T201
    return 0


def _tell(step: str) -> None:
    """Show on the error stream what is being worked on: a report can take a while."""
    print(f"{step} ...", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
