"""The one way in which a record writes a moment: the hash chain is over these characters."""

import datetime as dt


def iso_ms(moment: dt.datetime) -> str:
    """The moment in UTC, cut to the millisecond: 2026-11-22T22:42:10.123Z."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone. Pass an aware moment.")
    utc = moment if moment.tzinfo is dt.UTC else moment.astimezone(dt.UTC)
    return utc.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
