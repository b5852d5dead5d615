"""Checks an export against itself: files, rules, hash chains, seals, and every row of its tables.

The rows are derived anew from the log by the functions that exports are written by.
"""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from analysis.dataset import chain
from analysis.dataset.archive import Package, open_package
from analysis.dataset.compared_tables import ComparedTables
from analysis.dataset.derivation import ROW_OF, RoomReading, RoomRules
from analysis.dataset.entries import Entry
from analysis.dataset.schema import FORMAT_VERSION
from analysis.errors import DataError

MANIFEST = "MANIFEST.json"
EVENTS = "events.jsonl"
_CHUNK = 1 << 20
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was checked, all that does not fit, and what nothing in the export can prove.

    `broken` is in the order of the log; `unchecked` are sentences.
    """

    n_files: int
    n_rooms: int
    n_events: int
    broken: tuple[chain.Break, ...]
    problems: tuple[str, ...]
    unchecked: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the export proves itself."""
        return not self.broken and not self.problems

    def __str__(self) -> str:
        if not self.ok:
            return "\n".join([*(f"{each}." for each in self.broken), *self.problems])
        said = (
            "Every file, chain and seal verifies, and every table follows from the log: "
            f"{self.n_files} files, {self.n_rooms} rooms, {self.n_events} events."
        )
        return "\n".join([said, "Not proved by it:", *(f"- {each}" for each in self.unchecked)])


def verify(path: str | Path) -> Verification:
    """Check an export (a directory or a .zip of it); log and tables are streamed, room by room.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=2, n_interrogators=2, seed=1)
    >>> ta.verify(folder).ok
    True
    """
    package = open_package(Path(path))
    study = _json(package, "study.json")
    problems = [*_files(package), *_rules(study)]
    if EVENTS not in package.names:
        raise DataError((f"{path} holds no {EVENTS}, without which nothing can be followed.",))
    found = _Check(package, study)
    return Verification(
        n_files=len(package.names),
        n_rooms=len(found.rooms),
        n_events=found.n_events,
        broken=tuple(found.broken),
        problems=(*problems, *found.problems),
        unchecked=(*_outside(package), *found.unchecked()),
    )


def _outside(package: Package) -> Iterator[str]:
    """What no log can tell, whatever is in it."""
    with package.open(MANIFEST) as stream:
        _, digest = _digest(stream)
    yield (
        "That no room and no end of a log was taken out, or the whole written anew: compare "
        f"elsewhere the SHA-256 of {MANIFEST}, {digest}."
    )
    yield (
        "When and by what it was exported, how many rooms had not ended (study.json), codebook.md: "
        f"{MANIFEST} alone knows of them."
    )
    if "people.csv" in package.names:
        yield "people.csv: no log has addresses, time zones and quiet hours."


def _files(package: Package) -> Iterator[str]:
    manifest = _json(package, MANIFEST)
    files = manifest.get("files")
    if manifest.get("format_version") != FORMAT_VERSION or not isinstance(files, dict):
        yield f"{MANIFEST} is not that of format version {FORMAT_VERSION}; export the study again."
        return
    for name in sorted(files.keys() - package.names):
        yield f"{name} is listed in {MANIFEST} but missing; export the study again."
    for name in sorted(package.names - files.keys() - {MANIFEST}):
        yield f"{name} is not listed in {MANIFEST}; take it out of the export."
    for name in sorted(package.names & files.keys()):
        with package.open(name) as stream:
            size, digest = _digest(stream)
        if {"sha256": digest, "bytes": size} != files[name]:
            yield f"{name} is not the file that was exported: its SHA-256 or its size has changed."


def _rules(study: Mapping[str, Any]) -> Iterator[str]:
    config = study.get("config")
    if chain.sha256(config) != study.get("sha256"):
        yield "study.json: its sha256 is not that of its rules; one of them was changed."
    for name, value in (config if isinstance(config, dict) else {}).items():
        shown = "study" if name == "slug" else name
        if shown in ("study", "title", "simulated") and study.get(shown) != value:
            yield f"study.json: its {shown} is {study.get(shown)!r}, but its rules say {value!r}."


@dataclass(slots=True, kw_only=True)
class _Opening:
    """What is known of the rooms of a log before it is read: their order, and who sat where."""

    places: dict[str, int] = field(default_factory=dict)
    assignments: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, package: Package) -> "_Opening":
        found = cls()
        with package.open(EVENTS) as stream:
            for line in stream:
                if b'"sealed"' in line or b'"revealed"' in line:
                    found._take(_json_of(line))
        return found

    def _take(self, event: object) -> None:
        match event:
            case {"kind": "sealed", "room": str(room)}:
                self.places.setdefault(room, len(self.places))
            case {"kind": "revealed", "room": str(room), "body": {"assignment": str(drawn)}}:
                self.assignments[room] = drawn


class _Check:
    """Goes through the log of an export once; what it finds is in its fields."""

    def __init__(self, package: Package, study: Mapping[str, Any]) -> None:
        self._study = study
        self.broken: list[chain.Break] = []
        self.problems: list[str] = []
        self.n_events = self.n_erased = self.n_unbound = 0
        self.rooms: dict[str, None] = {}
        self._opening = _Opening.of(package)
        self._tables = ComparedTables(package, self._opening.places)
        self._source_sha256 = chain.text_sha256(str(study.get("source")))
        try:
            self._rules: RoomRules | None = RoomRules.of(study["config"])
        except (KeyError, TypeError):
            self._rules = None
            self.problems.append("study.json: its rules lack format, duration_s or simulated.")
        with package.open(EVENTS) as stream:
            for room, events in itertools.groupby(_events(stream, self.problems), key=_room):
                if room in self.rooms:
                    self.problems.append(
                        f"{EVENTS}: the events of room {room} are not in one piece."
                    )
                self.rooms[room] = None
                self._follow(room, events)
        self.problems += self._whole()

    def unchecked(self) -> Iterator[str]:
        """What the log does not tell."""
        if self.n_erased:
            yield (
                "What was said in erased bodies, which is gone as their writers wished: "
                f"{self.n_erased} events."
            )
        if self.n_unbound:
            yield (
                f"Whether `source` of study.json is the study file: {self.n_unbound} rooms are "
                "older than what tells it."
            )
        yield from self._tables.unchecked()

    def _follow(self, room: str, events: Iterable[dict[str, Any]]) -> None:
        """Check the chain of a room, and its rows by it as far as it proves itself."""
        log = _Log(events, self._reading(room), self._tables)
        found, fault = log.first_break(), log.fault
        self.n_events += log.n_events
        self.n_erased += log.n_erased
        if found is not None:
            self.broken.append(found)
        elif fault is None:
            fault = self._end(log)
        if fault is not None and found is None:
            self.problems.append(f"Room {room}: {fault}.")
        if found is not None or fault is not None:
            self._tables.leave(room)

    def _reading(self, room: str) -> RoomReading | str:
        """What is to be made of a room, or why nothing can be."""
        if self._rules is None:
            return "its rules are not known"
        if room not in self._opening.assignments or room not in self._opening.places:
            return "its log does not open the seal of its assignment, so its end is missing"
        try:
            return RoomReading(room, rules=self._rules, assignment=self._opening.assignments[room])
        except (ValueError, KeyError) as error:
            return f"{error}"

    def _end(self, log: "_Log") -> str | None:
        """Check what a whole log says of its room; return what no table can be made of."""
        if isinstance(reading := log.reading, str):
            return reading
        try:
            rows = list(reading.last_rows())
        except (ValueError, KeyError, TypeError) as error:
            return f"its tables do not follow from its log ({error})"
        for table, row in rows:
            self._tables.expect(table, row, untold=reading.untold if table == "rooms" else ())
        sealed, room = reading.standing.sealed, rows[0][1]["room"]
        if sealed["study_sha256"] != self._study.get("sha256"):
            made_under = sealed["study_sha256"]
            self.problems.append(
                f"Room {room} was made under other rules ({made_under}) than study.json holds."
            )
        if sealed["study"] != self._study.get("study"):
            self.problems.append(f"Room {room} is one of study {sealed['study']}, by its log.")
        if "source_sha256" not in sealed:
            self.n_unbound += 1
        elif sealed["source_sha256"] != self._source_sha256:
            self.problems.append(
                f"Room {room} was made by another text than `source` of study.json."
            )
        return None

    def _whole(self) -> Iterator[str]:
        yield from self._tables.problems()
        if self._study.get("n_rooms") != len(self.rooms):
            promised = self._study.get("n_rooms")
            yield f"study.json promises {promised} rooms; {EVENTS} has {len(self.rooms)}."


def _events(stream: BinaryIO, problems: list[str]) -> Iterator[dict[str, Any]]:
    # Bytes break at \n alone; text would also break at other marks inside a message.
    for number, line in enumerate(stream, start=1):
        event = _json_of(line)
        if isinstance(event, dict) and isinstance(event.get("room"), str):
            yield event
        else:
            problems.append(f"{EVENTS}, line {number}: this is not an event.")


def _json_of(line: bytes) -> object:
    """The value of a line; None if it is no JSON."""
    try:
        value: object = _DECODER.decode(line.decode())
    except ValueError:
        return None
    return value


class _Log:
    """One room's events as they pass: how many there were, and what rows follow from them.

    A row is made of an event after its chain was found whole up to there.
    """

    def __init__(
        self, events: Iterable[dict[str, Any]], reading: RoomReading | str, tables: ComparedTables
    ) -> None:
        self._events = iter(events)
        self.reading, self._tables = reading, tables
        self._last: dict[str, Any] = {}
        self.n_events = self.n_erased = 0
        #: Why nothing more is made of the events.
        self.fault = reading if isinstance(reading, str) else None

    def first_break(self) -> chain.Break | None:
        try:
            found = chain.first_break(self._passing())
        except (KeyError, TypeError, ValueError, AttributeError):
            room, event = str(self._last["room"]), str(self._last.get("id"))
            why = "it lacks fields that every event has"
            found = chain.Break(room=room, event=event, why=why)
        for _ in self._events:  # A break ends the check, and not the count.
            self.n_events += 1
        return found

    def _passing(self) -> Iterator[dict[str, Any]]:
        for event in self._events:
            self.n_events += 1
            self._last = event
            yield event
            if self.fault is None and isinstance(self.reading, RoomReading):
                self._derive(self.reading, event)

    def _derive(self, reading: RoomReading, event: dict[str, Any]) -> None:
        self.n_erased += event["body"] is None
        try:
            entry = Entry.of(event)
            reading.hear(entry)
            if (table := ROW_OF.get(entry.kind)) is None:
                return
            if (row := reading.row(entry)) is not None:
                self._tables.expect(table, row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.fault = f"event {event['id']} cannot be what its kind says ({error!r})"


def _room(event: Mapping[str, object]) -> str:
    return str(event["room"])


def _digest(stream: BinaryIO) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        digest.update(chunk)
    return size, digest.hexdigest()


def _json(package: Package, name: str) -> dict[str, Any]:
    if name not in package.names:
        raise DataError((f"{package.path} holds no {name}; give the whole export.",))
    try:
        value = json.loads(package.read(name))
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise DataError((f"{name} is not a JSON object; export the study again.",))
    return value
