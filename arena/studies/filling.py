"""Fills a persona's places with what was drawn for its room.

Braces in a persona's words are places: `{name}`, or `{home.town}` where the list holds records. A
brace that stands for itself is written twice.
"""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from arena.studies.design import Draws, ProfileSpec

#: A doubled brace, a place, or a brace that is neither.
_BRACE = re.compile(r"\{\{|\}\}|\{([^{}\n]{0,80})\}|[{}]")


def drawn(lists: Draws, rng: random.Random) -> dict[str, str]:
    """One value of each list, by the places that it fills."""
    chosen = {name: rng.choice(records) for name, records in lists.items()}
    return {
        _place(name, part): value
        for name, record in chosen.items()
        for part, value in record.items()
    }


def filled_profile(machine: ProfileSpec, values: Mapping[str, str]) -> ProfileSpec:
    """The profile as it plays in a room for which these values were drawn."""
    notes = machine.notes
    return replace(
        machine,
        persona=filled(machine.persona, values),
        notes=notes and tuple(replace(note, text=filled(note.text, values)) for note in notes),
    )


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with a value in each of its places."""

    def put(found: re.Match[str]) -> str:
        return found[0][0] if found[1] is None else values[found[1]]

    return _BRACE.sub(put, text)


def places(lists: Draws) -> Iterator[str]:
    """The places that lists can fill."""
    for name, records in lists.items():
        for part in records[0] if records else ():
            yield _place(name, part)


def named_places(text: str) -> Iterator[str | None]:
    """What stands between each pair of braces; None for a brace alone."""
    for found in _BRACE.finditer(text):
        if found[0] not in ("{{", "}}"):
            yield found[1]


def _place(name: str, part: str) -> str:
    return f"{name}.{part}" if part else name
