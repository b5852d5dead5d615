"""Counts how people send more than one line in a chat: in one message, or a message a line.

The source is a clone of the repository Software-related-Slack-Chats-with-Disentangled-Conversations
of preethac on GitHub (Chatterjee et al., 2020): public channels of Slack, where Enter sends and
Shift+Enter breaks the line, as in this product's rooms. A turn is what one person sends with nobody
between and no pause over `PAUSE_S`; turns with code blocks, links or quotations are left out: those
are pasted.

Run `python -m bench.pacing.line_breaks CLONE`; it prints the counts and what figures.py holds.
"""

import argparse
import datetime as dt
import html
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

PAUSE_S = 60.0
#: Lengths of a turn in characters, from each to the next.
LENGTHS = (1, 50, 100, 200, 300, 500, 1_000_000)
_MESSAGE = re.compile(r"<ts>([^<]*)</ts>\s*<user>([^<]*)</user>\s*<text>([^<]*)</text>", re.DOTALL)
_BREAK = re.compile(r"\s*\n\s*")
_PASTED = re.compile(r"```|https?:|^>", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person sent without a pause: its length, and the breaks in and between messages."""

    n_chars: int
    n_inside: int
    n_between: int


def turns(xml: str) -> Iterator[Turn]:
    """The turns of a channel's file."""
    found = [
        (dt.datetime.fromisoformat(at), who, html.unescape(text).strip())
        for at, who, text in _MESSAGE.findall(xml)
    ]
    said = sorted((each for each in found if each[2]), key=lambda each: each[0])
    texts: list[str] = []
    for before, (at, who, text) in zip([None, *said[:-1]], said, strict=True):
        goes_on = before is not None and before[1] == who
        if before is None or not goes_on or (at - before[0]).total_seconds() > PAUSE_S:
            yield from _turn(texts)
            texts = []
        texts.append(text)
    yield from _turn(texts)


def _turn(texts: Sequence[str]) -> Iterator[Turn]:
    if texts and not any(map(_PASTED.search, texts)):
        yield Turn(sum(map(len, texts)), sum(len(_BREAK.findall(t)) for t in texts), len(texts) - 1)


def fit_kept(of_lines: Sequence[Turn]) -> tuple[float, float]:
    """The chance that a turn of several lines is one message: its logit, linear in ln n."""
    logs = np.log([turn.n_chars for turn in of_lines])
    kept = np.array([turn.n_between == 0 for turn in of_lines])

    def loss(line: np.ndarray) -> float:
        chance = expit(line[0] + line[1] * logs)
        return -float(np.log(np.where(kept, chance, 1 - chance)).sum())

    intercept, slope = minimize(loss, np.array([-5.0, 0.5]), method="Nelder-Mead").x
    return float(intercept), float(slope)


def report(all_turns: Sequence[Turn]) -> Iterator[str]:
    several = [turn for turn in all_turns if turn.n_inside + turn.n_between]
    yield f"{len(all_turns)} turns, {len(several)} of several lines"
    for low, high in pairwise(LENGTHS):
        some = [turn for turn in several if low <= turn.n_chars < high]
        kept = sum(turn.n_between == 0 for turn in some)
        split = sum(turn.n_inside == 0 for turn in some)
        yield f"from {low}: {len(some)} turns, {kept} in one message, {split} a message a line"
    yield "kept_in_one = ({:.3f}, {:.3f})".format(*fit_kept(several))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("clone", type=Path)
    files = sorted((parser.parse_args().clone / "data").rglob("*.xml"))
    found = [turn for file in files for turn in turns(file.read_text("utf-8", "replace"))]
    sys.stdout.write("".join(f"{line}\n" for line in (f"{len(files)} files", *report(found))))


if __name__ == "__main__":
    main()
