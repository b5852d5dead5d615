"""Simulated logs with what no simulation has: held words, how they were typed, an unsealing."""

from collections.abc import Iterator

from analysis.dataset import chain


def chained(rows: list[dict]) -> list[dict]:
    """The log with every hash made anew: what somebody does who owns the file."""
    done: list[dict] = []
    for row in rows:
        before = done[-1] if done and done[-1]["room"] == row["room"] else None
        new = row | {
            "seq": before["seq"] + 1 if before else 1,
            "prev": before["hash"] if before else chain.GENESIS,
        }
        if new["salt"] is not None:
            new["body_sha256"] = chain.body_digest(new["body"], new["salt"])
        done.append(new | {"hash": chain.event_digest(new)})
    return done


def recorded(room: list[dict]) -> list[dict]:
    """A room's log whose host unsealed it, with its witnesses' words held until the next event.

    How each was typed stands beside it.
    """
    made: list[dict] = []
    waiting: list[dict] = []
    for row in room:
        made += _shown(waiting, row["at"])
        waiting = []
        if row["kind"] != "message" or row["seat"] == "interrogator":
            made.append(row)
            if row["kind"] == "started":
                made.append(_beside(row, "unsealed", {"host": "ada", "why": "a complaint"}))
            continue
        held = row | {"kind": "held", "id": _id(row, 1)}
        held["body"] = row["body"] | {"written_at": row["at"].replace("Z", "+00:00")}
        made += [held, _beside(row, "typed", _typed(row, seq=len(made) + 1))]
        waiting.append(row | {"body": row["body"] | {"held": held["id"]}})
    return chained(made)


def _shown(waiting: list[dict], at: str) -> Iterator[dict]:
    return (row | {"at": at} for row in waiting)


def _beside(row: dict, kind: str, body: dict) -> dict:
    return row | {"kind": kind, "id": _id(row, 2), "pane": "", "body": body}


def _typed(row: dict, *, seq: int) -> dict:
    n_chars = len(row["body"]["text"])
    return {
        "message": seq,
        "chars": n_chars,
        "keys": 1,
        "pastes": 1,
        "pasted_chars": n_chars - 1,
        "away": 1,
        "away_ms": 9_000,
        "writing_ms": 300,
        "pause_p50_ms": None,
        "pause_p90_ms": None,
    }


def _id(row: dict, n: int) -> str:
    return f"{n}{row['id'][1:]}"
