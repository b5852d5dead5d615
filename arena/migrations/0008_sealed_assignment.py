"""Move what opens a room's seal out of the room, to where no look-up of a room leads."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


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
        migrations.RemoveField("Room", "assignment"),
        migrations.RemoveField("Room", "nonce"),
    ]
