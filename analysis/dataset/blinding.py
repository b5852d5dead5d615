"""What is worked with before anybody may know who was who: false labels, and texts without any."""

import dataclasses
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import pandas as pd

from analysis.dataset.study import Study

S = TypeVar("S", bound=Study)

#: Of a room with one witness, what its label decides.
_LABELS = ["profile", "human_pane", "witness_kind", "human_witness"]
_OTHER = {"A": "B", "B": "A"}


def permuted(study: S, *, seed: int | None = None) -> S:
    """Give a study with false labels, to write an analysis with before it is unblinded.

    In a room of three the two panes change labels by the toss of a coin; rooms with one witness
    are given each other's labels. What follows from a label (whether a verdict was right, the
    belief in the truth, the kind of a message) is made to fit. Everything else is as it was, so
    counts, times and ends are true and whatever compares humans with machines is not. What only
    one kind of witness has would tell who is who, and is taken out: calls to machines, what they
    withheld, how people typed, which seat left, when a lone witness came. Rules that go by these
    (see `included`) are to be applied before.

    Parameters
    ----------
    study : Study
        From `load`.
    seed : int, optional
        Another seed gives other labels; the same one always the same. By default it is made of the
        hash of the study's rules.

    Returns
    -------
    Study
        The same class as the one given, `blinded`: reports of it say so.
    """
    rng = np.random.default_rng(int(study.sha256[:12], 16) if seed is None else seed)
    three = study.rooms["format"].eq("three_party").to_numpy(bool)
    swapped = three & (rng.random(len(three)) < 0.5)
    rooms = study.rooms.copy()
    rooms.loc[swapped, "human_pane"] = rooms.loc[swapped, "human_pane"].map(_OTHER)
    left = rooms["ended_by"].isin(list(_OTHER))
    rooms["ended_by"] = rooms["ended_by"].mask(left, "").astype(study.rooms["ended_by"].dtype)
    order = np.arange(len(rooms))
    order[~three] = rng.permutation(order[~three])
    witness_of = dict(zip(rooms["room"].iloc[order], rooms["room"], strict=True))
    rooms[_LABELS] = rooms[_LABELS].iloc[np.where(three, np.arange(len(rooms)), order)].to_numpy()
    kinds = _kinds(rooms)
    return dataclasses.replace(
        study,
        config={**study.config, "labels": "permuted"},
        rooms=rooms.astype(study.rooms.dtypes.to_dict()),
        seats=_seats(study.seats, rooms, swapped=rooms["room"][swapped], witness_of=witness_of),
        machine_calls=study.machine_calls.iloc[:0],
        withheld=study.withheld.iloc[:0],
        typing=study.typing.iloc[:0],
        messages=_relabelled(study.messages, kinds),
        beliefs=_beliefs(study.beliefs, rooms),
        verdicts=_verdicts(study.verdicts, rooms),
    )


def _kinds(rooms: pd.DataFrame) -> Mapping[tuple[str, str], str]:
    """The kind in each pane of each room."""
    kinds = {}
    for room, format, pane, kind in zip(
        rooms["room"], rooms["format"], rooms["human_pane"], rooms["witness_kind"], strict=True
    ):
        if format == "two_party":
            kinds[room, "A"] = kind
            continue
        for name in "AB":
            kinds[room, name] = "human" if name == pane else "machine"
    return kinds


def _relabelled(table: pd.DataFrame, kinds: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    places = zip(table["room"], table["seat"], table["kind"], strict=True)
    found = [kinds.get((room, seat), kind) for room, seat, kind in places]
    return table.assign(kind=pd.Series(found, index=table.index, dtype=table["kind"].dtype))


def _seats(
    seats: pd.DataFrame,
    rooms: pd.DataFrame,
    *,
    swapped: pd.Series,
    witness_of: Mapping[str, str],
) -> pd.DataFrame:
    """Seats with whoever the labels put there: names exchanged, or lone witnesses moved.

    `witness_of` gives the room to which the witness of a room moves: its own in rooms of three.
    When a lone witness came would tell where from, so that is left out.
    """
    witness = seats["seat"].isin(list(_OTHER))
    exchanged = witness & seats["room"].isin(swapped)
    names = seats["seat"].mask(exchanged, seats["seat"].map(_OTHER))
    alone = set(rooms["room"][rooms["format"] == "two_party"])
    moves = witness & seats["room"].isin(alone)
    room = seats["room"].mask(moves, seats["room"].map(witness_of))
    came = seats["ready_at"].mask(moves)
    place = pd.Series(range(len(rooms)), index=rooms["room"])
    moved = seats.assign(
        room=room.astype(seats["room"].dtype),
        seat=names.astype(seats["seat"].dtype),
        ready_at=came.astype(seats["ready_at"].dtype),
    )
    # In the order of rooms and of names: another one would show what was moved.
    by = pd.DataFrame(
        {
            "room": moved["room"].map(place),
            "witness": moved["seat"] != "interrogator",
            "seat": moved["seat"].astype(str),
            "stands_in": ~moved["stand_in"],
        }
    )
    order = by.sort_values(["room", "witness", "seat", "stands_in"], kind="stable").index
    return moved.loc[order].reset_index(drop=True)


def _beliefs(beliefs: pd.DataFrame, rooms: pd.DataFrame) -> pd.DataFrame:
    human = beliefs["room"].map(_human_first(rooms)).astype(bool)
    return beliefs.assign(p_true=beliefs["p"].where(human, 1 - beliefs["p"]))


def _verdicts(verdicts: pd.DataFrame, rooms: pd.DataFrame) -> pd.DataFrame:
    human = verdicts["room"].map(_human_first(rooms)).astype(bool)
    correct = verdicts["human"].isin(["A", "true"]) == human
    return verdicts.assign(correct=correct.astype(verdicts["correct"].dtype))


def _human_first(rooms: pd.DataFrame) -> pd.Series:
    """By room, whether the human is who a belief of 1 would name."""
    alone = rooms["format"] == "two_party"
    first = rooms["witness_kind"].eq("human").where(alone, rooms["human_pane"].eq("A"))
    return pd.Series(first.to_numpy(bool), index=rooms["room"])


def coding_sheet(study: Study) -> pd.DataFrame:
    """Give coders of strategies what was said, and nothing of who said it.

    One row per message: room, message (its id, for the table ``strategies``), pane, who
    (``interrogator`` or ``witness``), text. Rooms are in the order of their codes, which are
    random; numbers of events and times are left out, for machines leave gaps in both.
    """
    said = study.messages[study.messages["text"] != ""]
    said = said.sort_values(["room", "seq"], kind="stable")
    witness = said["seat"] != "interrogator"
    return pd.DataFrame(
        {
            "room": said["room"],
            "message": said["event"],
            "pane": said["pane"],
            "who": np.where(witness, "witness", "interrogator"),
            "text": said["text"],
        }
    ).reset_index(drop=True)
