"""Verdicts given of one's own accord, and verdicts that the clock asked for."""

from typing import TYPE_CHECKING

import numpy as np

from analysis.classification.proportions import Accuracy, accuracy

if TYPE_CHECKING:
    from analysis.dataset.study import Study

#: The groups of verdicts.
IN_TIME, AFTER = "while time ran", "after time was up"


def accuracy_by_timing(study: "Study", *, level: float = 0.95) -> Accuracy:
    """Share of right verdicts, of those given while time ran and of those given after it was up.

    Who decides while time runs is sure, or hasty; who has to when it is up may be neither. So this
    compares two kinds of rooms and is no effect of time. Verdicts that the study's rules exclude
    are in neither group.
    """
    from analysis.outcomes.inclusion import included
    from analysis.outcomes.time_up import is_forced

    study = included(study)
    interrogator = study.rooms.set_index("room")["interrogator"]
    return accuracy(
        study.verdicts["correct"],
        by=np.where(is_forced(study), AFTER, IN_TIME).astype(object),
        cluster=study.verdicts["room"].map(interrogator).to_numpy(object),
        level=level,
    )
