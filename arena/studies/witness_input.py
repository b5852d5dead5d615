"""How people in witnesses' seats write: whether they may paste, and whether typing is recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from arena.studies.fields import FieldReader


class Pasting(StrEnum):
    """Whether a witness may paste into a message."""

    ALLOW = "allow"
    FORBID = "forbid"


class Recording(StrEnum):
    """Whether it is recorded how witnesses, and they alone, write their messages."""

    NONE = "none"
    RECORD = "record"


class RelayedRule(StrEnum):
    """What is made of a room whose human witness wrote what looks relayed."""

    COUNT = "count"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessInput:
    """How people in witnesses' seats write; `stated` is where the consent says so, word for word.

    None where nothing has to be stated: pasting is allowed, and nothing is recorded.
    """

    pasting: Pasting
    typing: Recording
    relayed: RelayedRule
    stated: str | None

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """What `config` came from."""
        parts = {
            "pasting": Pasting(config["pasting"]),
            "typing": Recording(config["typing"]),
            "relayed": RelayedRule(config["relayed"]),
        }
        return cls(**{**config, **parts})


def read(part: FieldReader) -> WitnessInput:
    """Read the section of a study file."""
    told = part.text("stated", max_length=1000)
    found = WitnessInput(
        pasting=part.choice("pasting", Pasting),
        typing=part.choice("typing", Recording),
        relayed=part.choice("relayed", RelayedRule),
        stated=None if told == "none" else told,
    )
    is_known = part.valid("relayed", "typing")
    if is_known and found.typing == Recording.NONE and found.relayed == RelayedRule.EXCLUDE:
        part.refuse("relayed", "count, since without `typing: record` nothing can look relayed")
    part.close()
    return found


def check_stated(file: FieldReader, given: WitnessInput, consent: str) -> None:
    """Refuse a consent that does not say what is done with a witness's writing."""
    is_needed = given.pasting == Pasting.FORBID or given.typing == Recording.RECORD
    if is_needed and (given.stated is None or given.stated not in consent):
        file.refuse(
            "witness_input",
            "`stated`: a sentence that stands word for word in `consent` and tells witnesses that "
            "pasting is forbidden or what is recorded of how they write",
        )
