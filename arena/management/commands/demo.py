"""`manage.py demo`: a host and two small simulated studies, and links to open."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.urls import reverse

from arena import queries, services
from arena.management.migrated import program
from arena.rules import Phase

STUDIES = settings.BASE_DIR / "turing" / "studies"
FILES = ("demo.yaml", "demo-two-party.yaml")


class Command(BaseCommand):
    help = "Make a host and the demo studies if there are none; print links to open."

    def handle(self, *args: Any, **options: Any) -> None:
        self._host()
        for name in FILES:
            self._room((STUDIES / name).read_text(encoding="utf-8"))

    def _host(self) -> None:
        address = settings.PUBLIC_URL + reverse("arena:host")
        if User.objects.filter(is_staff=True).exists():
            self.stdout.write(f"Hosts sign in at {address}")
            return
        password = secrets.token_urlsafe(12)
        # A host is blind: it takes no superuser to run a study.
        User.objects.create_user("host", password=password, is_staff=True)
        self.stdout.write(f"Host: sign in at {address} as `host` with the password {password}")
        self.stdout.write(f"      (shown once; `{program()} changepassword host` sets another)")

    def _room(self, source: str) -> None:
        """Print the links of a room nobody has joined, made now if there is none."""
        study, _ = services.create_rooms(source, 0)
        rooms = queries.room_rows(queries.rooms_of(study, phase=Phase.LOBBY))
        fresh = [row for row in rooms if not any(seat.claimed for seat in row.seats)]
        if not fresh:
            services.create_rooms(source, 1)
            self._room(source)
            return
        room = fresh[0]
        self.stdout.write(f"\n{study.title} (simulated), room {room.code}: one browser each")
        for seat in room.seats:
            path = reverse("arena:join", args=[seat.link_token])
            self.stdout.write(f"  {seat.label:<13} {settings.PUBLIC_URL}{path}")
