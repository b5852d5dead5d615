"""An event as the tables are made of it: without its proof."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from analysis.dataset.moments import read_ms


class Entry(NamedTuple):
    """An event without its proof; `at` in milliseconds since 1970, `body` None where erased."""

    seq: int
    event: str
    at: int
    kind: str
    seat: str
    pane: str
    body: Mapping[str, Any] | None

    @classmethod
    def of(cls, line: Mapping[str, Any]) -> "Entry":
        """The event of a line of a log; KeyError, TypeError or ValueError if it is none."""
        seq, event, kind, seat = line["seq"], line["id"], line["kind"], line["seat"]
        return cls(seq, event, read_ms(line["at"]), kind, seat, line["pane"], line["body"])
