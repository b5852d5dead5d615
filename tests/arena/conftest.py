"""Tests of the arena use its database."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _database(arena_database: None) -> None:
    """Every test here may use the database."""
