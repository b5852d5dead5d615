"""Which of two panes is the machine? Chosen in rooms that the chooser has not learned from.

Rooms come one after another. Each is decided by classifiers that learned from the rooms before it,
and by that one of them which did better there. So nothing that decides a room has seen it, and
where the panes do not differ each decision is a fair coin, whatever was learned: the number of
right ones is exactly binomial. (Cross-validation would reuse rooms: its count varies more.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arena.leaktest.stumps import Stumps

Array = NDArray[np.float64]

#: What is seen of a pane: numbers by name; one that is absent is 0.
Traits = Mapping[str, float]

#: The share of rooms that are learned from before the first decision, and the fewest.
HEAD_SHARE, FEWEST_HEAD = 1 / 8, 4
#: So often the classifiers learn anew.
N_LESSONS = 24
#: The penalty on the squared weights of the logistic classifier, whose features have size 1.
RIDGE = 1.0
_NEWTON_STEPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """The two panes of one room as a family sees them."""

    machine: Traits
    human: Traits


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """How often the machine was picked out: `n_right` of `n`, `n_equal` more could not be told.

    Where both panes look alike to the classifier nothing is chosen, and half a right choice counts.
    """

    n: int
    n_right: int
    n_equal: int

    @property
    def accuracy(self) -> float:
        """The share of right choices, from 0 to 1; NaN where there was none to make."""
        return (self.n_right + self.n_equal / 2) / self.n if self.n else float("nan")


def choose(rooms: Sequence[Twins]) -> Choices:
    """Choose in every room after the first eighth, each time by what the rooms before it taught.

    Returns
    -------
    Choices
        `n` is 0 where there are too few rooms to learn from.
    """
    machine, human = _table([each.machine for each in rooms], [each.human for each in rooms])
    n_head = max(FEWEST_HEAD, round(len(rooms) * HEAD_SHARE))
    if len(rooms) <= n_head:
        return Choices(n=0, n_right=0, n_equal=0)
    step = max(1, (len(rooms) - n_head) // N_LESSONS)
    right = np.zeros(2)
    counted = np.zeros(2, dtype=np.int64)
    for start in range(n_head, len(rooms), step):
        block = slice(start, min(start + step, len(rooms)))
        leads = _leads(machine, human, n_known=start, block=block)
        chosen = leads[int(right.argmax())]
        counted += (int((chosen > 0).sum()), int((chosen == 0).sum()))
        right += (np.sign(leads) / 2 + 0.5).sum(axis=1)
    return Choices(n=len(rooms) - n_head, n_right=int(counted[0]), n_equal=int(counted[1]))


def _leads(machine: Array, human: Array, *, n_known: int, block: slice) -> Array:
    """By how much each classifier takes the machine's pane for the machine's (2, rooms)."""
    known_m, known_h = machine[:n_known], human[:n_known]
    differences = known_m - known_h
    size = np.sqrt((differences**2).mean(axis=0))
    size[size == 0] = np.inf  # what never differed tells nothing
    weights = _logistic(differences / size)
    line = np.round(((machine[block] - human[block]) / size) @ weights, 9)
    rows = np.concatenate([known_m, known_h])
    is_machine = np.repeat([1.0, 0.0], n_known)
    stumps = Stumps().fit(rows, is_machine)
    steps = np.round(stumps.log_odds(machine[block]) - stumps.log_odds(human[block]), 9)
    return np.stack([line, steps])


def _logistic(differences: Array) -> Array:
    """Weights w for which σ(w·d) is likely, d being what the machine has more; ridge, Newton."""
    n_features = differences.shape[1]
    weights = np.zeros(n_features)
    for _ in range(_NEWTON_STEPS if n_features else 0):
        miss = 1 / (1 + np.exp(np.clip(differences @ weights, -30, 30)))
        slope = differences.T @ miss - RIDGE * weights
        curve = (differences * (miss * (1 - miss))[:, None]).T @ differences
        weights = weights + np.linalg.solve(curve + RIDGE * np.eye(n_features), slope)
    return weights


def _table(*panes: Sequence[Traits]) -> list[Array]:
    """Each list of traits as rows of numbers, all with the same columns."""
    names = sorted({name for each in panes for traits in each for name in traits})
    return [
        np.array([[traits.get(name, 0.0) for name in names] for traits in each], dtype=np.float64)
        for each in panes
    ]
