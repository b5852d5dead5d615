"""Rooms cut where the strategy changes: no row knows what came after its start."""

import dataclasses
from pathlib import Path

import pandas as pd
import pytest

import analysis as ta


def study_of(export: Path, sent: list[tuple[str, int, list[str]]], tags: list[tuple]) -> ta.Study:
    """One room `r`: (event, elapsed_ms) of the interrogator's messages, a verdict at 9000."""
    study = ta.load(export)
    room = study.rooms[study.rooms["end_reason"] == "verdict"].iloc[[0]]
    room = room.assign(room="r", interrogator="q1", elapsed_ms=9000, n_messages=len(sent))
    seats = ["interrogator"] * len(sent)
    messages = pd.DataFrame(
        {
            "room": "r",
            "event": [event for event, *_ in sent],
            "seq": range(1, len(sent) + 1),
            "elapsed_ms": [at for _, at, *_ in sent],
            "seat": [
                rest[0] if rest else seat for (_, _, *rest), seat in zip(sent, seats, strict=True)
            ],
        }
    )
    own = int((messages["seat"] == "interrogator").sum())
    verdict = study.verdicts.iloc[[0]].assign(
        room="r", seq=99, elapsed_ms=9000, n_messages=own, correct=True
    )
    strategies = pd.DataFrame(tags, columns=["message", "strategy", "source"]).assign(room="r")
    return dataclasses.replace(
        study,
        rooms=room,
        messages=messages,
        verdicts=verdict,
        beliefs=study.beliefs.iloc[:0],
        strategies=strategies,
    )


def rows(study: ta.Study, **options: object) -> list[tuple]:
    found = ta.strategy_episodes(study, rule=ta.Rule(), **options)
    assert set(found["room"]) <= {"r"}
    return list(found[["start", "stop", "strategy", "event"]].itertuples(index=False, name=None))


SENT = [("m1", 1000), ("m2", 2000), ("a", 2500, "A"), ("m3", 4000), ("m4", 7000)]
TAGS = [
    ("m1", "joke", "interrogator"),
    ("m2", "joke", "interrogator"),
    ("m2", "joke", "coder"),
    ("m4", "logic", "interrogator"),
    ("m4", "accuse", "model"),
    ("elsewhere", "joke", "coder"),
]


def test_strategy_holds_from_its_message_to_the_next(export: Path) -> None:
    assert rows(study_of(export, SENT, TAGS)) == [
        (0, 1000, "none", 0),
        (1000, 4000, "joke", 0),
        (4000, 7000, "none", 0),
        (7000, 9000, "accuse+logic", 1),
    ]


def test_message_clock_gives_each_message_its_own_strategy(export: Path) -> None:
    assert rows(study_of(export, SENT, TAGS), clock="messages") == [
        (0, 2, "joke", 0),
        (2, 3, "none", 0),
        (3, 4, "accuse+logic", 1),
    ]


def test_active_clock_counts_silences_up_to_the_cap(export: Path) -> None:
    study = study_of(export, SENT, TAGS)
    study = dataclasses.replace(study, config={**study.config, "active_gap_cap_s": 1})
    assert rows(study, clock="active") == [
        (0, 1000, "none", 0),
        (1000, 3500, "joke", 0),
        (3500, 4500, "none", 0),
        (4500, 5500, "accuse+logic", 1),
    ]


def test_tags_of_one_source_alone(export: Path) -> None:
    assert rows(study_of(export, SENT, TAGS), source="coder") == [
        (0, 2000, "none", 0),
        (2000, 4000, "joke", 0),
        (4000, 9000, "none", 1),
    ]
    with pytest.raises(
        ta.ArgumentError, match="`source` must be one of interrogator, coder, model"
    ):
        rows(study_of(export, SENT, TAGS), source="nobody")


def test_untagged_room_is_one_row(export: Path) -> None:
    assert rows(study_of(export, SENT, [])) == [(0, 9000, "none", 1)]
    assert rows(study_of(export, [], [])) == [(0, 9000, "none", 1)]


def test_replaced_and_late_messages_leave_no_row(export: Path) -> None:
    sent = [("m1", 0), ("m2", 3000), ("m3", 3000), ("m4", 9000)]
    tags = [(name, name, "coder") for name, _ in sent]
    assert rows(study_of(export, sent, tags)) == [(0, 3000, "m1", 0), (3000, 9000, "m3", 1)]


def test_room_decided_without_a_message_was_never_at_risk_on_that_clock(export: Path) -> None:
    assert rows(study_of(export, [], []), clock="messages") == []


@pytest.mark.parametrize("clock", ["wall", "active", "messages"])
def test_episodes_tile_every_room(export: Path, clock: str) -> None:
    study = ta.load(export)
    rooms = ta.detections(study, clock).set_index("room")
    found = ta.strategy_episodes(study, clock)
    assert (found["start"] < found["stop"]).all()
    by_room = found.groupby("room", sort=False)
    assert set(by_room.groups) == set(rooms.index[rooms["time"] > 0])
    for name, part in by_room:
        assert part["start"].iloc[0] == 0
        assert part["stop"].iloc[-1] == rooms.loc[name, "time"]
        assert part["start"].tolist()[1:] == part["stop"].tolist()[:-1]
        assert part["event"].tolist() == [0] * (len(part) - 1) + [rooms.loc[name, "cause"]]
        assert (part["strategy"].to_numpy()[1:] != part["strategy"].to_numpy()[:-1]).all()


def test_episodes_feed_the_regression(export: Path) -> None:
    study = ta.load(export)
    found = ta.strategy_episodes(study)
    used = found["strategy"].str.get_dummies("+").drop(columns="none", errors="ignore")
    used = used.loc[:, used[found["event"] > 0].sum() > 1]
    model = ta.cox(
        found["start"], found["stop"], found["event"] > 0, used, cluster=found["interrogator"]
    )
    assert list(model.terms) == list(used.columns)
