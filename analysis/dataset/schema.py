"""The columns of an export, declared once: its writer, its reader and its codebook agree by this.

Standard library only, so that an export can be written without loading the analysis.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

#: The version of the layout below. It changes when a column changes its meaning or goes; tables and
#: `added` columns may join.
FORMAT_VERSION = 1

#: First characters that make a spreadsheet run a cell, and the mark itself.
FORMULA_STARTS = frozenset("=+-@\t\r'")


class Type(StrEnum):
    """What a column holds."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    JSON = "json"


class TagSource(StrEnum):
    """Who coded the strategies of a message."""

    INTERROGATOR = "interrogator"
    CODER = "coder"
    MODEL = "model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name, type, unit and meaning, and what its cells may hold.

    A column that was `added` to a format version is read as empty where an export lacks it.
    """

    name: str
    type: Type
    unit: str
    meaning: str
    optional: bool = False
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    added: bool = False

    def __post_init__(self) -> None:
        if self.added and not self.optional:
            raise ValueError(f"Column {self.name} was added, so its cells may be empty.")


def neutralise(cell: str) -> str:
    """Mark a CSV text cell that a spreadsheet would run as a formula (or that looks marked)."""
    return "'" + cell if cell[:1] in FORMULA_STARTS else cell


def restore(cell: str) -> str:
    """Undo `neutralise`: take off exactly one mark."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS else cell


def csv_cell(value: str | int | float | bool | None) -> str:
    """Text of one CSV cell: true/false, numbers in full precision, empty for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return neutralise(value) if isinstance(value, str) else repr(value)


def _text(
    name: str, meaning: str, *, optional: bool = False, values: tuple[str, ...] = ()
) -> Column:
    return Column(
        name=name, type=Type.TEXT, unit="", meaning=meaning, optional=optional, values=values
    )


def _added(name: str, meaning: str) -> Column:
    """A text column that earlier exports of this version lack."""
    return Column(name=name, type=Type.TEXT, unit="", meaning=meaning, optional=True, added=True)


def _count(name: str, meaning: str, *, unit: str = "count", optional: bool = False) -> Column:
    return Column(
        name=name, type=Type.INTEGER, unit=unit, meaning=meaning, optional=optional, low=0
    )


def _ms(name: str, meaning: str, *, optional: bool = False) -> Column:
    return _count(name, meaning, unit="ms", optional=optional)


def _moment(name: str, meaning: str, *, optional: bool = False) -> Column:
    return Column(name=name, type=Type.MOMENT, unit="UTC", meaning=meaning, optional=optional)


def _flag(name: str, meaning: str) -> Column:
    return Column(name=name, type=Type.BOOLEAN, unit="", meaning=meaning)


def _probability(name: str, meaning: str, *, low: float = 0.0) -> Column:
    return Column(
        name=name, type=Type.NUMBER, unit="probability", meaning=meaning, low=low, high=1.0
    )


_ROOM = _text("room", "Code of the room.")
_EVENT = _text("event", "Id of the event in events.jsonl.")
_SEQ = Column(
    name="seq",
    type=Type.INTEGER,
    unit="",
    meaning="Number of the event in its room, from 1.",
    low=1,
)
_AT = _moment("at", "When the event was logged.")
_ELAPSED = _ms("elapsed_ms", "Time since the room went live, pauses not counted.")
_N_MESSAGES = _count("n_messages", "Messages the interrogator had sent in this room by then.")

FORMATS = ("two_party", "three_party")
END_REASONS = ("verdict", "time_up", "withdrawn", "dropped_out", "no_show", "technical")
KINDS = ("human", "machine")
SEATS = ("interrogator", "A", "B")
PANES = ("A", "B")

_ROOMS = (
    _ROOM,
    _text("study", "Short name of the study."),
    _text("study_sha256", "SHA-256 of the study's rules as they were when the room was made."),
    _text("format", "Who is questioned: one witness, or a human and a machine.", values=FORMATS),
    _text(
        "profile",
        "Machine profile of the room; empty if the only witness is human.",
        optional=True,
    ),
    _text(
        "human_pane",
        "Pane of the human witness; empty if the only witness is a machine.",
        optional=True,
        values=PANES,
    ),
    _text(
        "witness_kind",
        "Kind of the only witness in a two_party room; empty in a three_party room.",
        optional=True,
        values=KINDS,
    ),
    _text("interrogator", "Participant code of the interrogator.", optional=True),
    _text("human_witness", "Participant code of the human witness.", optional=True),
    _moment("created_at", "When the room was made."),
    _moment("started_at", "When the room went live; empty if it never did.", optional=True),
    _moment("ends_at", "When its time was up, moved by pauses.", optional=True),
    _moment("ended_at", "When it ended."),
    _ms("duration_ms", "Planned live time."),
    _ms("elapsed_ms", "Live time until the room ended, pauses not counted.", optional=True),
    _ms("paused_ms", "Time spent in pauses."),
    _text("end_reason", "Why the room ended.", values=END_REASONS),
    _text("ended_by", "Seat whose act ended it, if any.", optional=True, values=SEATS),
    _count("n_messages", "Messages sent by the interrogator."),
    _count("n_messages_all", "Messages sent by everybody."),
    _text("seal", "SHA-256 that committed the room to its assignment before it began."),
    _flag("simulated", "Whether the room was played by scripts, not by people."),
)

_SEATS = (
    _ROOM,
    _text("seat", "The place in the room.", values=SEATS),
    _text("kind", "Who sat there.", values=KINDS),
    _text(
        "participant", "Participant code of whoever claimed it; empty if nobody did.", optional=True
    ),
    _text("profile", "Machine profile; empty for a person.", optional=True),
    _flag("stand_in", "Whether a person held this seat's link but a machine answered."),
    _moment("ready_at", "When the person was in and had agreed.", optional=True),
    _text("consent_sha256", "SHA-256 of the consent text agreed to.", optional=True),
    _added("agent", "The program that took the seat as a person would, such as openai/gpt-4.1."),
)

_MESSAGES = (
    _ROOM,
    _EVENT,
    _SEQ,
    _AT,
    _ELAPSED,
    _text("pane", "The interrogator's conversation the message belongs to.", values=PANES),
    _text("seat", "Seat that wrote it.", values=SEATS),
    _text("kind", "Kind of its writer.", values=KINDS),
    _text("text", "The message exactly as it was shown; empty if erased.", optional=True),
    _count("n_chars", "Length of the text in Unicode code points.", unit="characters"),
    _flag("erased", "Whether its writer had it erased."),
)

_BELIEFS = (
    _ROOM,
    _EVENT,
    _SEQ,
    _AT,
    _ELAPSED,
    _N_MESSAGES,
    _probability(
        "p",
        "Reported probability that the witness in pane A is the human (two_party: that the "
        "witness is human).",
    ),
    _probability("p_true", "The same report as the belief in what was true."),
)

_VERDICTS = (
    _ROOM,
    _EVENT,
    _SEQ,
    _AT,
    _ELAPSED,
    _N_MESSAGES,
    _text(
        "human",
        "Pane called human; in a two_party room, whether the witness was called human.",
        values=("A", "B", "true", "false"),
    ),
    _flag("correct", "Whether the verdict was right."),
    _probability("confidence", "The interrogator's confidence in the verdict.", low=0.5),
    _text("reason", "The interrogator's reason.", optional=True),
)

_STRATEGIES = (
    _ROOM,
    _text("message", "Id of the tagged message."),
    _text("event", "Id of the event that tagged it; empty if coded outside.", optional=True),
    _moment("at", "When it was tagged."),
    _ms("elapsed_ms", "Live time when it was tagged; empty if coded later.", optional=True),
    _text("strategy", "Id of the strategy in the study's taxonomy."),
    _text("coder", "Who coded it.", optional=True),
    _text("source", "What kind of coder that was.", values=tuple(each.value for each in TagSource)),
)

_VISITS = (
    _ROOM,
    _text("seat", "Seat that was active.", values=SEATS),
    _moment("started_at", "Its first act of the visit."),
    _moment("ended_at", "Its last act of the visit."),
    _ms("elapsed_ms", "Live time at which the visit began."),
    _ms("duration_ms", "From its first act to its last."),
    _count("n_messages", "Messages the seat sent in the visit."),
)

_MACHINE_CALLS = (
    _ROOM,
    _EVENT,
    _SEQ,
    _AT,
    _text("seat", "Seat the machine sat in.", values=SEATS),
    _text("profile", "Machine profile."),
    _text("backend", "Backend that was called."),
    _text("model", "Model that answered, as the backend names it.", optional=True),
    Column(
        name="parameters",
        type=Type.JSON,
        unit="",
        meaning="Generation options sent.",
        optional=True,
    ),
    _text("prompt_sha256", "SHA-256 of the prompt sent.", optional=True),
    _count("n_turns", "Turns of conversation in the prompt."),
    _ms("latency_ms", "From the request to the whole reply or the failure.", optional=True),
    _count("tokens_in", "Tokens read.", unit="tokens", optional=True),
    _count("tokens_out", "Tokens written, those of reasoning too.", unit="tokens", optional=True),
    Column(name="cost_usd", type=Type.NUMBER, unit="USD", meaning="Cost.", optional=True, low=0.0),
    _text("outcome", "`ok`, or the kind of failure."),
    _text("error", "What the backend said when it failed.", optional=True),
    _text("request_id", "The provider's id of the request.", optional=True),
    _added(
        "purpose",
        "`reply`, what it kept in memory: `extract`, `summarise`, or asked of a reply: `judge`.",
    ),
    Column(
        name="tokens_cached",
        type=Type.INTEGER,
        unit="tokens",
        meaning="Of the tokens read, those that the provider had in its cache.",
        optional=True,
        low=0,
        added=True,
    ),
)

_WITHHELD = (
    _ROOM,
    _EVENT,
    _SEQ,
    _AT,
    _ELAPSED,
    _text("seat", "Seat of the machine, which stayed silent.", values=SEATS),
    _text("why", "The kind of failure, or what stood in the way.", optional=True),
    Column(
        name="upto",
        type=Type.INTEGER,
        unit="",
        meaning="Number of the newest message left unanswered; empty if that is not known.",
        optional=True,
        low=1,
    ),
)

#: Every table of an export and its columns, in their order.
TABLES: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {
        "rooms": _ROOMS,
        "seats": _SEATS,
        "messages": _MESSAGES,
        "beliefs": _BELIEFS,
        "verdicts": _VERDICTS,
        "strategies": _STRATEGIES,
        "visits": _VISITS,
        "machine_calls": _MACHINE_CALLS,
        "withheld": _WITHHELD,
    }
)

_SUMMARIES = {
    "rooms": "One row per room that has ended: the unit of analysis.",
    "seats": "One row per seat of each room.",
    "messages": "One row per message, in the order it was logged.",
    "beliefs": "One row per reported belief of an interrogator.",
    "verdicts": "One row per room that ended in a verdict.",
    "strategies": "One row per tagged message, strategy and coder; a message may have several.",
    "visits": "One row per stretch in which a seat was active (gaps under 5 minutes).",
    "machine_calls": "One row per request to a backend, failed ones too.",
    "withheld": "One row per time a machine gave up answering and stayed silent.",
}

_PREFACE = f"""# Codebook

Format version {FORMAT_VERSION}. Every table comes as CSV (RFC 4180, UTF-8, CRLF) and as
Parquet, with the same rows and columns. Moments are ISO 8601 in UTC with milliseconds; `_ms` are
whole milliseconds; probabilities run from 0 to 1; booleans are `true` and `false`; an empty cell
is "nothing".

## Cells that look like formulas

A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return. In the
CSV files, and only there, a text cell that begins with one of these or with an apostrophe has one
apostrophe put in front. To read it back, take away exactly one leading apostrophe if one of these
characters or an apostrophe follows it. The Parquet files hold the text as it was shown.

## How to check an export

`python -m analysis verify PATH` compares every file with MANIFEST.json (SHA-256 and size),
recomputes the hash of the study's rules, follows the hash chain of every room through events.jsonl,
opens every seal and works out from the log what every table has to hold. It names what does not
fit, and then exits with 1; and it says what nothing in the export can prove.
"""


def codebook() -> str:
    """Markdown that explains every column of every table."""
    return "\n".join([_PREFACE, *(_section(name) for name in TABLES)])


def _section(table: str) -> str:
    rows = "\n".join(_row(column) for column in TABLES[table])
    head = "| column | type | unit | values | may be empty | meaning |\n|---|---|---|---|---|---|"
    return f"## {table}\n\n{_SUMMARIES[table]}\n\n{head}\n{rows}\n"


def _row(column: Column) -> str:
    empty = "yes" if column.optional else ""
    cells = (column.name, column.type, column.unit, allowed(column), empty, column.meaning)
    return "| " + " | ".join(cells) + " |"


def allowed(column: Column) -> str:
    """What a cell of the column may hold, for people: its closed set or its range."""
    if column.values:
        return ", ".join(column.values)
    if column.low is None:
        return ""
    return f"≥ {column.low:g}" if column.high is None else f"{column.low:g}–{column.high:g}"
