"""The health check, in a process that starts on an empty database."""

import json
import subprocess
import sys
from pathlib import Path

from tests.kit.paths import ROOT

PROBE = """
import json, django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

browser, seen = Client(headers={"host": "localhost"}), []

def probe():
    response = browser.get("/healthz")
    seen.append([response.status_code, response.content.decode()])

probe()
call_command("migrate", verbosity=0)
probe()
with CaptureQueriesContext(connection) as captured:
    probe()
asked = [query["sql"] for query in captured]
connection.close()
file = settings.DATA_DIR / "arena.sqlite3"
file.rename(settings.DATA_DIR / "away")
file.mkdir()
probe()
print(json.dumps([seen, asked]))
"""


def test_health_is_that_of_the_database(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "turing.settings", "DATA_DIR": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (empty, migrated, later, gone), asked = json.loads(done.stdout)
    assert empty == [503, "The database is not migrated.\n"]
    assert migrated == later == [200, "ok\n"]
    assert gone == [503, "The database does not answer.\n"]
    assert asked == ["SELECT 1"], "a healthy process asks for no more"
