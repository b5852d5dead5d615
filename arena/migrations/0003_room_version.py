"""Have every change of a room or its seats, by whoever's hand, change the room's version.

What a process keeps of a room in memory is true for one version. The log's writer sets the next
one itself, with the columns of a head, which therefore are not watched. Rebuilding a table on
SQLite drops its triggers: a later migration of `Room` or `Seat` must run this again.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

WATCHED = (
    "study_id", "code", "study_sha256", "consent_sha256", "phase", "end_reason", "ended_by",
    "seal", "assignment", "nonce", "created_at", "started_at", "ends_at", "round_began_at",
    "round_ends_at", "paused_at", "paused_ms", "ended_at",
)  # fmt: skip


def install(
    apps: StateApps,
    schema_editor: BaseDatabaseSchemaEditor,
    watched: tuple[str, ...] = WATCHED,
) -> None:
    of_room = f"UPDATE OF {', '.join(watched)} ON arena_room"
    touch = "UPDATE arena_room SET version = version + 1{more} WHERE id = NEW.{key};"
    of_seats = ", seats_version = seats_version + 1"
    if schema_editor.connection.vendor == "sqlite":
        for name, when, key, more in (
            ("arena_room_touched", of_room, "id", ""),
            ("arena_seat_touched", "UPDATE ON arena_seat", "room_id", of_seats),
        ):
            body = touch.format(key=key, more=more)
            schema_editor.execute(f"CREATE TRIGGER {name} AFTER {when} BEGIN {body} END")
        return
    schema_editor.execute(
        """
        CREATE FUNCTION arena_room_touch() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.version := OLD.version + 1; RETURN NEW; END $$
        """
    )
    schema_editor.execute(
        f"""
        CREATE FUNCTION arena_seat_touch() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN {touch.format(key="room_id", more=of_seats)} RETURN NULL; END $$
        """
    )
    schema_editor.execute(
        f"CREATE TRIGGER arena_room_touched BEFORE {of_room} "
        "FOR EACH ROW EXECUTE FUNCTION arena_room_touch()"
    )
    schema_editor.execute(
        "CREATE TRIGGER arena_seat_touched AFTER UPDATE ON arena_seat "
        "FOR EACH ROW EXECUTE FUNCTION arena_seat_touch()"
    )


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table in ("room", "seat"):
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER arena_{table}_touched")
        else:
            schema_editor.execute(f"DROP TRIGGER arena_{table}_touched ON arena_{table}")
            schema_editor.execute(f"DROP FUNCTION arena_{table}_touch()")


class Migration(migrations.Migration):
    dependencies = [("arena", "0002_append_only")]
    operations = [migrations.RunPython(install, remove)]
