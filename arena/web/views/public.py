"""Pages for anybody: the landing page and the health check."""

import functools

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from arena import queries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this site is and where invited people and hosts go."""
    return render(request, "arena/home.html")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers and has every table, 503 and why when not."""
    try:
        _require_migrated()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except _NotMigratedError:
        return HttpResponse("The database is not migrated.\n", "text/plain", status=503)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", "text/plain", status=503)
    return HttpResponse("ok\n", "text/plain")


class _NotMigratedError(Exception):
    """The database lacks tables or columns that pages need."""


@functools.cache
def _require_migrated() -> None:
    """Ask until it is so, then never again in this process: an exception is not cached."""
    if queries.unapplied_migrations():
        raise _NotMigratedError
