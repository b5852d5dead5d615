"""Checks an export against itself: files, rules, hash chains and seals. Standard library only."""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from analysis.dataset import chain
from analysis.dataset.archive import Package, open_package
from analysis.dataset.schema import FORMAT_VERSION
from analysis.errors import DataError

MANIFEST = "MANIFEST.json"
EVENTS = "events.jsonl"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was checked, and all that does not fit; `broken` is in the order of the log."""

    n_files: int
    n_rooms: int
    n_events: int
    broken: tuple[chain.Break, ...]
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether the export proves itself."""
        return not self.broken and not self.problems

    def __str__(self) -> str:
        if self.ok:
            return (
                f"Every file, chain and seal verifies: {self.n_files} files, {self.n_rooms} rooms, "
                f"{self.n_events} events."
            )
        return "\n".join([*(f"{each}." for each in self.broken), *self.problems])


def verify(path: str | Path) -> Verification:
    """Check an export (a directory or a .zip of it); the log is streamed, room by room.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=2, n_interrogators=2, seed=1)
    >>> ta.verify(folder).ok
    True
    """
    package = open_package(Path(path))
    problems = [*_files(package), *_rules(package)]
    broken, rooms, n_events = _chains(package, problems)
    problems += _sealed_rooms(package, rooms)
    return Verification(
        n_files=len(package.names),
        n_rooms=len(rooms),
        n_events=n_events,
        broken=tuple(broken),
        problems=tuple(problems),
    )


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


def _rules(package: Package) -> Iterator[str]:
    study = _json(package, "study.json")
    if chain.sha256(study.get("config")) != study.get("sha256"):
        yield "study.json: its sha256 is not that of its rules; one of them was changed."


def _chains(
    package: Package, problems: list[str]
) -> tuple[list[chain.Break], dict[str, object], int]:
    """Broken chains; the seal of each room in the log; the number of events."""
    broken: list[chain.Break] = []
    seals: dict[str, object] = {}
    n_events = 0
    if EVENTS not in package.names:
        problems.append(f"{EVENTS} is missing: without the log no chain can be followed.")
        return broken, seals, n_events
    with package.open(EVENTS) as stream:
        for room, events in itertools.groupby(_events(stream, problems), key=_room):
            if room in seals:
                problems.append(f"{EVENTS}: the events of room {room} are not in one piece.")
            log = _Log(events)
            found = log.first_break()
            seals[room] = log.seal
            n_events += log.n_events
            if found is not None:
                broken.append(found)
    return broken, seals, n_events


def _sealed_rooms(package: Package, seals: Mapping[str, object]) -> Iterator[str]:
    from analysis.dataset.partitions import read_whole

    rooms = read_whole(package, "rooms").frame
    if not {"room", "seal", "study_sha256"} <= set(rooms.columns):
        yield "rooms cannot be read; load the export to see why."
        return
    expected = _json(package, "study.json").get("sha256")
    for room, seal, study in zip(rooms["room"], rooms["seal"], rooms["study_sha256"], strict=True):
        if room not in seals:
            yield f"Room {room} has no event in {EVENTS}."
        elif seals[room] != seal:
            yield f"Room {room}: the seal in rooms is not the one in its first event."
        if study != expected:
            yield f"Room {room} was made under other rules ({study}) than study.json holds."
    for room in sorted(seals.keys() - set(rooms["room"])):
        yield f"Room {room} has events but no row in rooms."


def _events(stream: BinaryIO, problems: list[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(stream), start=1):
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if isinstance(event, dict) and isinstance(event.get("room"), str):
            yield event
        else:
            problems.append(f"{EVENTS}, line {number}: this is not an event.")


def _lines(stream: BinaryIO) -> Iterable[bytes]:
    # Bytes break at \n alone; text would also break at other marks inside a message.
    return stream


class _Log:
    """One room's events as they pass: how many there were, the last one, and the seal."""

    def __init__(self, events: Iterable[dict[str, Any]]) -> None:
        self._events = iter(events)
        self._last: dict[str, Any] = {}
        self.n_events = 0
        self.seal: object = None

    def first_break(self) -> chain.Break | None:
        try:
            found = chain.first_break(self._passing())
        except (KeyError, TypeError, ValueError, AttributeError):
            room, event = str(self._last["room"]), str(self._last.get("id"))
            why = "it lacks fields that every event has"
            found = chain.Break(room=room, event=event, why=why)
        for _ in self._passing():  # A break ends the check, and not the count.
            pass
        return found

    def _passing(self) -> Iterator[dict[str, Any]]:
        for event in self._events:
            body = event.get("body")
            if self.n_events == 0 and isinstance(body, Mapping):
                self.seal = body.get("seal")
            self.n_events += 1
            self._last = event
            yield event


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
