"""The Parquet schema of each table. Loads no pandas: an export needs none."""

import pyarrow as pa

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
