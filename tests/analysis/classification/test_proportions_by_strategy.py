"""Accuracy by strategy: which rooms count for which strategy."""

import dataclasses
from pathlib import Path

import pandas as pd

import analysis as ta


def test_room_counts_once_for_each_strategy_used_before_its_verdict(export: Path) -> None:
    study = dataclasses.replace(
        ta.load(export),
        rooms=pd.DataFrame(
            {
                "room": ["a", "b"],
                "interrogator": ["q1", "q2"],
                "human_witness": ["w1", "w2"],
                "elapsed_ms": [500, 500],
                "duration_ms": [900, 900],
            }
        ),
        messages=pd.DataFrame({"event": ["m1", "m2", "m3", "m4"], "seq": [2, 3, 9, 2]}),
        verdicts=pd.DataFrame({"room": ["a", "b"], "seq": [5, 5], "correct": [True, False]}),
        strategies=pd.DataFrame(
            {
                "room": ["a", "a", "a", "a", "b", "c"],
                "message": ["m1", "m1", "m2", "m3", "m4", "m1"],
                "strategy": ["joke", "joke", "joke", "late", "joke", "joke"],
            }
        ),
    )
    rows = ta.strategy_rooms(study)
    assert rows.to_dict("list") == {
        "room": ["a", "b"],
        "strategy": ["joke", "joke"],
        "correct": [True, False],
    }
    found = ta.accuracy_by_strategy(study)
    assert (found.groups, found.n.tolist(), found.proportion.tolist()) == (("joke",), [2], [0.5])


def test_profiles_of_a_whole_study_add_up(export: Path) -> None:
    study = ta.load(export)
    found = ta.accuracy_by_profile(study)
    assert found.n.sum() == len(study.verdicts)
    assert found.n_correct.sum() == study.verdicts["correct"].sum()
    assert (found.n_clusters <= 8).all()
