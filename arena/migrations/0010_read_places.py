"""How far each seat has read its panes, and what pages through one conversation go by.

The columns may be null and indexes are no columns, so that SQLite rebuilds no table, which would
drop its triggers. The index of tags is on what a tag's body names, which no model field holds.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TAGGED = {"sqlite": "json_extract(body, '$.event')", "postgresql": "(body::jsonb ->> 'event')"}


def index_tags(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    named = TAGGED[schema_editor.connection.vendor]
    schema_editor.execute(
        f"CREATE INDEX event_tagged ON arena_event (room_id, ({named}), seq) WHERE kind = 'tag'"
    )


def drop_index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute("DROP INDEX event_tagged")


def all_is_read(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What was said before places were kept is not news to anybody."""
    Room, Seat = apps.get_model("arena", "Room"), apps.get_model("arena", "Seat")
    last = Room.objects.filter(id=models.OuterRef("room_id")).values("last_seq")
    begun = Seat.objects.filter(claimed_at__isnull=False, room__started_at__isnull=False)
    place = models.Subquery(last)
    Seat.objects.filter(id__in=begun.values("id")).update(read_a=place, read_b=place)


class Migration(migrations.Migration):
    dependencies = [("arena", "0009_typed")]
    operations = [
        migrations.AddField("seat", "read_a", models.PositiveIntegerField(null=True)),
        migrations.AddField("seat", "read_b", models.PositiveIntegerField(null=True)),
        migrations.RunPython(all_is_read, migrations.RunPython.noop),
        migrations.AddIndex(
            "event",
            models.Index(
                fields=["room", "pane", "seq"],
                condition=~models.Q(pane=""),
                name="event_pane",
            ),
        ),
        migrations.RunPython(index_tags, drop_index),
    ]
