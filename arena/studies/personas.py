"""The parts of a machine profile that make a persona of its own in each room.

Each may be left out: then nothing is drawn, no notes are shown, and no typing error is made.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping

from arena.pacing import Layout, PacingRule, TypingSettings
from arena.persona.day_notes import DayNote
from arena.studies.design import SCRIPTS, Draws, Initiative, ProfileSpec
from arena.studies.fields import FieldReader
from arena.studies.filling import named_places, places
from arena.studies.yaml import Located

MAX_LISTS, MAX_VALUES, MAX_VALUE_CHARS = 30, 200, 2000
MAX_NOTES, MAX_NOTE_CHARS = 1000, 2000
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_VALUES = (
    f"a list of 2 to {MAX_VALUES} different texts, whole numbers or records that have the same "
    "keys, or whole numbers such as {from: 19, to: 34}"
)


def draws(profile: FieldReader) -> Draws | None:
    """The lists that a persona is filled from; None where there are none."""
    if not profile.has("draws"):
        profile.allow("draws")
        return None
    part = profile.section_or("draws", "none")
    if part is None:
        return None
    lists = {}
    for name in part.names():
        if not _NAME.fullmatch(name):
            part.refuse(name, "a name of small letters, digits and _, such as name or home_town")
            continue
        values = part.read(name, _VALUES, _records)
        lists[name] = values or ()
    if not 1 <= len(lists) <= MAX_LISTS:
        profile.refuse("draws", f"1 to {MAX_LISTS} lists, each under its name")
    return lists


def _records(value: object) -> tuple[Mapping[str, str], ...] | None:
    """Each value as a record; one that has no parts is under the empty name."""
    if isinstance(value, dict):
        return _range(value)
    if not isinstance(value, list) or not 2 <= len(value) <= MAX_VALUES:
        return None
    records = [_record(each) for each in value]
    found = [each for each in records if each]
    same = len({tuple(sorted(each)) for each in found}) == 1
    different = len({tuple(sorted(each.items())) for each in found}) == len(records)
    return tuple(found) if same and different else None


def _range(value: dict[str, Located]) -> tuple[Mapping[str, str], ...] | None:
    if set(value) != {"from", "to"}:
        return None
    ends = [value[end].value for end in ("from", "to")]
    match ends:
        case [int(low), int(high)] if 1 <= high - low < MAX_VALUES:
            return tuple({"": str(n)} for n in range(low, high + 1))
    return None


def _record(each: Located) -> dict[str, str] | None:
    if not isinstance(each.value, dict):
        text = _text(each.value)
        return None if text is None else {"": text}
    parts = {key: _text(part.value) for key, part in each.value.items()}
    names_fit = parts and all(_NAME.fullmatch(key) for key in parts)
    texts = {key: text for key, text in parts.items() if text is not None}
    return texts if names_fit and len(texts) == len(parts) else None


def _text(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    fits = isinstance(value, str) and 0 < len(value.strip()) <= MAX_VALUE_CHARS
    return value.strip() if fits and isinstance(value, str) else None


def notes(profile: FieldReader) -> tuple[DayNote, ...] | None:
    """What the persona knows of certain days; None where there is nothing."""
    if not profile.has("notes"):
        profile.allow("notes")
        return None
    parts = list(profile.sections("notes"))
    if len(parts) > MAX_NOTES:
        profile.refuse("notes", f"at most {MAX_NOTES} notes, not {len(parts)}")
    return tuple(_note(part) for part in parts)


def _note(part: FieldReader) -> DayNote:
    note = DayNote(
        date=part.text("date", max_length=10), text=part.text("text", max_length=MAX_NOTE_CHARS)
    )
    if part.valid("date") and not _is_day(note.date):
        part.refuse("date", "a day such as 2026-12-01")
    part.close()
    return note


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def typing(profile: FieldReader) -> TypingSettings | None:
    """How the machine types; None where it types without an error."""
    if not profile.has("typing"):
        profile.allow("typing")
        return None
    part = profile.section_or("typing", "none")
    if part is None:
        return None
    settings = TypingSettings(
        layout=part.choice("layout", Layout),
        errors=part.number("errors", low=0, high=0.2),
        corrected=part.number("corrected", low=0, high=1),
        lower_case=part.number("lower_case", low=0, high=1),
        no_apostrophes=part.number("no_apostrophes", low=0, high=1),
    )
    part.close()
    return settings


def initiative(profile: FieldReader, machine: ProfileSpec, *, in_rounds: bool) -> Initiative:
    """Whether the machine also writes unasked: as people do, where its waits are theirs."""
    if not profile.has("initiative"):
        profile.allow("initiative")
        hides = machine.pacing.rule in (PacingRule.CALIBRATED, PacingRule.MATCHED)
        by_people = hides and not in_rounds and machine.backend not in SCRIPTS
        return Initiative.PEOPLE if by_people else Initiative.NONE
    stated = profile.choice("initiative", Initiative)
    if stated == Initiative.PEOPLE and in_rounds:
        profile.refuse("initiative", "none: in rounds a witness writes when it is asked")
    return stated


def check_places(profile: FieldReader, machine: ProfileSpec) -> None:
    """Refuse braces that are no places, places without a list, and lists without a place."""
    if not profile.valid("persona") or (profile.has("draws") and not profile.valid("draws")):
        return
    if not all((machine.draws or {}).values()):  # a list was refused already
        return
    known = set(places(machine.draws or {}))
    used: set[str] = set()
    for key, text in _words(profile, machine):
        named = list(named_places(text))
        used.update(place for place in named if place is not None)
        wrong = [place for place in named if place not in known]
        if wrong:
            profile.refuse_value(key, _shown(wrong[0]), _expected(known))
    unused = [name for name in machine.draws or {} if not _is_used(name, used)]
    for name in unused:
        expected = f"a place for it in the persona or its notes, {{{name}}} or {{{name}.…}}"
        profile.refuse_inside(f"draws.{name}", value="never used", expected=expected)


def _words(profile: FieldReader, machine: ProfileSpec) -> Iterator[tuple[str, str]]:
    yield "persona", machine.persona
    if profile.valid("notes"):
        # A note that was refused already may have none.
        yield from (("notes", note.text or "") for note in machine.notes or ())


def _shown(place: str | None) -> str:
    return "a brace alone" if place is None else f"{{{place}}}"


def _expected(known: Collection[str]) -> str:
    shown = ", ".join(f"{{{place}}}" for place in sorted(known)) or "no place, as there is no list"
    return f"{shown}; for a brace itself write it twice: {{{{ or }}}}"


def _is_used(name: str, used: set[str]) -> bool:
    return any(place.partition(".")[0] == name for place in used)
