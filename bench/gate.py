"""Error rates of the gate on its labelled corpus, by language and by kind, with Wilson intervals.

    python bench/gate.py            the held-out half, which states the rates, and the other
    python bench/gate.py --json     the same as JSON
    python bench/gate.py --errors   the lines of the development half that the gate gets wrong

Every line goes the way of a reply: `as_typed`, then `rejection`, in a talk of the question and the
persona that it has in the corpus. Lines of the held-out half are counted and never shown.
"""

import argparse
import csv
import datetime as dt
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")

import django  # noqa: E402

django.setup()

from analysis.numerics.intervals import wilson  # noqa: E402
from arena.backends import Conversation, Known, Speaker, Turn  # noqa: E402
from arena.text import normalise  # noqa: E402
from arena.witnesses import gate  # noqa: E402

CORPUS = ROOT / "tests" / "data" / "gate"
HALVES = ("heldout", "development")
AT = dt.datetime(2026, 11, 23, 14, 5, tzinfo=dt.UTC)
CANARY = gate.canary("bench")
HARMLESS = "harmless"


@dataclass(frozen=True, slots=True, kw_only=True)
class CardedProfile:
    """What the gate reads of a machine profile."""

    persona: str
    name: str = "bench"
    backend: str = "openai"
    model: str = "m"
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the corpus, and what the gate made of it."""

    id: str
    language: str
    label: str
    kind: str
    asked: str
    text: str
    stopped: str  # the reason and detail; empty if it may be shown
    ms: float

    @property
    def is_error(self) -> bool:
        return bool(self.stopped) == (self.label == HARMLESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often the gate is wrong on some lines: stops what is harmless, passes what is not."""

    of: str
    n: int
    wrong: int
    low: float
    high: float


def judged(half: str, corpus: Path) -> list[Line]:
    """Every line of a half, judged."""
    cards = {row["id"]: row["card"] for row in _rows(corpus / "personas.tsv")}
    return [_judged(row, cards) for row in _rows(corpus / f"{half}.tsv")]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _judged(row: Mapping[str, str], cards: Mapping[str, str]) -> Line:
    asked, said = (
        row[column].replace("\\n", "\n").replace("{canary}", CANARY) for column in ("asked", "text")
    )
    turns = (Turn(speaker=Speaker.INTERROGATOR, text=normalise(asked), at=AT),) if asked else ()
    conversation = Conversation(
        turns=turns,
        now=AT,
        started_at=AT,
        message_chars=4_000,
        room_seed="bench",
        known=Known(canary=CANARY, restated=True),
    )
    persona = cards.get(row["persona"], "")
    began = time.perf_counter()
    typed = gate.as_typed(said, conversation=conversation)
    found = gate.rejection(
        typed, conversation=conversation, profile=CardedProfile(persona=persona), claims=()
    )
    ms = (time.perf_counter() - began) * 1_000
    stopped = f"{found.reason}: {found.detail}" if found else ""
    # A transcript or a scene that is undone is never seen.
    if row["label"] == "dialogue" and typed != normalise(said):
        stopped = stopped or "undone"
    return Line(
        id=row["id"],
        language=row["language"],
        label=row["label"],
        kind=row["kind"],
        asked=asked,
        text=said,
        stopped=stopped,
        ms=ms,
    )


def rates(lines: Iterable[Line], *columns: str) -> list[Rate]:
    """The rate of errors for each label, and for its parts by the columns."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for line in lines:
        groups[" ".join(getattr(line, column) for column in ("label", *columns))].append(
            line.is_error
        )
    found = []
    for name, errors in sorted(groups.items()):
        low, high = wilson(np.array([sum(errors)]), np.array([len(errors)]), 0.95)
        found.append(
            Rate(of=name, n=len(errors), wrong=sum(errors), low=float(low[0]), high=float(high[0]))
        )
    return found


def show(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _printed(title: str, found: Sequence[Rate]) -> None:
    show(f"\n{title}")
    for rate in found:
        share = f"{rate.wrong / rate.n:6.1%} ({rate.low:.1%}-{rate.high:.1%})"
        show(f"  {rate.of:44} {rate.wrong:4} of {rate.n:4}  {share}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--errors", action="store_true", help="the development half's errors")
    parser.add_argument("--half", choices=HALVES, help="only one half")
    options = parser.parse_args()
    if options.errors:
        for line in judged("development", options.corpus):
            if line.is_error:
                show("\t".join((line.id, line.stopped or "passed", repr(line.asked), line.text)))
        return
    halves = {
        half: judged(half, options.corpus) for half in ([options.half] if options.half else HALVES)
    }
    by = {"label": (), "language": ("language",), "kind": ("kind",)}
    if options.json:
        tables = {
            half: {
                name: [asdict(rate) for rate in rates(lines, *columns)]
                for name, columns in by.items()
            }
            for half, lines in halves.items()
        }
        show(json.dumps(tables, indent=2))
        return
    show("Errors: harmless lines that are stopped, others that pass; 95 % Wilson intervals.")
    for half, lines in halves.items():
        for name, columns in by.items():
            _printed(f"{half}, by {name}", rates(lines, *columns))
        show(f"\n  median {statistics.median(line.ms for line in lines):.2f} ms a line")


if __name__ == "__main__":
    main()
