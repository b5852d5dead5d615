"""`manage.py study interrogate …`: a model as the interrogator of a study's rooms."""

import argparse
import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import CommandError, OutputWrapper

from arena import agents, backends, queries
from arena.agents import MindProfile, Played, Plays
from arena.studies.design import Budget

#: What a model is asked with unless the command says otherwise.
OPTIONS = {"temperature": 1.0, "max_tokens": 4000, "timeout": "120 s"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("slug")
    parser.add_argument(
        "--model", required=True, help='"provider/name"; the room\'s log calls the agent so'
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--rooms", type=int, default=1, help="how many free rooms to play")
    which.add_argument("--room", help="the code of one room")
    parser.add_argument(
        "--backend",
        choices=("openai", "litellm"),
        help="the library that asks the model (default: litellm; openai for openai/… and with "
        "--base-url)",
    )
    parser.add_argument("--base-url", help="a server that speaks the OpenAI protocol")
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the backend; the value as in a study file",
    )
    default = agents.PLAYS
    parser.add_argument("--turns", type=int, default=default.turns, help="the most turns a room")
    parser.add_argument("--calls", type=int, default=default.budget.calls, help="a room's budget")
    parser.add_argument("--tokens", type=int, default=default.budget.tokens, help="a room's budget")
    parser.add_argument(
        "--cost", type=float, default=default.budget.cost_usd, help="a room's budget in US dollars"
    )
    parser.add_argument("--gap", type=float, help="the least time between two turns, in seconds")
    parser.add_argument("--url", default=settings.PUBLIC_URL, help="the site that serves the rooms")
    parser.add_argument("--json", action="store_true", help="print JSON for scripts")


def run(stdout: OutputWrapper, *, slug: str, **options: Any) -> None:
    """Play rooms, and print what was asked, believed and decided in each."""
    profile, plays = _profile(**options), _plays(**options)
    study = queries.study(slug)
    rooms = agents.rooms_to_play(
        study, agent=profile.name, n=options["rooms"], code=options["room"]
    )
    played = asyncio.run(
        agents.interrogate(
            rooms,
            design=queries.study_file(study),
            site=options["url"],
            profile=profile,
            plays=plays,
        )
    )
    if options["json"]:
        told = {"study": slug, "agent": profile.name, "rooms": [asdict(each) for each in played]}
        stdout.write(json.dumps(told, indent=2))
    else:
        stdout.write("\n".join(map(_told, played)))


def _profile(
    *, model: str, backend: str | None, base_url: str | None, option: Sequence[str], **others: Any
) -> MindProfile:
    chosen = backend or ("openai" if base_url or model.startswith("openai/") else "litellm")
    given: dict[str, object] = {**OPTIONS, **_options(option)}
    if base_url:
        given["base_url" if chosen == "openai" else "api_base"] = base_url
    profile = MindProfile(
        name=model,
        backend=chosen,
        model=model.removeprefix("openai/") if chosen == "openai" else model,
        options=given,
    )
    if problems := backends.check(profile):
        listed = "\n".join(f"  {p.where} is {p.value}; expected {p.expected}" for p in problems)
        raise CommandError(f"This model cannot be asked so:\n{listed}")
    return profile


def _options(given: Sequence[str]) -> Mapping[str, object]:
    options: dict[str, object] = {}
    for each in given:
        name, is_given, value = each.partition("=")
        if not is_given:
            raise CommandError(f"--option is {each!r}; expected NAME=VALUE.")
        try:
            options[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise CommandError(f"--option {name} is {value!r}; expected YAML.") from None
    return options


def _plays(
    *,
    rooms: int,
    turns: int,
    calls: int,
    tokens: int,
    cost: float,
    gap: float | None,
    **others: Any,
) -> Plays:
    for name, value in (("rooms", rooms), ("turns", turns), ("calls", calls), ("tokens", tokens)):
        if value < 1:
            raise CommandError(f"--{name} is {value}; expected a number from 1.")
    budget = Budget(calls=calls, tokens=tokens, cost_usd=cost)
    return Plays(turns=turns, budget=budget, gap_s=gap)


def _told(played: Played) -> str:
    judged, spent = played.judgement, played.spent
    if judged is None:
        verdict = f"no verdict; the room ended as {played.ended or 'not yet'}"
    else:
        source = "its last belief" if played.forced else "its own words"
        verdict = f"verdict {judged.human} at {judged.confidence:.2f} ({source})"
    used = f"{spent.calls} calls, {spent.tokens} tokens, ${spent.cost_usd:.4f}"
    failed = f", {len(spent.failures)} failed" if spent.failures else ""
    return f"room {played.room}: {played.n_questions} questions, {verdict}. {used}{failed}."
