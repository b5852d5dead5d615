"""Repair for superusers: look at what is stored, mend accounts and stuck timers, nothing else.

Rows that could show who sits where stay hidden until their room has ended, and no secret is shown
at any time.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from arena.models import Event, MachineProfile, Participant, Room, Seat, Study, Timer
from arena.rules import Phase, TimerKind
from arena.web.views.access import not_allowed

_OF_ROOMS = (TimerKind.TIME_UP, TimerKind.VERDICT_GRACE, TimerKind.LOBBY, TimerKind.ROUND)


class RepairSite(admin.AdminSite):
    """Superusers only, through the hosts' own sign-in page and its limit on guesses."""

    site_header = site_title = "Turing Arena repair"
    index_title = "Repair"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        if request.user.is_authenticated and not self.has_permission(request):
            return not_allowed(request)
        if request.user.is_authenticated:
            return redirect("admin:index")
        return redirect_to_login(reverse("admin:index"), "arena:host-sign-in")


site = RepairSite(name="admin")
site.register(User, UserAdmin)


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg] # not generic at run time
    """Rows can be looked at; the application alone writes them."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class OfEndedRooms(ReadOnly):
    """Rows that distinguish a machine from a person: shown once their room has ended."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(room__phase=Phase.ENDED)


@admin.register(Study, site=site)
class StudyAdmin(ReadOnly):
    list_display = ["slug", "title", "format", "simulated", "created_at"]
    search_fields = ["slug", "title"]


@admin.register(MachineProfile, site=site)
class MachineProfileAdmin(ReadOnly):
    list_display = ["name", "study", "sha256"]


@admin.register(Participant, site=site)
class ParticipantAdmin(ReadOnly):
    list_display = ["code", "created_at"]
    fields = ["code", "created_at"]
    search_fields = ["code"]


@admin.register(Room, site=site)
class RoomAdmin(ReadOnly):
    list_display = ["code", "study", "phase", "end_reason", "created_at", "ended_at"]
    list_filter = ["phase", "end_reason"]
    search_fields = ["code"]
    # Named one by one: `assignment` and `nonce` open the seal, `ended_by` names a seat, and
    # `last_seq` grows when a machine is asked for a reply.
    fields = [
        "study", "code", "study_sha256", "consent_sha256", "phase", "end_reason", "seal",
        "created_at", "started_at", "ends_at", "paused_at", "paused_ms", "ended_at",
    ]  # fmt: skip


@admin.register(Seat, site=site)
class SeatAdmin(OfEndedRooms):
    list_display = ["room", "name", "kind", "stand_in", "claimed_at", "ready_at"]
    search_fields = ["room__code"]
    exclude = ["token_seed", "token_hash", "claim_hash", "return_hash"]


@admin.register(Event, site=site)
class EventAdmin(OfEndedRooms):
    list_display = ["public_id", "room", "seq", "kind", "seat", "at"]
    list_filter = ["kind"]
    search_fields = ["public_id", "room__code"]
    exclude = ["salt", "command_id"]


@admin.register(Timer, site=site)
class TimerAdmin(ReadOnly):
    """Due and wake times can be moved, to mend a timer that is stuck."""

    list_display = ["key", "kind", "room", "due_at", "wake_at", "attempts", "done_at"]
    list_filter = ["kind"]
    fields = ["kind", "room", "due_at", "wake_at", "attempts", "done_at", "outcome"]
    readonly_fields = ["kind", "room", "attempts", "done_at", "outcome"]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # What is due for a seat says who sits there: machines reply, people are reminded.
        sealed = Timer.objects.exclude(kind__in=_OF_ROOMS).exclude(room__phase=Phase.ENDED)
        return super().get_queryset(request).exclude(pk__in=sealed.values("pk"))
