"""Have a seat say which program took it, where one did.

The column may be null, so that SQLite adds it without rebuilding the table, which would drop its
triggers.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("arena", "0005_machine_trial")]
    operations = [
        migrations.AddField("seat", "agent", models.CharField(max_length=120, null=True)),
    ]
