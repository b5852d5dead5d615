"""Know how witnesses type, as a kind of event that is erased with their words."""

from importlib import import_module

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

append_only = import_module("arena.migrations.0002_append_only")

KINDS = (
    "sealed", "claimed", "ready", "started", "message", "held", "typed", "round", "belief",
    "belief_asked", "tag", "verdict", "left", "paused", "resumed", "time_up", "ended", "revealed",
    "unsealed", "machine_call", "withheld", "gave_up", "claims", "summary", "reminded", "away",
    "back", "help", "exit",
)  # fmt: skip


def renew(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.remove(apps, schema_editor)
    append_only.install(apps, schema_editor, erasable=(*append_only.ERASABLE, "typed"))


class Migration(migrations.Migration):
    dependencies = [("arena", "0008_sealed_assignment")]
    operations = [
        migrations.AlterField(
            "Event",
            "kind",
            models.CharField(max_length=16, choices=[(kind, kind) for kind in KINDS]),
        ),
        migrations.RunPython(renew),
    ]
