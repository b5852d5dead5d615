"""The Parquet schema of each table, and rows by it. Loads no pandas: an export needs none."""

from collections.abc import Sequence

import pyarrow as pa

from analysis.dataset.rows import Row
from analysis.dataset.schema import TABLES, Type

ARROW = {
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.BOOLEAN: pa.bool_(),
    Type.MOMENT: pa.timestamp("ms", tz="UTC"),
    Type.JSON: pa.string(),
}


def arrow_schema(table: str) -> pa.Schema:
    """The Parquet schema of a table."""
    return pa.schema([(column.name, ARROW[column.type]) for column in TABLES[table]])


def table_of(name: str, rows: Sequence[Row]) -> pa.Table:
    """Rows whose keys are a table's columns, by column."""
    schema = arrow_schema(name)
    expected = set(schema.names)
    if any(row.keys() != expected for row in rows):
        raise ValueError(f"a row of {name} needs the columns {schema.names}")
    columns = {column: [row[column] for row in rows] for column in schema.names}
    return pa.Table.from_pydict(columns, schema=schema)
