"""Texts of human witnesses that look as if written elsewhere, by how they were typed."""

import numpy as np
import pandas as pd

from analysis.dataset.study import Study
from analysis.errors import ArgumentError

#: The rule of `relayed` unless another is given, and so that of the study-file key `relayed`.
PASTED_SHARE = 0.8
LEAST_CHARS = 20
LEAST_AWAY_S = 5.0


def relayed(
    study: Study,
    *,
    pasted_share: float = PASTED_SHARE,
    least_chars: int = LEAST_CHARS,
    least_away_s: float = LEAST_AWAY_S,
) -> pd.DataFrame:
    """List the texts of human witnesses that look relayed.

    A text looks relayed if it has at least `least_chars` characters, at least `pasted_share` of
    them came by pasting, no more keys were used than make up the rest, and the page had been left
    for at least `least_away_s` since the message before. It is a sign and no proof: somebody may
    write in another window, or paste an address. That there is none proves as little, since what
    a browser counts is what its owner lets it count.

    Parameters
    ----------
    study : Study
        From `load`; only studies with ``witness_input.typing: record`` have what is looked at.
    pasted_share : float
        From 0 to 1.
    least_chars : int
        Shorter texts never look relayed.
    least_away_s : float
        Seconds; 0 takes texts before which the page was never left.

    Returns
    -------
    DataFrame
        room, seat, message (number of the event that holds it), chars, pasted_chars, keys, away_ms.

    Raises
    ------
    ArgumentError
        A share outside 0 to 1, or a negative length or time.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=3, n_interrogators=2, seed=1)
    >>> len(ta.relayed(ta.load(folder)))
    0
    """
    if not 0 <= pasted_share <= 1:
        raise ArgumentError(
            f"`pasted_share` is {pasted_share!r}; a number from 0 to 1 was expected."
        )
    for name, value in (("least_chars", least_chars), ("least_away_s", least_away_s)):
        if not value >= 0:
            raise ArgumentError(f"`{name}` is {value!r}; 0 or more was expected.")
    typing = study.typing
    chars = typing["chars"].to_numpy(np.float64)
    looks = (
        (chars >= least_chars)
        & (typing["pasted_chars"].to_numpy(np.float64) >= pasted_share * chars)
        & (typing["keys"].to_numpy(np.float64) <= chars - pasted_share * chars)
        & (typing["away_ms"].to_numpy(np.float64) >= 1000 * least_away_s)
    )
    columns = ["room", "seat", "message", "chars", "pasted_chars", "keys", "away_ms"]
    return typing.loc[looks, columns].reset_index(drop=True)
