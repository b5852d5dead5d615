"""A log by itself, and people's own accounts of their room against it, by the protocol alone."""

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from analysis.dataset import chain
from arena.rehearsal.faults import Fault, Found
from tests.faults.laboratory.person import Person
from tests.faults.laboratory.stored import Stored
from tests.kit.wire import Frame

#: What of an event is shown, by its kind.
_SHOWN = {
    "message": ("text",),
    "held": ("text",),
    "belief": ("p",),
    "belief_asked": (),
    "tag": ("event", "strategies"),
    "verdict": ("human", "confidence", "reason"),
}
#: What is stored as milliseconds may seem to be that much too early.
_ROUNDED = dt.timedelta(milliseconds=1)


# The log by itself


def logged(log: Sequence[Stored]) -> Found:
    """A log proves itself, time passes in it, and its rounds show what they held, at their end."""
    if (broken := chain.first_break(event.line for event in log)) is not None:
        yield Fault.LOST, str(broken)
    for before, event in itertools.pairwise(log):
        if event.at < before.at:
            yield Fault.EARLY, f"event {event.seq} is older than the one before it"
    yield from _rounds(log)


def _rounds(log: Sequence[Stored]) -> Found:
    said = Counter(event.body["held"] for event in log if event.body.get("held"))
    for held, n in said.items():
        if n > 1:
            yield Fault.DOUBLED, f"the held answer {held} was said {n} times"
    began: Stored | None = None
    for event in log:
        if event.kind == "held" and began is None:
            yield Fault.EARLY, f"answer {event.seq} is held in no round"
        if event.kind != "round":
            continue
        if event.body["ends_at"] is not None:
            began = event
        elif began is not None:
            yield from _closed(log[began.seq - 1 : event.seq], said)
            began = None


def _closed(span: Sequence[Stored], said: Mapping[str, int]) -> Found:
    """A round from its first event to the last: it was over, and what it held is said."""
    began, *during, closed = span
    if closed.at < dt.datetime.fromisoformat(began.body["ends_at"]) - _ROUNDED:
        yield Fault.EARLY, f"the round that event {closed.seq} closes had not ended"
    for event in during:
        if event.kind == "held" and event.id not in said:
            yield Fault.LOST, f"the held answer {event.id} was never shown, its round is over"


# What was promised


def promised(person: Person, log: Sequence[Stored], *, seat: str) -> Found:
    """What was acknowledged is stored, once and in the order of sending; what was refused not."""
    mine = [event for event in log if event.client_id in person.sent]
    by_id = {event.client_id: event for event in mine}
    for client_id, event_id in person.acks.items():
        yield from _kept(person.sent[client_id], event_id, by_id.get(client_id), seat=seat)
    for client_id, n in Counter(event.client_id for event in mine).items():
        if n > 1:
            yield Fault.DOUBLED, f"command {client_id} is stored {n} times"
    for client_id in person.refused:
        if client_id in by_id:
            yield Fault.DOUBLED, f"command {client_id} was refused and is stored"
    order = [event.client_id for event in mine if event.client_id not in person.unordered]
    if order != [each for each in person.sent if each in by_id and each not in person.unordered]:
        yield Fault.LOST, f"what the {seat or 'stand-in'} sent is stored in another order"


def _kept(command: Frame, event_id: str, stored: Stored | None, *, seat: str) -> Found:
    if stored is None or stored.id != event_id:
        yield Fault.LOST, f"the acknowledged {command} is not in the log"
    elif seat and stored.seat != seat:
        yield Fault.LEAKED, f"event {stored.seq} of the {seat} is logged as {stored.seat}'s"
    elif command["do"] == "say" and stored.body.get("text") != command["text"]:
        yield Fault.LOST, f"event {stored.seq} has not the words of {command}"


# What was shown


def owed(log: Sequence[Stored], seat: str) -> Iterator[Frame]:
    """The event frames that a seat is owed, oldest first."""
    for event in log:
        if event.kind not in _SHOWN or not _is_for(event, seat):
            continue
        yield {
            "is": "event",
            "id": event.id,
            "at": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "kind": "message" if event.kind == "held" else event.kind,
            **({"pane": event.pane} if seat == "interrogator" and event.pane else {}),
            "from": "me" if event.seat == seat else "them",
            **{name: event.body[name] for name in _SHOWN[event.kind]},
        }


def _is_for(event: Stored, seat: str) -> bool:
    if seat == "interrogator":
        return event.kind != "held"
    # What a witness said in a round is shown to it when it was held, and not again.
    is_again = event.kind == "message" and event.body.get("held") is not None
    return event.kind in ("message", "held") and event.pane == seat and not is_again


def compared(shown: Mapping[str, Frame], log: Sequence[Stored], *, seat: str, what: str) -> Found:
    """All that a seat may see was shown to it, as it is stored and in that order, and no more."""
    wanted = {frame["id"]: frame for frame in owed(log, seat)}
    if n_missing := sum(each not in shown for each in wanted):
        yield Fault.LOST, f"{n_missing} of {len(wanted)} events were never {what} to {seat}"
    if n_foreign := sum(each not in wanted for each in shown):
        yield Fault.EARLY, f"{n_foreign} events that were {what} to {seat} are none of its own"
    both = [each for each in wanted if each in shown]
    if both != [each for each in shown if each in wanted]:
        yield Fault.LOST, f"events were {what} to {seat} in another order than that of the log"
    if (other := next((each for each in both if shown[each] != wanted[each]), None)) is not None:
        yield Fault.LOST, f"{what} to {seat}: {shown[other]}, but the log says {wanted[other]}"
