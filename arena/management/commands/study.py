"""`manage.py study …`: check and rehearse a study file, create rooms, export, verify, report."""

import argparse
import asyncio
import json
import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from analysis.__main__ import add_blinding
from arena import queries, results, services
from arena.errors import ArenaError
from arena.events import verification
from arena.management import interrogating, leaktesting
from arena.management.answering_machines import ask_machines, require_answers
from arena.management.study_files import read_text
from arena.studies.cautions import cautions
from arena.studies.file import parse
from arena.studies.yaml import StudyFileError, format_problems
from arena.trial import needed_delays_s


class Command(BaseCommand):
    help = "Check, create, export, verify and report studies."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        check = verbs.add_parser("check", help="every problem of a study file, with line numbers")
        check.add_argument("file", type=Path)
        check.add_argument(
            "--live", action="store_true", help="ask every machine one question, a real call each"
        )
        create = verbs.add_parser("create", help="create the study of a file, and rooms in it")
        create.add_argument("file", type=Path)
        create.add_argument("--rooms", type=int, default=1)
        create.add_argument("--json", action="store_true", help="print JSON for scripts")
        create.add_argument(
            "--untried", action="store_true", help="open rooms without asking the machines first"
        )
        _add_rehearse(verbs)
        export = verbs.add_parser(
            "export", help="write a study's ended rooms to a directory or .zip"
        )
        export.add_argument("slug")
        export.add_argument("--out", type=Path, required=True)
        export.add_argument(
            "--identified", action="store_true", help="add a file that identifies people"
        )
        verify = verbs.add_parser("verify", help="check chains, seals, rooms and seats by the log")
        verify.add_argument("slug")
        report = verbs.add_parser("report", help="write tables, plots and a page about a study")
        report.add_argument("slug")
        report.add_argument("--out", type=Path, required=True)
        add_blinding(report)
        asked = verbs.add_parser(
            "interrogate", help="have a model play the interrogator, marked as one"
        )
        interrogating.add_arguments(asked)
        leaktesting.add_arguments(
            verbs.add_parser(
                "leaktest", help="try to tell the kinds apart by everything but the words"
            )
        )
        kept = verbs.add_parser("keep", help="(started by the host's pages) make what they offer")
        kept.add_argument("slug")
        kept.add_argument("kind", type=results.ResultKind, choices=list(results.ResultKind))
        kept.add_argument("--lock", type=int, required=True, help="the descriptor of its lock")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            getattr(self, f"do_{verb}")(**options)
        except StudyFileError as error:
            raise CommandError(format_problems(error.problems, str(options["file"]))) from None
        except ArenaError as error:
            raise CommandError(str(error)) from None

    def do_check(self, *, file: Path, live: bool, **options: Any) -> None:
        design = parse(read_text(file))
        self.stdout.write(f"{file} is sound: study {design.slug!r}, SHA-256 {design.sha256}")
        for caution in cautions(design, needed_delays_s(design.machines)):
            self.stdout.write(f"note: {caution}")
        if live:
            ask_machines(design, design.machines, tell=self.stdout.write)

    def do_create(
        self, *, file: Path, rooms: int, json: bool, untried: bool, **options: Any
    ) -> None:
        if not 0 <= rooms <= 10_000:
            raise CommandError(f"--rooms is {rooms}; expected a number from 0 to 10000.")
        text = read_text(file)
        if rooms and not untried:
            require_answers(parse(text), tell=self.stderr.write)
        study, made = services.create_rooms(text, rooms)
        listed = [
            {
                "code": room.code,
                "links": {
                    "interrogator": _link(room.interrogator),
                    "witness": _link(room.witness),
                },
            }
            for room in made
        ]
        if json:
            self.stdout.write(_dumps({"study": study.slug, "rooms": listed}))
            return
        self.stdout.write(f"Study {study.slug} (SHA-256 {study.sha256}): {len(made)} new rooms")
        for room in listed:
            self.stdout.write(f"\nroom {room['code']}")
            for label, link in room["links"].items():  # type: ignore[attr-defined]
                self.stdout.write(f"  {label:<13} {link}")

    def do_rehearse(
        self,
        *,
        file: Path,
        rooms: int,
        speed: float | None,
        kills: int,
        late: float,
        real_models: bool,
        calls: int,
        budget_usd: float,
        **options: Any,
    ) -> None:
        from arena import rehearsal

        if not 1 <= rooms <= 1000:
            raise CommandError(f"--rooms is {rooms}; expected a number from 1 to 1000.")
        if speed is not None and not 1 <= speed <= rehearsal.MAX_SPEED:
            fastest = f"{rehearsal.MAX_SPEED:,.0f}"
            raise CommandError(f"--speed is {speed:g}; expected a number from 1 to {fastest}.")
        if not 0 <= kills <= 1000:
            raise CommandError(f"--kills is {kills}; expected a number from 0 to 1000.")
        if calls < 1 or budget_usd <= 0:
            given = f"{calls} calls and {budget_usd:g} US dollars"
            raise CommandError(f"The budget is {given}; expected at least one call and some money.")
        limit = rehearsal.SpendingLimit(calls=calls, cost_usd=budget_usd)
        done = asyncio.run(
            rehearsal.rehearse(
                read_text(file),
                n_rooms=rooms,
                speed=speed,
                n_kills=kills,
                patience_s=late,
                real_models=limit if real_models else None,
                tell=self.stderr.write,
            )
        )
        self.stdout.write(rehearsal.format_report(done))
        if done.stopped:
            raise CommandError("The rehearsal did not come to its end.", returncode=1)
        if done.findings:
            raise CommandError(f"{len(done.findings)} faults were found.", returncode=1)

    def do_export(self, *, slug: str, out: Path, identified: bool, **options: Any) -> None:
        from arena import export

        done = export.write(queries.study(slug), out, identified=identified)
        self.stdout.write(
            f"{done.n_rooms} ended rooms written to {out} "
            f"({done.n_not_ended} have not ended and were not exported)."
        )

    def do_verify(self, *, slug: str, **options: Any) -> None:
        proof = verification.verify(queries.study(slug))
        if proof.fault is not None:
            raise CommandError(f"{proof.fault}.", returncode=1)
        self.stdout.write(
            f"Every chain and seal of {slug} verifies, and every room and seat is what its log "
            f"says: {proof.n_rooms} rooms, {proof.n_events} events."
        )
        for each in proof.unchecked:
            self.stdout.write(f"Not proved by it: {each}.")

    def do_report(self, *, slug: str, out: Path, blinded: bool | None, **options: Any) -> None:
        import tempfile

        from analysis.report.render import report
        from arena import export

        with tempfile.TemporaryDirectory() as folder:
            export.write(queries.study(slug), Path(folder) / "study")
            report(Path(folder) / "study", out, blinded=blinded)
        self.stdout.write(f"Report written to {out / 'index.html'}.")

    def do_interrogate(self, **options: Any) -> None:
        interrogating.run(self.stdout, **options)

    def do_leaktest(self, **options: Any) -> None:
        leaktesting.run(self.stdout, self.stderr, **options)

    def do_keep(self, *, slug: str, kind: results.ResultKind, lock: int, **options: Any) -> None:
        from arena.results.making import LIMIT_S, make

        # One that hangs would be waited for by every other.
        signal.alarm(LIMIT_S)
        if why := make(queries.study(slug), kind, lock=lock):
            raise CommandError(why)


def _add_rehearse(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    rehearse = verbs.add_parser(
        "rehearse", help="play whole rooms with scripted people, before inviting anybody"
    )
    rehearse.add_argument("file", type=Path)
    rehearse.add_argument("--rooms", type=int, default=6)
    rehearse.add_argument(
        "--speed",
        type=float,
        help="times real speed (default: about a minute in all)",
    )
    rehearse.add_argument(
        "--kills", type=int, default=0, help="times to kill the server, at random"
    )
    rehearse.add_argument(
        "--late",
        type=float,
        default=5.0,
        help="how late (real s) is a fault (default 5)",
    )
    rehearse.add_argument(
        "--real-models", action="store_true", help="the study's own models answer, and are paid"
    )
    rehearse.add_argument(
        "--calls", type=int, default=100, help="most calls, with --real-models (default 100)"
    )
    rehearse.add_argument(
        "--budget-usd",
        type=float,
        default=1.0,
        help="most US dollars, with --real-models, where prices are known (default 1)",
    )


def _link(token: str) -> str:
    return settings.PUBLIC_URL + reverse("arena:join", args=[token])


def _dumps(value: object) -> str:
    return json.dumps(value, indent=2)
