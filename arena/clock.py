"""The one source of the present moment: UTC, cut to the millisecond the log stores."""

import datetime as dt


def now() -> dt.datetime:
    """The present moment, to the millisecond."""
    moment = dt.datetime.now(dt.UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
