"""Right verdicts while time ran and after it was up."""

import analysis as ta
from tests.analysis.outcomes.hand_made import Told, study_of

ROOMS = [
    *(Told(acts=[("verdict", 10 + k, k < 3)]) for k in range(4)),
    *(Told(acts=[("verdict", 310 + k, k < 1)]) for k in range(5)),
]


def test_each_verdict_is_in_one_group() -> None:
    found = ta.accuracy_by_timing(study_of(*ROOMS))
    shares = dict(zip(found.groups, zip(found.n_correct, found.n, strict=True), strict=True))
    assert shares == {"while time ran": (3, 4), "after time was up": (1, 5)}


def test_excluded_verdicts_are_in_none() -> None:
    found = ta.accuracy_by_timing(study_of(*ROOMS, forced_verdict="exclude"))
    assert found.groups == ("while time ran",) and found.n.tolist() == [4]
    assert ta.win_rate_by_profile(study_of(*ROOMS, forced_verdict="exclude")).n.sum() == 4
    for rule in ("separate", "count"):
        assert ta.win_rate_by_profile(study_of(*ROOMS, forced_verdict=rule)).n.sum() == 9
