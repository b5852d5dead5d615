"""Settings of the reference chat: Django's defaults, with SQLite as durable as the product's."""

import os

import dj_database_url

SECRET_KEY = "only-for-a-benchmark-on-the-loopback-interface"
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["channels_way"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

_database: dict[str, object] = dict(dj_database_url.parse(os.environ["DATABASE_URL"]))
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    if os.environ.get("KEEP_CONNECTIONS"):
        _database["CONN_MAX_AGE"] = None
else:
    _database["OPTIONS"] = {"pool": True}
DATABASES = {"default": _database}
