"""Processes that serve rooms refuse a database that is not ready."""

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from arena.management.migrated import database_name


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_missing_migration_is_named_with_what_to_run(command: str) -> None:
    if command == "worker" and not (settings.REDIS_URL and connection.vendor == "postgresql"):
        pytest.skip("a worker needs PostgreSQL and Redis")
    [(_, newest)] = MigrationLoader(connection).graph.leaf_nodes("arena")
    # The refusal leaves the transaction too, which takes the change back.
    with pytest.raises(CommandError) as refused, transaction.atomic():
        MigrationRecorder(connection).record_unapplied("arena", newest)
        call_command(command)
    told = str(refused.value)
    assert str(connection.settings_dict["NAME"]) in told
    assert "migrations are not applied" in told and f"(arena.{newest})" in told
    assert "migrate` with the same settings" in told


def test_a_database_is_named_without_user_and_password(monkeypatch: pytest.MonkeyPatch) -> None:
    address = {"HOST": "db.example", "PORT": 5432, "USER": "arena", "PASSWORD": "secret"}
    for key, value in (address | {"NAME": "rooms"}).items():
        monkeypatch.setitem(connection.settings_dict, key, value)
    assert database_name() == f"{connection.display_name} database rooms at db.example:5432"
