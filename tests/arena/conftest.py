"""Tests of the arena use its database."""

import datetime as dt

import pytest

from arena.services import replies


@pytest.fixture(scope="session", autouse=True)
def _database(arena_database: None) -> None:
    """Every test here may use the database."""


@pytest.fixture
def attentive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Machines listen for an hour before they think: none says a word by itself meanwhile."""
    monkeypatch.setattr(replies, "LISTEN", dt.timedelta(hours=1))
