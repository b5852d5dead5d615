"""Refuse every update and delete of an event, except the erasure of a body with its salt.

Rebuilding the table on SQLite drops triggers: a later migration of `Event` must run this again.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

COLUMNS = (
    "id", "room_id", "seq", "public_id", "at", "kind", "seat", "pane", "body_sha256", "prev",
    "hash", "command_id",
)  # fmt: skip
ERASABLE = ("message", "held", "belief", "verdict", "claims", "summary", "help", "exit")
REFUSAL = "events are append-only"


def install(
    apps: StateApps,
    schema_editor: BaseDatabaseSchemaEditor,
    erasable: tuple[str, ...] = ERASABLE,
) -> None:
    kinds = "OLD.kind IN (" + ", ".join(f"'{kind}'" for kind in erasable) + ")"
    if schema_editor.connection.vendor == "sqlite":
        same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in COLUMNS)
        schema_editor.execute(
            f"CREATE TRIGGER arena_event_update BEFORE UPDATE ON arena_event "
            f"WHEN NOT ({same} AND {kinds} AND NEW.body IS NULL AND NEW.salt IS NULL) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
        schema_editor.execute(
            f"CREATE TRIGGER arena_event_delete BEFORE DELETE ON arena_event "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
        return
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in COLUMNS)
    schema_editor.execute(
        f"""
        CREATE FUNCTION arena_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF {same} AND {kinds} AND NEW.body IS NULL AND NEW.salt IS NULL THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION '{REFUSAL}';
        END $$
        """
    )
    schema_editor.execute(
        "CREATE TRIGGER arena_event_keep BEFORE UPDATE OR DELETE ON arena_event "
        "FOR EACH ROW EXECUTE FUNCTION arena_event_refuse()"
    )
    schema_editor.execute(
        "CREATE TRIGGER arena_event_keep_all BEFORE TRUNCATE ON arena_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION arena_event_refuse()"
    )


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER arena_event_update")
        schema_editor.execute("DROP TRIGGER arena_event_delete")
        return
    schema_editor.execute("DROP TRIGGER arena_event_keep ON arena_event")
    schema_editor.execute("DROP TRIGGER arena_event_keep_all ON arena_event")
    schema_editor.execute("DROP FUNCTION arena_event_refuse()")


class Migration(migrations.Migration):
    dependencies = [("arena", "0001_initial")]
    operations = [migrations.RunPython(install, remove)]
