"""The codebook of an export: what every column of every table holds, for people.

Standard library only, like the schema that it tells of.
"""

from analysis.dataset.schema import FORMAT_VERSION, TABLES, Column, allowed

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
    "typing": "One row per message of a human witness whose study records how it was typed, as the "
    "witness's browser counted it: no key and no text.",
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
