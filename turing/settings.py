"""Every setting, read once from the environment, with a default for a laptop.

SQLite and one process need no variable at all. `DATABASE_URL`, `REDIS_URL` and `PUBLIC_URL` make
the same code a PostgreSQL site of several processes behind TLS.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.contrib.messages import constants as messages

from turing.email_url import MailServer

#: What holds the three packages: the checkout, or site-packages, where nothing may be written.
BASE_DIR = Path(__file__).resolve().parent.parent
_HOME = BASE_DIR if (BASE_DIR / "manage.py").exists() else Path.cwd()
DATA_DIR = Path(os.environ.get("DATA_DIR") or _HOME / "var")

PORT = int(os.environ.get("PORT", "8000"))
REDIS_URL = os.environ.get("REDIS_URL", "")
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://localhost:{PORT}").rstrip("/")
IS_SECURE = PUBLIC_URL.startswith("https://")


def _secret_key() -> str:
    """The `SECRET_KEY` variable, or one kept in the data directory for a single machine."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(64))
    return path.read_text()


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = [
    name.strip()
    for name in os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    if name.strip()
]
if (_public_host := urlsplit(PUBLIC_URL).hostname) and _public_host not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_public_host)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "arena.apps.ArenaConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "arena.web.middleware.SecurityHeaders",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "turing.urls"
ASGI_APPLICATION = "turing.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "turing" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "arena.web.acts.act_ids",
            ],
        },
    },
]


def _database() -> dict[str, object]:
    """The database of `DATABASE_URL`, with the options that durability and blindness rest on."""
    config: dict[str, object] = dict(
        dj_database_url.parse(
            os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'arena.sqlite3'}"
        )
    )
    if config["ENGINE"] == "django.db.backends.sqlite3":
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        config["OPTIONS"] = {
            # An immediate transaction waits its turn; a deferred one fails when it first writes.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: what was acknowledged survives a power cut. Group commit makes it cheap.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
            # Else INSERT OR REPLACE would delete an event without asking its trigger.
            "PRAGMA recursive_triggers=ON;",
        }
        # A file, for tests use threads; one a process, for test runs may overlap.
        config["TEST"] = {"NAME": str(DATA_DIR / f"test-{os.getpid()}.sqlite3")}
    elif config["ENGINE"] == "django.db.backends.postgresql":
        config["TEST"] = {"NAME": f"test_{config['NAME']}_{os.getpid()}"}
        config["OPTIONS"] = {"pool": {"min_size": 1, "max_size": 16, "timeout": 10}}
    return config


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "arena:host-sign-in"
LOGIN_REDIRECT_URL = "arena:host"
LOGOUT_REDIRECT_URL = "arena:home"

_mail = MailServer.parse(os.environ.get("EMAIL_URL") or "console:")
EMAIL_BACKEND = _mail.backend
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.use_tls, _mail.use_ssl
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL") or f"arena@{_public_host or 'localhost'}"
#: A mail server that does not answer holds up no timer for longer (s).
EMAIL_TIMEOUT = 20

#: Who is told when a machine fails: addresses, separated by commas, and a webhook.
ALERT_EMAIL = [
    each.strip() for each in os.environ.get("ALERT_EMAIL", "").split(",") if each.strip()
]
ALERT_WEBHOOK_URL = os.environ.get("ALERT_WEBHOOK_URL", "")

LANGUAGE_CODE = "en"
TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [("analysis", BASE_DIR / "analysis" / "report" / "static")]
# Served from the source tree: no build step, and nothing to collect on a fresh machine.
SERVESTATIC_USE_FINDERS = True
SERVESTATIC_MAX_AGE = 300

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SECURE_SSL_REDIRECT = IS_SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

MESSAGE_TAGS = {messages.SUCCESS: "good", messages.WARNING: "warn", messages.ERROR: "danger"}

if REDIS_URL:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    }

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {
        "without_tokens": {"()": "arena.web.redaction.WithoutTokens"},
        "without_noise": {"()": "arena.web.redaction.WithoutClientNoise"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_tokens", "without_noise"],
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {"httpx": {"level": "WARNING"}, "uvicorn.access": {"level": "WARNING"}},
}
