"""Consecutive events of a log, by column: Arrow works out for all of them what it can."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import pyarrow as pa
import pyarrow.compute as compute
import pyarrow.json

from analysis.dataset import chain
from analysis.dataset.arrow import arrow_schema
from arena.event_kinds import MachineCall
from arena.events.chains import ChainedEvent
from arena.events.stored import chain_lines, is_as_hashed
from arena.rules import EventKind

#: What JSON has to escape.
_SPECIAL = r'["\\\x00-\x1f]'
_ERASED = '{"text":""}'
_MESSAGES, _CALLS = arrow_schema("messages"), arrow_schema("machine_calls")
#: What is taken from bodies as it is.
_MESSAGE = pa.schema([_MESSAGES.field("text")])
_CALL = pa.schema(
    [
        _CALLS.field(each.name)
        for each in fields(MachineCall)
        if each.name in _CALLS.names and each.name != "parameters"
    ]
)


class Batch:
    """Some events, and the codes of their rooms by the id of each."""

    def __init__(self, events: Sequence[tuple[Any, ...]], codes: Mapping[int, str]) -> None:
        self._events, self._codes = events, codes
        # What is one value in an event is a column here, as a list and for Arrow.
        self.cells: Any = ChainedEvent._make(
            [event[n] for event in events] for n in range(len(ChainedEvent._fields))
        )
        self._arrays: Any = ChainedEvent._make(map(pa.array, self.cells, _TYPES))
        self._room = pa.array([codes[event[0]] for event in events], pa.string())
        moments = compute.cast(self._arrays.moment, pa.timestamp("us", tz="UTC"))
        self._at = moments.cast(pa.timestamp("ms", tz="UTC"), safe=False)

    def at_ms(self) -> list[int]:
        """When each event was, in milliseconds since 1970."""
        at: list[int] = self._at.cast(pa.int64()).to_pylist()
        return at

    def event(self, n: int) -> ChainedEvent:
        return ChainedEvent._make(self._events[n])

    def body(self, n: int) -> dict[str, Any] | None:
        """What an event says, as JSON values; None where it was erased."""
        stored = self.cells.body[n]
        return None if stored is None else json.loads(stored)

    def lines(self) -> "bytes | pa.Buffer":
        """The lines of ``events.jsonl``: canonical JSON, with each body spliced in as stored.

        Only what would not be canonical that way is written by itself.
        """
        of = self._arrays
        command = compute.coalesce(_join('"', of.command_id, '"'), "null")
        spliced = _join(
            *('{"at":"', compute.utf8_slice_codeunits(of.moment, 0, 23), 'Z","body":', of.body),
            *(',"body_sha256":"', of.body_sha256, '","command":', command, ',"hash":"', of.hash),
            *('","id":"', of.public_id, '","kind":"', of.kind, '","pane":"', of.pane),
            *('","prev":"', of.prev, '","room":"', self._room, '","salt":"', of.salt),
            *('","seat":"', of.seat, '","seq":', of.seq.cast(pa.string()), "}\n"),
        )
        unfit = self._unfit()
        if not unfit:
            size = compute.sum(compute.binary_length(spliced)).as_py()
            return spliced.buffers()[2].slice(0, size)
        lines: list[bytes] = spliced.cast(pa.binary()).to_pylist()
        for n in unfit:
            [line] = chain_lines([self.event(n)], self._codes[self.cells.room_id[n]])
            lines[n] = chain.canonical(line) + b"\n"
        return b"".join(lines)

    def _unfit(self) -> list[int]:
        """The events whose lines cannot be spliced: erased, touched, or with much in a name."""
        of = self._arrays
        names = _join(
            *(of.body_sha256, of.hash, of.public_id, of.kind, of.pane, of.prev, of.salt, of.seat),
            compute.fill_null(of.command_id, ""),
        )
        special = compute.match_substring_regex(names, _SPECIAL).to_pylist()
        proofs = zip(self.cells.body, self.cells.salt, self.cells.body_sha256, special, strict=True)
        return [n for n, (*proof, odd) in enumerate(proofs) if odd or not is_as_hashed(*proof)]

    def messages(
        self,
        elapsed_ms: Sequence[int | None],
        kinds: Sequence[str],
        written_ms: Sequence[int],
    ) -> pa.Table:
        """The rows of the messages, given of each event its live time, its writer's kind and when
        it was written, in milliseconds since 1970.
        """
        which = compute.equal(self._arrays.kind, EventKind.MESSAGE)
        bodies = self._arrays.body.filter(which)
        [text] = _said(compute.fill_null(bodies, _ERASED), _MESSAGE)
        columns = {
            **self._stamp(which),
            "elapsed_ms": pa.array(elapsed_ms, pa.int64()).filter(which),
            "pane": self._arrays.pane.filter(which),
            "kind": pa.array(kinds, pa.string()).filter(which),
            "text": text,
            "n_chars": compute.utf8_length(text).cast(pa.int64()),
            "erased": bodies.is_null(),
            "written_at": pa.array(written_ms, pa.timestamp("ms", tz="UTC")).filter(which),
        }
        return pa.table(columns).select(_MESSAGES.names)

    def machine_calls(self) -> pa.Table:
        """The rows of the calls to models."""
        which = compute.equal(self._arrays.kind, EventKind.MACHINE_CALL)
        bodies = self._arrays.body.filter(which)
        said = dict(zip(_CALL.names, _said(bodies, _CALL), strict=True))
        parameters = [
            chain.canonical(json.loads(body)["parameters"]).decode() for body in bodies.to_pylist()
        ]
        columns = {**self._stamp(which), **said, "parameters": pa.array(parameters, pa.string())}
        columns["request_id"] = compute.fill_null(said["request_id"], "")
        return pa.table(columns).select(_CALLS.names)

    def _stamp(self, which: pa.Array) -> dict[str, pa.Array]:
        """What the rows of some events begin with."""
        of = self._arrays
        stamp = {"room": self._room, "event": of.public_id, "seq": of.seq, "at": self._at}
        return {name: cells.filter(which) for name, cells in (stamp | {"seat": of.seat}).items()}


_TYPES = [
    pa.int64() if name in ("room_id", "seq") else pa.string() for name in ChainedEvent._fields
]


def _join(*pieces: Any) -> pa.Array:
    """Texts put together, null where one of them is."""
    return compute.binary_join_element_wise(*pieces, "")


def _said(bodies: pa.Array, which: pa.Schema) -> list[pa.Array]:
    """Some fields of stored bodies, by column."""
    if not bodies:
        return [pa.array([], field.type) for field in which]
    stored = "\n".join(bodies.to_pylist()).encode()
    found = pyarrow.json.read_json(
        io.BytesIO(stored),
        read_options=pyarrow.json.ReadOptions(block_size=len(stored) + 1, use_threads=False),
        parse_options=pyarrow.json.ParseOptions(
            explicit_schema=which, unexpected_field_behavior="ignore"
        ),
    )
    return [found.column(name).combine_chunks() for name in which.names]
