"""Accuracy by strategy where a machine coded the strategies, corrected by a human-coded sample.

A machine's codes are never used as if they were true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.classification.codings import skipped
from analysis.errors import ArgumentError
from analysis.numerics import arrays, columns, intervals
from analysis.numerics.arrays import Floats, Ints
from analysis.numerics.clustering import METHOD as METHOD_CLUSTERED
from analysis.numerics.clustering import Clustering, clustering, critical
from analysis.numerics.result import Result

if TYPE_CHECKING:
    import pandas as pd

METHOD = (
    "Design-based correction of machine codes by a human-coded random sample (pseudo-indicators); "
    "interval on the logit scale"
)

Codes = ArrayLike | Mapping[str, ArrayLike]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedAccuracy(Result):
    """Share of right answers by strategy, with and without the correction.

    `machine_only` takes the machine's codes for true, `human_only` uses the sample alone.
    `prevalence` is the corrected share of rows with the strategy. An accuracy is NaN where the
    sample says that there is no such row, or where it falls outside 0 to 1 for want of a larger
    sample.
    """

    source: ClassVar[str] = "Egami and others, NeurIPS 36 (2023)"
    strategies: tuple[object, ...]
    n_machine: Ints
    n_human: Ints
    prevalence: Floats
    accuracy: Floats
    std_error: Floats
    low: Floats
    high: Floats
    machine_only: Floats
    human_only: Floats
    n: int
    n_sampled: int
    n_clusters: int | None
    level: float
    method: str

    @property
    def table(self) -> "pd.DataFrame":
        """One row per strategy."""
        import pandas as pd

        names = ("n_machine", "n_human", "prevalence", "accuracy", "std_error", "low", "high")
        shown = {name: getattr(self, name) for name in (*names, "machine_only", "human_only")}
        return pd.DataFrame({"strategy": pd.Series(self.strategies, dtype="object"), **shown})

    def _repr_html_(self) -> str:
        head = f"<p>n = {self.n}, {self.n_sampled} of them coded by people, "
        return head + f"level {self.level:g}. {self.method}.</p>" + self.table.to_html(index=False)


def corrected_accuracy(
    correct: ArrayLike,
    machine: Codes,
    human: Codes,
    *,
    probability: ArrayLike,
    cluster: ArrayLike | None = None,
    level: float = 0.95,
) -> CorrectedAccuracy:
    """Estimate the share of right answers by strategy as if people had coded every row.

    With ``I`` the human and ``I^`` the machine code of a strategy, ``R`` whether the row was
    sampled and ``pi`` its chance of it, the sums of ``I~ = I^ + R / pi (I - I^)`` estimate those of
    ``I`` whatever mistakes the machine makes. What matters most is that the sample was drawn at
    random with the chances that are given, and that the people are right.

    Parameters
    ----------
    correct : array of n booleans or 0 and 1
    machine : array of n labels, or mapping of strategies to arrays of n booleans or 0 and 1
        A mapping (a data frame will do) where a row may have several strategies.
    human : the same
        None, NaN or the empty text in the rows that were not sampled.
    probability : number, or array of n numbers above 0, up to 1
        The chance of each row to be sampled, fixed by design.
    cluster : array of n labels, or table of two such columns, optional
        Who answered.
    level : float
        Confidence level.

    Returns
    -------
    CorrectedAccuracy
        With ``.table``. With clusters influences are summed within them: CR2 errors, t quantiles.

    Raises
    ------
    ArgumentError
        Bad rows; rows with chance 1 that nobody coded; no sampled row at all.

    References
    ----------
    Egami, Hinck, Stewart and Wei, Advances in Neural Information Processing Systems 36 (2023),
    arXiv 2306.04746.

    Examples
    --------
    >>> import analysis as ta
    >>> found = ta.corrected_accuracy(
    ...     [1, 1, 0, 0], list("aabb"), ["a", None, "b", None], probability=0.5
    ... )
    >>> found.strategies, [round(float(p), 2) for p in found.accuracy]
    (('a', 'b'), [1.0, 0.0])
    """
    level = arrays.level(level)
    right = arrays.codes(correct, name="correct", allowed=(0, 1))
    n = len(right)
    machine_codes, human_codes = _read(machine, "machine", n), _read(human, "human", n)
    clusters = clustering(cluster, name="cluster", n=n)
    seen = human_codes.coded
    _check_marks(machine_codes, human_codes)
    chance = columns.numbers(
        np.broadcast_to(np.asarray(probability), n), name="probability", low=0.0, high=1.0
    )
    _check_sample(seen, chance)
    strategies = tuple(dict.fromkeys((*machine_codes.names, *human_codes.names)))
    strategies = tuple(sorted(strategies, key=str))
    hat = machine_codes.of(strategies)
    true = np.where(seen[:, None], human_codes.of(strategies), 0.0)
    weight = np.where(seen, 1 / chance, 0.0)[:, None]
    corrected = hat + weight * (true - hat)
    return _estimates(
        (right, corrected, hat, true, weight),
        strategies=strategies,
        seen=seen,
        clusters=clusters,
        level=level,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    names: tuple[object, ...]
    marks: Floats  # rows x names; NaN where nobody coded
    coded: NDArray[np.bool_]  # rows that have every mark

    def of(self, names: tuple[object, ...]) -> Floats:
        known = {name: k for k, name in enumerate(self.names)}
        nothing = np.zeros(len(self.marks))
        chosen = [self.marks[:, known[n]] if n in known else nothing for n in names]
        return np.stack(chosen, axis=1) if chosen else self.marks


def _read(codes: Codes, name: str, n: int) -> _Marks:
    if hasattr(codes, "items"):
        parts = {label: _marks(column) for label, column in codes.items()}
        for label, part in parts.items():
            arrays.refuse_length(part, f"{name}[{label!r}]", n)
            arrays.refuse(
                ~(np.isin(part, (0.0, 1.0)) | np.isnan(part)),
                part,
                name=f"{name}[{label!r}]",
                expected="0 or 1, or nothing if it was not coded",
            )
        values = np.stack(list(parts.values()), axis=1) if parts else np.zeros((n, 0))
        coded = np.asarray(~np.isnan(values).any(axis=1)) & bool(parts)
        return _Marks(names=tuple(parts), marks=values, coded=coded)
    labels = np.asarray(codes, dtype=object)
    arrays.refuse_length(labels, name, n)
    coded = np.array([not skipped(x) for x in labels], dtype=bool)
    names = tuple(dict.fromkeys(labels[coded]))
    values = np.array([[float(x == label) for label in names] for x in labels])
    values = values.reshape(n, len(names))
    values[~coded] = np.nan
    return _Marks(names=names, marks=values, coded=coded)


def _marks(column: ArrayLike) -> Floats:
    given = np.asarray(column, dtype=object)
    return np.array([np.nan if skipped(x) else float(x) for x in given], dtype=float)


def _check_marks(machine_codes: _Marks, human_codes: _Marks) -> None:
    nothing = np.full(len(machine_codes.coded), "nothing")
    arrays.refuse(~machine_codes.coded, nothing, name="machine", expected="a code")
    absent = np.isnan(human_codes.marks)
    partly = np.asarray(absent.any(axis=1) & ~absent.all(axis=1))
    arrays.refuse(
        partly,
        np.full(len(partly), "a part of the strategies"),
        name="human",
        expected="all strategies or none",
    )


def _check_sample(seen: NDArray[np.bool_], chance: Floats) -> None:
    if not seen.any():
        raise ArgumentError(
            "`human` holds no coded row, so nothing is known about the machine's mistakes; code a "
            "random sample first."
        )
    arrays.refuse(seen & (chance == 0), chance, name="probability", expected="a chance above 0")
    arrays.refuse(
        ~seen & (chance == 1),
        chance,
        name="probability",
        expected="a chance below 1, or a human code, as a certain row cannot be missing",
    )


def _estimates(
    parts: tuple[Ints, Floats, Floats, Floats, Floats],
    *,
    strategies: tuple[object, ...],
    seen: NDArray[np.bool_],
    clusters: Clustering | None,
    level: float,
) -> CorrectedAccuracy:
    right, corrected, hat, true, weight = parts
    value = _share(right, corrected)
    value = np.where((value >= 0) & (value <= 1), value, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        influence = corrected * (right[:, None] - value) / corrected.mean(axis=0)
    error = np.array([columns.error_of_mean(column, clusters)[0] for column in influence.T])
    width = critical(level, clusters)
    low, high = intervals.symmetric(value, error, width=width, scale=intervals.Scale.LOGIT)
    return CorrectedAccuracy(
        strategies=strategies,
        n_machine=hat.sum(axis=0).astype(np.int64),
        n_human=true.sum(axis=0).astype(np.int64),
        prevalence=corrected.mean(axis=0),
        accuracy=value,
        std_error=error,
        low=low,
        high=high,
        machine_only=_share(right, hat),
        human_only=_share(right, weight * true),
        n=len(right),
        n_sampled=int(seen.sum()),
        n_clusters=None if clusters is None else clusters.count,
        level=level,
        method=METHOD + ("" if clusters is None else f"; {METHOD_CLUSTERED}"),
    )


def _share(right: Ints, marks: Floats) -> Floats:
    total = marks.sum(axis=0)
    known = np.where(total > 0, total, np.nan)
    return np.asarray(right @ marks / known)
