"""`manage.py machine try`: ask a real model, outside any room, as a room would ask it."""

import argparse
import asyncio
from collections.abc import Callable, Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from arena import backends, trial
from arena.management.study_files import read_study
from arena.studies.design import ProfileSpec, StudyFile

Settings = Callable[[ProfileSpec], trial.TrialSetting]


class Command(BaseCommand):
    help = "Try a machine before anybody sees it: every question is a real, paid call to its model."
    #: Nothing here needs a database, so that none has to be there.
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        tried = verbs.add_parser(
            "try",
            help="call the model through the whole path and show what a room would have shown",
        )
        tried.add_argument("file", type=Path, nargs="?", help="a study file; all its machines")
        tried.add_argument("--profile", help="one machine of the file, by its name")
        tried.add_argument(
            "--say",
            nargs="+",
            action="extend",
            help="what to ask, in turn (default: three questions)",
        )
        tried.add_argument(
            "--model", help='without a file: "provider/name" by litellm, or "openai:name"'
        )
        tried.add_argument("--base-url", help="the address of a server, with --model")
        tried.add_argument(
            "--option",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="an option of the backend, with --model; the value as in a study file",
        )
        tried.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, verb: str, json: bool, **options: Any) -> None:
        machines, settings = self._chosen(**options)

        def done(tried: trial.ProfileTrial) -> None:
            # Looked up again by name: the text needs to know how long its room is.
            setting = settings(next(m for m in machines if m.name == tried.profile))
            self.stdout.write(trial.format_trial(tried, setting) + "\n")

        names = ", ".join(f"{each.name} ({each.backend}, {each.model})" for each in machines)
        self.stderr.write(f"Asking {names} …")
        tried = asyncio.run(
            trial.try_machines(
                machines,
                settings,
                questions=options["say"] or trial.QUESTIONS,
                done=(lambda tried: None) if json else done,
            )
        )
        if json:
            self.stdout.write(dumps(trial.as_json(tried), indent=2, default=str))
        failed = [each.profile for each in tried if not each.ok]
        if failed:
            raise CommandError(
                f"{len(failed)} of {len(tried)} machines gave no answer that a room would show: "
                f"{', '.join(failed)}.",
                returncode=1,
            )

    def _chosen(
        self,
        *,
        file: Path | None,
        profile: str | None,
        model: str | None,
        base_url: str | None,
        option: list[str],
        **options: Any,
    ) -> tuple[list[ProfileSpec], Settings]:
        if (file is None) == (model is None):
            given = "both" if file else "neither"
            raise CommandError(
                f"A study file or --model is to be given; {given} is. Write `machine try FILE`, or "
                "`machine try --model provider/name`."
            )
        if file is not None:
            if base_url or option:
                raise CommandError(
                    "--base-url and --option go with --model; in a study file they stand under "
                    "the machine's options."
                )
            return _of_file(read_study(file), profile)
        if profile is not None:
            raise CommandError("--profile goes with a study file, which --model does without.")
        spec = trial.default_profile(str(model), address=base_url, options=_options(option))
        if problems := backends.check(spec):
            listed = "\n".join(f"  {p.where} is {p.value}; expected {p.expected}" for p in problems)
            raise CommandError(f"This model cannot be tried so:\n{listed}")
        return [spec], lambda machine: trial.TrialSetting()


def _of_file(design: StudyFile, profile: str | None) -> tuple[list[ProfileSpec], Settings]:
    chosen = [machine for machine in design.machines if profile in (None, machine.name)]
    if not chosen:
        known = ", ".join(machine.name for machine in design.machines)
        raise CommandError(f"There is no machine {profile!r} in this file; it has {known}.")
    return chosen, lambda machine: trial.TrialSetting.of(design, machine)


def _options(given: Sequence[str]) -> Mapping[str, object]:
    """`name=value` as a study file would have them."""
    options: dict[str, object] = {}
    for each in given:
        name, is_given, value = each.partition("=")
        if not is_given:
            raise CommandError(f"--option is {each!r}; expected NAME=VALUE.")
        try:
            options[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise CommandError(
                f"--option {name} has the value {value!r}, which is not YAML."
            ) from None
    return options
