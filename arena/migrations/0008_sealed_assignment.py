"""Move what opens a room's seal out of the room, to where no look-up of a room leads.

The trigger that counts a room's versions names the columns that go. PostgreSQL drops it with them,
without a word, so it is made anew without them.
"""

from importlib import import_module

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

room_version = import_module("arena.migrations.0003_room_version")

_GONE = ("assignment", "nonce")


def unwatch(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    room_version.remove(apps, schema_editor)


def watch(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    kept = tuple(name for name in room_version.WATCHED if name not in _GONE)
    room_version.install(apps, schema_editor, watched=kept)


def move(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    room, sealed = (apps.get_model("arena", name) for name in ("Room", "SealedAssignment"))
    rows = room.objects.order_by().values_list("id", "assignment", "nonce").iterator()
    found = (sealed(room_id=id, assignment=words, nonce=nonce) for id, words, nonce in rows)
    sealed.objects.bulk_create(found, batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("arena", "0007_delay_line")]
    operations = [
        migrations.CreateModel(
            "SealedAssignment",
            [
                ("room_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("assignment", models.TextField()),
                ("nonce", models.CharField(max_length=64)),
            ],
        ),
        migrations.RunPython(move),
        migrations.RunPython(unwatch),
        *(migrations.RemoveField("Room", name) for name in _GONE),
        migrations.RunPython(watch),
    ]
