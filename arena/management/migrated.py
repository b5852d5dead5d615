"""A process that serves rooms starts only on a database that has every table it will write to."""

import sys
from pathlib import Path

from django.core.management import CommandError
from django.db import DatabaseError, connection

from arena import queries

#: How many missing migrations are named.
N_NAMED = 5


def require_migrated() -> None:
    """Raise `CommandError`, with the command to run, if the database is not ready for this code."""
    try:
        missing = queries.unapplied_migrations()
    except DatabaseError as error:
        raise CommandError(f"The {database_name()} does not answer: {error}") from None
    if missing:
        named = ", ".join(missing[:N_NAMED])
        more = f" and {len(missing) - N_NAMED} more" if len(missing) > N_NAMED else ""
        raise CommandError(
            f"The {database_name()} is not ready: migrations are not applied ({named}{more}). "
            f"Run `{program()} migrate` with the same settings, then start again."
        )


def database_name() -> str:
    """The database as an operator knows it, without user and password."""
    at = connection.settings_dict
    where = ":".join(str(part) for part in (at["HOST"], at["PORT"]) if part)
    return f"{connection.display_name} database {at['NAME']}" + (f" at {where}" if where else "")


def program() -> str:
    """What was typed to get here: `manage.py`, `turing-arena` or `python -m turing`."""
    return Path(sys.argv[0]).name
