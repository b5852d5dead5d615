"""Turns the published tables into the frames of a study: one row per game, message and verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.dataset.osf_tables import Released, moments, truthy
from analysis.dataset.schema import TABLES, Type
from analysis.dataset.tables import settle
from analysis.errors import DataError

SLUG = "osf-jk7bw"

_DTYPES: Mapping[Type, Any] = {
    Type.TEXT: "str",
    Type.JSON: "str",
    Type.INTEGER: "Int64",
    Type.NUMBER: "float64",
    Type.BOOLEAN: "boolean",
    Type.MOMENT: "datetime64[ms, UTC]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The games to turn into rooms, and the tables they come from."""

    games: pd.DataFrame
    tables: Released
    duration_s: int
    sha256: str


def games(tables: Released) -> pd.DataFrame:
    """One row per game: who met whom, where the human was, and when it began and ended."""
    game = tables["tt_game"].rename(columns={"id": "game"})
    sides = _sides(tables)
    _refuse(game["game"][~game["game"].isin(sides.index)], "it needs one human and one AI witness")
    seats = tables["tt_interrogator"].drop_duplicates("id").set_index("id")["user_id"]
    game = game.join(sides, on="game")
    game["user_id"] = game["interrogator_id"].map(seats).fillna("")
    _refuse(game["game"][game["user_id"] == ""], "its interrogator is not in tt_interrogator")
    game["is_test"] = truthy(game["is_test"])
    said = _said(tables)
    first = said.groupby("game")["at"].min()
    created = moments(game["created_at"])
    game["started_at"] = pd.concat([created, game["game"].map(first)], axis=1).min(axis=1)
    ended = moments(game["verdict_at"]).fillna(moments(game["finished_at"]))
    _refuse(game["game"][created.isna() | ended.isna()], "it needs created_at and an end")
    game["ended_at"] = ended
    game["created_at"] = created
    game["elapsed_ms"] = _ms(ended - game["started_at"])
    _refuse(game["game"][game["elapsed_ms"] < 0], "it ends before it begins")
    counts = said.groupby(["game", "pane"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=game["game"], columns=["A", "B"], fill_value=0)
    game["fewest"] = counts.min(axis=1).to_numpy()
    return game.sort_values("game", key=_number, ignore_index=True)


def frames(source: Source) -> Mapping[str, pd.DataFrame]:
    """Every frame of a study; those about which the release is silent are empty."""
    said = _said(source.tables).merge(source.games[["game", "started_at", "human"]], on="game")
    said["elapsed_ms"] = _ms(said["at"] - said["started_at"])
    said["seq"] = said.groupby("game").cumcount() + 1
    verdicts = _verdicts(source, said)
    made = {
        "rooms": _rooms(source, said, verdicts),
        "seats": _seats(source.games),
        "messages": _messages(said),
        "verdicts": verdicts,
    }
    empty: dict[str, object] = {}
    return {name: _frame(name, made.get(name, empty)) for name in TABLES}


def _sides(tables: Released) -> pd.DataFrame:
    """By game: the pane of the human, the person behind it, and the machine in the other."""
    talk = tables["tt_conversation"].merge(
        tables["tt_witness"].rename(columns={"id": "witness_id"}), on="witness_id"
    )
    talk = talk[talk["label"].isin(("A", "B")) & talk["witness_type"].isin(("H", "A"))]
    labels = tables["tt_transcripts"].drop_duplicates(["game_id", "conversation_label"])
    named = labels.set_index(["game_id", "conversation_label"])["witness"]
    model = tables["tt_aimodel"].drop_duplicates("id").set_index("id")["name"]
    key = pd.MultiIndex.from_frame(talk[["game_id", "label"]])
    name = pd.Series(named.reindex(key).to_numpy(), index=talk.index)
    talk["profile"] = name.where(name.notna() & (name != ""), talk["ai_model_id"].map(model))
    human, machine = (talk[talk["witness_type"] == kind].set_index("game_id") for kind in "HA")
    pairs = human[["label", "user_id"]].rename(columns={"label": "human", "user_id": "witness"})
    pairs = pairs.join(machine[["label", "profile"]], how="inner")
    single = ~pairs.index.duplicated(keep=False) & (pairs["human"] != pairs["label"])
    return pairs[single].drop(columns="label")


def _said(tables: Released) -> pd.DataFrame:
    """Messages that were shown, in order: game, pane, id, at, by, text."""
    message = tables["tt_message_anonymized"]
    message = message[~truthy(message["hidden"])].rename(columns={"id": "message"})
    talk = tables["tt_conversation"].rename(columns={"id": "conversation_id", "game_id": "game"})
    message = message.merge(talk[["conversation_id", "game", "label"]], on="conversation_id")
    made = pd.DataFrame(
        {
            "game": message["game"],
            "pane": message["label"],
            "message": message["message"],
            "at": moments(message["timestamp"]),
            "by": message["sender_role"],
            "text": message["content"],
        }
    )
    _refuse(made["game"][made["at"].isna()], "a message has no time")
    order = pd.DataFrame({"game": _number(made["game"]), "at": made["at"]})
    order["message"] = _number(made["message"])
    return made.loc[order.sort_values(["game", "at", "message"]).index].reset_index(drop=True)


def _given(tables: Released) -> pd.DataFrame:
    """One verdict per game: that of the lowest id, or the first transcript."""
    if not tables.has_verdicts:
        given = tables["tt_transcripts"].drop_duplicates("game_id")
        return given[given["verdict"] != ""].assign(id=given["game_id"])
    given = tables["tt_verdict"]
    return given.sort_values("id", key=_number).drop_duplicates("game_id")


def _verdicts(source: Source, said: pd.DataFrame) -> pd.DataFrame:
    given = _given(source.tables).rename(columns={"game_id": "game"})
    game = source.games[["game", "human", "ended_at", "elapsed_ms"]]
    both = game.merge(given, on="game")
    _refuse(both["game"][~both["verdict"].isin(("A", "B"))], "its verdict is neither A nor B")
    correct = both["verdict"] == both["human"]
    _refuse(both["game"][correct != truthy(both["is_correct"])], "is_correct contradicts it")
    signed = pd.to_numeric(both["confidence"], errors="coerce")
    _refuse(both["game"][~signed.between(-100, 100)], "its confidence is not from -100 to 100")
    mine = said[said["by"] == "I"].merge(game[["game", "ended_at"]], on="game")
    n_mine = mine[mine["at"] <= mine["ended_at"]].groupby("game").size()
    total = said.groupby("game").size()
    return pd.DataFrame(
        {
            "room": both["game"],
            "event": "verdict-" + both["id"],
            "seq": both["game"].map(total).fillna(0) + 1,
            "at": both["ended_at"],
            "elapsed_ms": both["elapsed_ms"],
            "n_messages": both["game"].map(n_mine).fillna(0),
            "human": both["verdict"],
            "correct": correct,
            # Negative is towards A: the sign says what the verdict says again.
            "confidence": 0.5 + signed.abs() / 200,
            "reason": both["reason"],
        }
    )


def _rooms(source: Source, said: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    game = source.games
    decided = game["game"].isin(verdicts["room"])
    mine = said[said["by"] == "I"].groupby("game").size()
    limit = pd.to_timedelta(source.duration_s, unit="s")
    return pd.DataFrame(
        {
            "room": game["game"],
            "study": SLUG,
            "study_sha256": source.sha256,
            "format": "three_party",
            "profile": game["profile"],
            "human_pane": game["human"],
            "witness_kind": "",
            "interrogator": "p" + game["user_id"],
            "human_witness": "p" + game["witness"],
            "created_at": game["created_at"],
            "started_at": game["started_at"],
            "ends_at": game["started_at"] + limit,
            "ended_at": game["ended_at"],
            "duration_ms": source.duration_s * 1000,
            "elapsed_ms": game["elapsed_ms"],
            "paused_ms": 0,
            "end_reason": np.where(decided, "verdict", "dropped_out"),
            "ended_by": np.where(decided, "interrogator", ""),
            "n_messages": game["game"].map(mine).fillna(0),
            "n_messages_all": game["game"].map(said.groupby("game").size()).fillna(0),
            "seal": "",
            "simulated": False,
            "unsealed_at": pd.Series(pd.NaT, index=game.index, dtype=game["ended_at"].dtype),
        }
    )


def _seats(game: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for seat in ("interrogator", "A", "B"):
        person = game["human"] == seat
        who = "p" + game["witness"]
        if seat == "interrogator":
            person, who = pd.Series(True, index=game.index), "p" + game["user_id"]
        part = {
            "room": game["game"],
            "seat": seat,
            "kind": np.where(person, "human", "machine"),
            "participant": who.where(person, ""),
            "profile": game["profile"].where(~person, ""),
            "stand_in": False,
        }
        parts.append(pd.DataFrame(part))
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)


def _messages(said: pd.DataFrame) -> pd.DataFrame:
    mine = said["by"] == "I"
    human = mine | (said["pane"] == said["human"])
    return pd.DataFrame(
        {
            "room": said["game"],
            "event": said["message"],
            "seq": said["seq"],
            "at": said["at"],
            "elapsed_ms": said["elapsed_ms"],
            "pane": said["pane"],
            "seat": said["pane"].mask(mine, "interrogator"),
            "kind": np.where(human, "human", "machine"),
            "text": said["text"],
            "n_chars": said["text"].str.len(),
            "erased": False,
        }
    )


def _frame(table: str, columns: object) -> pd.DataFrame:
    """Columns of the table in their types, empty where nothing was given."""
    given = columns if isinstance(columns, pd.DataFrame) else pd.DataFrame()
    made = {}
    for column in TABLES[table]:
        dtype = _DTYPES[column.type]
        blank = "" if dtype == "str" else None
        cells = given.get(column.name, pd.Series([blank] * len(given), index=given.index))
        made[column.name] = cells.astype(dtype)
    return settle(pd.DataFrame(made), table)


def _ms(span: pd.Series) -> pd.Series:
    whole: pd.Series = span.dt.total_seconds().mul(1000).round().astype("Int64")
    return whole


def _number(ids: pd.Series) -> pd.Series:
    """Ids in the order of their numbers; others behind them."""
    numbers: pd.Series = pd.to_numeric(ids, errors="coerce")
    return numbers.fillna(np.inf)


def _refuse(rooms: pd.Series, why: str) -> None:
    if len(rooms):
        named = ", ".join(rooms.unique()[:5]) + (" and more" if rooms.nunique() > 5 else "")
        raise DataError((f"Game {named}: {why}; check the release.",))
