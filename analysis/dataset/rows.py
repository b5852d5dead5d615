"""What a row of a table is, before it is in any file."""

import datetime as dt
from collections.abc import Mapping

#: A value of a row: moments may be milliseconds since 1970; text is never None where a row is
#: derived, for both files of a table read "nothing" as "".
Cell = str | int | float | bool | dt.datetime | None
#: One row by column.
Row = Mapping[str, Cell]
