"""What a classifier that sees only timing makes of each pacing, on dialogues it was not fitted on.

The classifier sees latency, lengths and place in a burst of every message; of a conversation also
how its latencies vary. It learns on some of the left-out dialogues and is asked about others, five
ways: how often does it put a machine's message after a person's (AUC), and, shown one person and
one machine in the same place, how often does it choose the machine?

Run `python -m bench.pacing.telling`; it prints the table of docs/pacing.md.
"""

import hashlib
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.pacing.classifier import Boosting, Settings
from bench.pacing.dialogues import PACINGS, Machine, Talk, View, seen, talks, waits
from bench.pacing.people import halves
from bench.pacing.pipeline import HIDDEN, IN_SIGHT, Pipeline

Array = NDArray[np.float64]

N_FOLDS, N_MACHINES, N_RESAMPLES = 5, 8, 2000
LEAST_TURNS = 3
SEEDS = (1, 2, 3, 4, 5)
#: The rules that are to be like people: those are judged with every seed.
PEOPLES = ("published", "calibrated", "matched")
#: A conversation is one row: fewer and smaller trees.
COARSE = Settings(n_trees=40, depth=2, rate=0.1, n_bins=16, least_weight=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How well machines were told from people: 0.5 is chance."""

    pacing: str
    view: View
    n_people: int
    n_messages: int
    auc: float
    #: The better of two judges: the sum over messages, and the conversation as a whole.
    choice: float
    #: Upper end of the 95 % interval, dialogues resampled.
    choice_upto: float


def tell(pacing: str, view: View, *, seed: int = 1, pipeline: Pipeline = HIDDEN) -> Told:
    """Have the classifier tell a pacing from the people of the dialogues left out of the fit."""
    fitted, left_out = halves()
    machine = Machine(
        pacing=pacing, view=view, waits=waits(fitted), sentences=fitted.n_chars_out.tolist(),
        pipeline=pipeline,
    )  # fmt: skip
    people = [seen(each, view) for each in talks(left_out, least_turns=LEAST_TURNS)]
    rng = random.Random(f"{pacing}:{view}:{seed}")
    machines = [[machine.talk(each, rng) for each in people] for _ in range(N_MACHINES)]
    return Trial(people, machines, seed=seed).told(pacing, view)


def message_rows(talk: Talk) -> Array:
    """One row a message: latency, lengths, place in the burst, length of the burst."""
    return np.array(
        [
            (np.log(said.latency_s + 0.5), np.log(said.n_out), np.log(said.n_in), said.place,
             len(turn.messages))
            for turn in talk.turns
            for said in turn.messages
        ]
    )  # fmt: skip


def talk_row(talk: Talk) -> Array:
    """A conversation as one row: level, spread and reach of latency, its tie to length, bursts."""
    rows = message_rows(talk)
    answers = rows[rows[:, 3] == 0]
    latency, n_out = answers[:, 0], answers[:, 1]
    tie = np.cov(latency, n_out, ddof=0)
    steps = np.abs(np.diff(latency)).mean()
    return np.array(
        [latency.mean(), latency.std(), latency.min(), latency.max(), steps,
         tie[0, 1] / (tie[1, 1] + 0.05), answers[:, 4].mean(), rows[:, 3].max()]
    )  # fmt: skip


def _fold(dialogue: str) -> int:
    return hashlib.sha256(f"fold {dialogue}".encode()).digest()[0] % N_FOLDS


class Trial:
    """People, machines in their places, and the scores a judge gives them out of fold."""

    def __init__(
        self, people: Sequence[Talk], machines: Sequence[Sequence[Talk]], *, seed: int
    ) -> None:
        self.people, self.machines, self.seed = people, machines, seed
        self.all = [each for group in (people, *machines) for each in group]
        self.is_machine = np.arange(len(self.all)) >= len(people)
        self.fold = np.array([_fold(talk.dialogue) for talk in self.all])

    def told(self, pacing: str, view: View) -> Told:
        tables = [message_rows(talk) for talk in self.all]
        owner = np.repeat(np.arange(len(self.all)), [len(table) for table in tables])
        by_message = self._scores(np.concatenate(tables), owner, Settings())
        sums = np.bincount(owner, by_message) / np.bincount(owner)
        rows = np.stack([talk_row(talk) for talk in self.all])
        by_talk = self._scores(rows, np.arange(len(rows)), COARSE)
        wins = max((self._wins(each) for each in (sums, by_talk)), key=lambda won: won.mean())
        return Told(
            pacing=pacing,
            view=view,
            n_people=len(self.people),
            n_messages=int((~self.is_machine[owner]).sum()),
            auc=auc(by_message[self.is_machine[owner]], by_message[~self.is_machine[owner]]),
            choice=float(wins.mean()),
            choice_upto=self._upto(wins),
        )

    def _scores(self, rows: Array, owner: NDArray[np.int64], settings: Settings) -> Array:
        """Log-odds of being a machine's, each from a judge that never saw its dialogue."""
        is_one = self.is_machine[owner].astype(float)
        weight = np.where(is_one > 0, 1 / N_MACHINES, 1.0)
        scores = np.zeros(len(rows))
        for fold in range(N_FOLDS):
            asked = self.fold[owner] == fold
            judge = Boosting(settings).fit(rows[~asked], is_one[~asked], weight[~asked])
            scores[asked] = judge.log_odds(rows[asked])
        return scores

    def _wins(self, scores: Array) -> Array:
        """Per person, how often the machine in that place was chosen; a tie is half a choice."""
        n = len(self.people)
        people, machines = scores[:n], scores[n:].reshape(N_MACHINES, n)
        won = (machines > people) + 0.5 * (machines == people)
        return np.asarray(won.mean(0), float)

    def _upto(self, wins: Array) -> float:
        names, code = np.unique([talk.dialogue for talk in self.people], return_inverse=True)
        total, count = np.bincount(code, wins), np.bincount(code)
        drawn = np.random.default_rng(self.seed).integers(
            len(names), size=(N_RESAMPLES, len(names))
        )
        return float(np.quantile(total[drawn].sum(1) / count[drawn].sum(1), 0.975))


def auc(machines: Array, people: Array) -> float:
    """Probability that a machine's score is above a person's, ties counted half."""
    ordered = np.sort(people)
    below = np.searchsorted(ordered, machines, "left")
    upto = np.searchsorted(ordered, machines, "right")
    return float((below + upto).mean() / 2 / len(people))


def _lines() -> Iterator[str]:
    yield "| compared | pacing | AUC | choice | over the seeds | upper 95 % |"
    yield "|---|---|---|---|---|---|"
    for view in View:
        for pacing in PACINGS:
            yield _line(pacing, view, pacing, pipeline=HIDDEN)
    for pacing in PEOPLES:
        yield _line(pacing, View.ANSWERS, f"{pacing}, no delay line", pipeline=IN_SIGHT)


def _line(pacing: str, view: View, name: str, *, pipeline: Pipeline) -> str:
    """The mean over the seeds: each has machines and a judge of its own, and the same people."""
    found = [
        tell(pacing, view, seed=seed, pipeline=pipeline)
        for seed in (SEEDS if pacing in PEOPLES else SEEDS[:1])
    ]
    choices = [told.choice for told in found]
    auc, upto = (
        float(np.mean([getattr(told, key) for told in found])) for key in ("auc", "choice_upto")
    )
    figures = f"{auc:.3f} | {np.mean(choices):.3f}"
    return (
        f"| {view} | {name} | {figures} | {min(choices):.3f}-{max(choices):.3f} | {upto:.3f} |"
        f" n={found[0].n_people} |"
    )


def main() -> None:
    for line in _lines():
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
