"""The Django application that hosts rooms."""

from django.apps import AppConfig


class ArenaConfig(AppConfig):
    name = "arena"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from arena import checks  # noqa: F401 -- registers the system checks
