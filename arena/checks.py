"""System checks for what would silently break rooms, each with an id and a hint."""

import os

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register()
def bus_for_processes(**kwargs: object) -> list[CheckMessage]:
    """Several web processes without a bus would split rooms between them."""
    if int(os.environ.get("WEB_CONCURRENCY", "1")) > 1 and not settings.REDIS_URL:
        return [
            Error(
                "WEB_CONCURRENCY asks for several processes, but there is no bus between them.",
                hint="Set REDIS_URL, or run one process.",
                id="arena.E001",
            )
        ]
    return []


@register(deploy=True)
def durable_database(**kwargs: object) -> list[CheckMessage]:
    """A site behind TLS is a production site: its key must not lie beside its data."""
    if settings.IS_SECURE and not os.environ.get("SECRET_KEY"):
        return [
            Warning(
                "PUBLIC_URL is https, but SECRET_KEY comes from a file next to the data.",
                hint="Set SECRET_KEY, and keep it apart from the database's backups.",
                id="arena.W001",
            )
        ]
    return []
