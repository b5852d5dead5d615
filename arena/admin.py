"""Repair for superusers: mend accounts, and look at what is stored of studies, people and rooms.

Whoever repairs is blind, too. Nothing can be asked of a column that no page shows: a look-up in an
address is refused but for the filters beside a list. Seats, events and timers have no page. Their
very numbers would tell: a room with a machine has more rows than one without.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse

from arena.models import MachineProfile, Participant, Room, Study
from arena.web.views.access import not_allowed

#: Addresses of Django's that no page here needs: they answer for rows of any table.
_UNUSED = ("view_on_site", "autocomplete")


class Blind(admin.ModelAdmin):  # type: ignore[type-arg] # not generic at run time
    """Refuses every look-up that a page does not offer itself."""

    show_facets = admin.ShowFacets.NEVER

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Whether an address may ask for this: only as the filters beside the list do."""
        offered = (f"{name}__{how}" for name in self.list_filter for how in _HOW)
        return lookup in offered

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Never: by another field than its id a row would be found without being shown."""
        return False


#: How filters ask: for a choice, for nothing, and for a group of accounts.
_HOW = ("exact", "isnull", "id__exact")


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

    def register(
        self,
        model_or_iterable: ModelBase | Iterable[ModelBase],
        admin_class: Any = None,
        **options: Any,
    ) -> None:
        """Take pages that are `Blind`, and no others."""
        if admin_class is None or not issubclass(admin_class, Blind):
            raise TypeError(f"{admin_class} has to be Blind, or its look-ups unseal live rooms.")
        super().register(model_or_iterable, admin_class, **options)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        return [page for page in super().get_urls() if getattr(page, "name", None) not in _UNUSED]


site = RepairSite(name="admin")


@admin.register(User, site=site)
class AccountAdmin(Blind, UserAdmin):  # type: ignore[type-arg] # not generic at run time
    """Accounts of hosts and superusers."""


class ReadOnly(Blind):
    """Rows can be looked at; the application alone writes them."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


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
    # Named one by one: `ended_by` names a seat, and `last_seq` grows when a machine is asked for a
    # reply.
    fields = [
        "study", "code", "study_sha256", "consent_sha256", "phase", "end_reason", "seal",
        "created_at", "started_at", "ends_at", "paused_at", "paused_ms", "ended_at",
    ]  # fmt: skip
