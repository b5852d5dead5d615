"""Which rooms are alike: those of one interrogator, and those of one human witness."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.dataset.study import Study
from analysis.numerics.clustering import effective_of
from analysis.numerics.limits import FEW_EFFECTIVE, FEW_INTERROGATORS

if TYPE_CHECKING:
    import pandas as pd


def room_clusters(study: Study, rooms: ArrayLike) -> NDArray[np.object_]:
    """Find the labels to cluster these rooms by, for the argument `cluster` of an estimator.

    They are those of the interrogator; and, where human witnesses are met in several rooms, of the
    human witness in a second column. Fewer than 5 of them, or witnesses worth fewer than 4 of
    equally many rooms, are too few to tell how witnesses differ: then there is one column, and what
    is estimated holds for these witnesses.

    Parameters
    ----------
    study : Study
        From `load` or `load_osf`.
    rooms : array of n room codes
        As in the column `room` of `detections`; a room may be listed twice.

    Returns
    -------
    array of n labels, or of n x 2

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=3, n_interrogators=2, seed=1)
    >>> study = ta.load(folder)
    >>> ta.room_clusters(study, study.rooms["room"]).shape
    (3,)
    """
    import pandas as pd

    of = study.rooms.set_index("room")
    listed = pd.Series(np.asarray(rooms).astype(object))
    interrogator = listed.map(of["interrogator"]).to_numpy(object)
    witness = _witnesses(listed, of["human_witness"])
    if not _come_back(witness, listed):
        return interrogator
    return np.stack([interrogator, witness.to_numpy(object)], axis=1)


def _witnesses(rooms: "pd.Series", human: "pd.Series") -> "pd.Series":
    """The human witness of each room; the room itself where there is none."""
    named = rooms.map(human)
    return named.where(named.notna() & (named != ""), "room " + rooms.astype(str))


def _come_back(witness: "pd.Series", rooms: "pd.Series") -> bool:
    each = witness[~rooms.duplicated()]
    if not each.duplicated().any():
        return False
    return each.nunique() >= FEW_INTERROGATORS and effective_of(each) >= FEW_EFFECTIVE
