"""p-values adjusted for having asked several questions."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.numerics import columns
from analysis.numerics.arrays import Floats


def holm(p: ArrayLike) -> Floats:
    """Adjust p-values for the few comparisons that were planned (Holm's step-down method).

    The chance of one or more false findings stays below the level, whatever the dependence.

    Parameters
    ----------
    p : array of n numbers from 0 to 1

    Returns
    -------
    array of n numbers, in the order given

    References
    ----------
    Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.

    Examples
    --------
    >>> import analysis as ta
    >>> [round(float(p), 3) for p in ta.holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    given = columns.numbers(p, name="p", low=0.0, high=1.0)
    order = np.argsort(given, kind="stable")
    raised = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    return _in_order(raised, order)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Adjust p-values for a search through many comparisons (false discovery rate).

    The expected share of false findings among the findings stays below the level if the tests are
    independent or positively dependent.

    Parameters
    ----------
    p : array of n numbers from 0 to 1

    Returns
    -------
    array of n numbers, in the order given

    References
    ----------
    Benjamini and Hochberg, JRSS B 57 (1995) 289-300.

    Examples
    --------
    >>> import analysis as ta
    >>> [round(float(p), 3) for p in ta.benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    given = columns.numbers(p, name="p", low=0.0, high=1.0)
    n = len(given)
    order = np.argsort(given, kind="stable")
    steps = given[order] * n / np.arange(1, n + 1)
    return _in_order(np.minimum.accumulate(steps[::-1])[::-1], order)


def _in_order(sorted_values: Floats, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Floats:
    result = np.empty(len(order))
    result[order] = np.minimum(sorted_values, 1.0)
    return result
