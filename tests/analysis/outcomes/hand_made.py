"""Studies of a few rooms, written down act by act."""

import dataclasses
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd

import analysis as ta
from analysis.dataset.schema import TABLES

#: Words, seconds of live time, then what the act needs.
Act = tuple[object, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Told:
    """One room: its acts, in order, and what it was. The human sits in pane A, the machine in B."""

    acts: Sequence[Act]
    ends: str = "time_up"
    end_s: int = 300
    kind: str = ""  # of the witness; two_party if there is one
    pause: tuple[float, float] | None = None  # from what live time on, and for how long (s)
    agent: str = ""


@cache
def empty_study() -> ta.Study:
    """A study without rooms, with every frame and its columns."""
    folder = tempfile.mkdtemp()
    ta.simulate(folder, n_rooms=0, n_interrogators=1, seed=1)
    return ta.load(folder)


def study_of(*rooms: Told, **config: object) -> ta.Study:
    """The study of these rooms, each of another interrogator.

    Acts: ("ask", s, pane), ("say", s, pane), ("belief", s, p_true), ("verdict", s, correct),
    ("withheld", s, pane, why, seq of the newest message or None), ("call", s, pane, outcome,
    purpose). The first has the seq 2.
    """
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
    for number, told in enumerate(rooms):
        for name, row in _rows(told, f"r{number}", f"q{number}"):
            rows[name].append(row)
    empty = empty_study()
    frames = {
        name: pd.DataFrame(rows[name], columns=list(getattr(empty, name).columns)).astype(
            getattr(empty, name).dtypes.to_dict()
        )
        for name in TABLES
        if rows[name]
    }
    silence = {"after_s": 60, "rule": "count"}
    rules = {"machine_failure": "count", "human_silence": silence, "paused_room": "count"}
    rules = rules | {"forced_verdict": "separate"} | config
    two = bool(rooms and rooms[0].kind)
    form = {"format": "two_party" if two else "three_party"}
    return dataclasses.replace(empty, config={**empty.config, **form, **rules}, **frames)


def _moment(told: Told, live_s: float) -> pd.Timestamp:
    """When something happened; what is said at the moment of a pause was said before it."""
    later = told.pause[1] if told.pause and live_s > told.pause[0] else 0
    return pd.Timestamp("2026-01-01", tz="UTC") + pd.Timedelta(seconds=live_s + later)


def _rows(told: Told, room: str, who: str) -> list[tuple[str, dict[str, object]]]:
    made, sent, sent_all = [], 0, 0
    for seq, (word, second, *rest) in enumerate(told.acts, start=2):
        at: Mapping[str, object] = {
            "room": room,
            "event": f"{room}-{seq}",
            "seq": seq,
            "elapsed_ms": int(float(str(second)) * 1000),
            "at": _moment(told, float(str(second))),
        }
        if word in ("ask", "say"):
            sent, sent_all = sent + (word == "ask"), sent_all + 1
            by = "interrogator" if word == "ask" else rest[0]
            words = {"pane": rest[0], "seat": by, "kind": "human", "text": "x", "n_chars": 1}
            made.append(("messages", {**at, **words, "erased": False}))
        elif word == "belief":
            said = {"p": rest[0], "p_true": rest[0], "n_messages": sent}
            made.append(("beliefs", {**at, **said}))
        elif word == "verdict":
            human = {"": "A" if rest[0] else "B"}.get(
                told.kind, str((told.kind == "human") == rest[0]).lower()
            )
            said = {"human": human, "correct": rest[0], "confidence": 0.9, "reason": "x"}
            made.append(("verdicts", {**at, **said, "n_messages": sent}))
        elif word == "withheld":
            seat, why, upto = rest
            made.append(("withheld", {**at, "seat": seat, "why": why, "upto": upto}))
        else:
            seat, outcome, purpose = rest
            call = {"seat": seat, "profile": "m1", "backend": "b", "outcome": outcome}
            call |= {"purpose": purpose, "n_turns": 1}
            made.append(("machine_calls", {**at, **call}))
    decided = told.acts and told.acts[-1][0] == "verdict"
    end = told.acts[-1][1] if decided else told.end_s
    row = {
        "room": room,
        "study": "s",
        "study_sha256": "0",
        "format": "two_party" if told.kind else "three_party",
        "profile": "" if told.kind == "human" else "m1",
        "human_pane": "" if told.kind == "machine" else "A",
        "witness_kind": told.kind,
        "interrogator": who,
        "human_witness": "w",
        "created_at": pd.Timestamp("2026-01-01", tz="UTC"),
        "started_at": pd.Timestamp("2026-01-01", tz="UTC"),
        "ended_at": pd.Timestamp("2026-01-01", tz="UTC"),
        "duration_ms": 300_000,
        "elapsed_ms": int(float(str(end)) * 1000),
        "paused_ms": int(told.pause[1] * 1000) if told.pause else 0,
        "end_reason": "verdict" if decided else told.ends,
        "ended_by": "interrogator" if decided else "",
        "n_messages": sent,
        "n_messages_all": sent_all,
        "seal": "0",
        "simulated": True,
    }
    seats = ("interrogator", "A") if told.kind else ("interrogator", "A", "B")
    for seat in seats:
        sits = {"room": room, "seat": seat, "kind": "human", "stand_in": False}
        sits["agent"] = told.agent if seat == "interrogator" else ""
        made.append(("seats", sits))
    return [*made, ("rooms", row)]


def unsealed(study: ta.Study, n: int) -> ta.Study:
    """The same study, but a host unsealed its first rooms before their end."""
    rooms = study.rooms
    at = rooms["started_at"].where(pd.Series(range(len(rooms))) < n)
    return dataclasses.replace(study, rooms=rooms.assign(unsealed_at=at))
