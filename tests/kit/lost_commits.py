"""A database that commits and is not heard: its client cannot know what became of the commit."""

import contextlib
import threading
from collections.abc import Iterator

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper


@contextlib.contextmanager
def lost_commit_reply() -> Iterator[None]:
    """Lose the reply to the next commit of another thread: that of the log."""
    here, commit = threading.get_ident(), BaseDatabaseWrapper._commit
    n_lost = 0

    def unheard(database: BaseDatabaseWrapper) -> None:
        nonlocal n_lost
        commit(database)
        if n_lost == 0 and threading.get_ident() != here:
            n_lost += 1
            raise OperationalError("the server closed the connection unexpectedly")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BaseDatabaseWrapper, "_commit", unheard)
        yield
    assert n_lost == 1, "nothing was committed by the log's thread"
