"""Tests of faults use the arena's database."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _database(arena_database: None) -> None:
    """Every test here may use the database."""
