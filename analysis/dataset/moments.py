"""The one way in which a record writes a moment: the hash chain is over these characters."""

import datetime as dt

_1970 = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MS = dt.timedelta(milliseconds=1)


def iso_ms(moment: dt.datetime) -> str:
    """The moment in UTC, cut to the millisecond: 2026-11-22T22:42:10.123Z."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone. Pass an aware moment.")
    utc = moment if moment.tzinfo is dt.UTC else moment.astimezone(dt.UTC)
    return utc.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def since_1970_ms(moment: dt.datetime) -> int:
    """A moment as the milliseconds since 1970, cut to the last whole one."""
    return (moment - _1970) // _MS


def read_ms(text: str) -> int:
    """A moment in ISO 8601 with its zone as the milliseconds since 1970; ValueError for others."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone.")
    return since_1970_ms(moment)
