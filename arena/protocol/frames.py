"""The frames a room sends, built field by field: a field not named here reaches no seat.

Knows no socket and no database; who may see an event is decided before it gets here.
"""

import datetime as dt
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass

from arena.event_kinds import Body, SeenBy
from arena.rules import Format, Phase, SeatName, panes

VERSION = 1

#: A frame to a client: a JSON object whose keys stand in a fixed order.
Frame = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lobby:
    """What a room frame adds before the room is live."""

    consent: str
    consent_sha256: str
    ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """What a room frame adds in a study with rounds: the open one's times, if one is open."""

    began_at: dt.datetime | None
    ends_at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnActs:
    """What a room frame tells an interrogator of its own acts: it need not hold the log."""

    belief: tuple[float, dt.datetime] | None  # the last one, and when
    said: Mapping[str, int]  # its messages in each pane
    asked: dt.datetime | None = None  # since when a question for the belief waits for an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What a room frame tells of a conversation: how far it was read, and what came since."""

    after: str | None  # the last event that was read; None if none ever was
    n: int  # messages of the other side since, counted up to a limit


def room(
    *,
    seat: SeatName,
    format: Format,
    phase: Phase,
    started_at: dt.datetime | None,
    ends_at: dt.datetime | None,
    now: dt.datetime,
    message_chars: int,
    lobby: Lobby | None = None,
    rounds: Rounds | None = None,
    own: OwnActs | None = None,
    unread: Mapping[str, Unread] | None = None,
) -> Frame:
    """The state of the room; a witness learns neither its label nor any pane.

    `unread` is by pane; a witness has one.
    """
    asks = seat == SeatName.INTERROGATOR
    frame: Frame = {
        "is": "room",
        "v": VERSION,
        "seat": "interrogator" if asks else "witness",
        "format": str(format),
        "phase": str(phase),
        "panes": list(panes(format)) if asks else [],
        "started_at": None if started_at is None else _iso_ms(started_at),
        "ends_at": None if ends_at is None else _iso_ms(ends_at),
        "now": _iso_ms(now),
        "limits": {"message_chars": message_chars},
    }
    if own is not None:
        p, at = own.belief or (None, None)
        frame["belief"] = None if p is None or at is None else {"p": p, "at": iso_s(at)}
        frame["said"] = dict(own.said)
        frame["asked"] = None if own.asked is None else {"at": iso_s(own.asked)}
    if unread:
        told = {pane: {"after": each.after, "n": each.n} for pane, each in unread.items()}
        frame["unread"] = told if asks else next(iter(told.values()))
    if rounds is not None:
        frame["round"] = {
            "began_at": None if rounds.began_at is None else _iso_ms(rounds.began_at),
            "ends_at": None if rounds.ends_at is None else _iso_ms(rounds.ends_at),
        }
    if lobby is not None:
        frame["consent"] = {"text": lobby.consent, "sha256": lobby.consent_sha256}
        frame["ready"] = lobby.ready
    return frame


def event(
    *,
    id: str,
    at: dt.datetime,
    mine: bool,
    body: Body,
    pane: str | None = None,
) -> Frame:
    """One event as a seat sees it: of its body, only what that kind may show."""
    if body.seen_by == SeenBy.NOBODY:
        raise ValueError(f"No seat sees a {body.kind!s} event. Send those of `queries.sight` only.")
    frame: Frame = {"is": "event", "id": id, "at": iso_s(at)}
    frame["kind"] = str(body.shown_as or body.kind)
    if pane is not None:
        frame["pane"] = pane
    frame["from"] = "me" if mine else "them"
    for field in body.shown_fields:
        frame[field] = getattr(body, field)
    return frame


def page(re: str) -> Frame:
    """What comes from here to the `synced` of the same `re` is the page that was asked for."""
    return {"is": "page", "re": re}


def synced(*, earlier: bool, later: bool, re: str | None = None) -> Frame:
    frame: Frame = {"is": "synced", "earlier": earlier, "later": later}
    return frame if re is None else {**frame, "re": re}


def ack(re: str, event: str) -> Frame:
    return {"is": "ack", "re": re, "event": event}


def pong(now: dt.datetime) -> Frame:
    return {"is": "pong", "now": _iso_ms(now)}


def ended(reason: str) -> Frame:
    return {"is": "ended", "reason": str(reason)}


def reveal(human: str | bool, seal: Mapping[str, object]) -> Frame:
    return {"is": "reveal", "human": human, "seal": dict(seal)}


def error(re: str | None, code: str, message: str) -> Frame:
    return {"is": "error", "re": re, "code": code, "message": message}


def encode(frame: Frame) -> str:
    """The frame as compact JSON text, every character as itself."""
    return _ENCODER.encode(frame)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _iso_ms(moment: dt.datetime) -> str:
    """The moment in UTC, cut to the millisecond: 2026-11-22T22:42:10.123Z."""
    return _utc(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@functools.lru_cache(maxsize=1024)  # each view of an event tells its moment
def iso_s(moment: dt.datetime) -> str:
    """The moment in UTC, cut to the whole second: 2026-11-22T22:42:10Z."""
    return _utc(moment).isoformat(timespec="seconds").replace("+00:00", "Z")


def _utc(moment: dt.datetime) -> dt.datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone. Pass an aware moment.")
    return moment.astimezone(dt.UTC)
