"""What an account that sees everything may ask the repair pages about a room that is live."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.contrib.admin.sites import all_sites
from django.db import models
from django.urls import reverse

from arena.leaktest.browser import Browser
from arena.leaktest.traits import Described
from arena.models import Room, SealedAssignment
from arena.rehearsal.stage import Stage

_OK = 200
_NAME = "looker"
#: A room's answer if the person sits in A, as an assignment may be written.
_WORDS = ('"A":"human"', '"A": "human"', "human")
_NUMBERS = ("4", "8", "12")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUp:
    """A question to a list of the repair pages; `code` is the look-up that takes a room's code."""

    page: str
    code: str
    column: str
    of: str  # the table and its column, by whatever way it is reached
    asks: tuple[tuple[str, str], ...]

    def path(self, room: str) -> str:
        return f"{self.page}?{urlencode([(self.code, room), *self.asks])}"

    @property
    def name(self) -> str:
        return f"{self.page}:{self.asks}"


def look_ups(*, depth: int) -> list[LookUp]:
    """Every column that a repair page could be asked for, up to `depth` relations away.

    Tables without a page are asked for their own columns where their page would be.
    """
    import_module(settings.ROOT_URLCONF)  # which makes the sites
    found: list[LookUp] = []
    for site in (each for each in all_sites if Room in each._registry):
        index = reverse(f"{site.name}:index")
        for model in dict.fromkeys((*site._registry, *apps.get_app_config("arena").get_models())):
            page = f"{index}{model._meta.app_label}/{model._meta.model_name}/"
            found += _of_page(page, model, depth=depth if model in site._registry else 0)
    return found


def _of_page(page: str, model: type[models.Model], *, depth: int) -> Iterator[LookUp]:
    """What the page of a model could be asked of one room."""
    ways = _reached(model, max(depth, 1))
    code = next((f"{path}code__exact" for path, other in ways if other is Room), None)
    if model is SealedAssignment:  # no relation leads to the room, but its text names it
        code = "assignment__contains"
    if code is None:
        return
    for path, other in _reached(model, depth):
        for column, asks in _asks(path, other):
            of = f"{other.__name__}.{column.rpartition('__')[2]}"
            # The same name twice in an address would be read once.
            asked = tuple((name.replace("__contains", "__icontains"), word) for name, word in asks)
            yield LookUp(page=page, code=code, column=column, of=of, asks=asked)


def _reached(
    model: type[models.Model], depth: int, path: str = ""
) -> Iterator[tuple[str, type[models.Model]]]:
    """Models that look-ups of a page can reach, with the beginning of such a look-up."""
    yield path, model
    if not depth:
        return
    for field in model._meta.get_fields():
        other = field.related_model
        if field.is_relation and isinstance(other, type) and other._meta.app_label == "arena":
            yield from _reached(other, depth - 1, f"{path}{field.name}__")


Asks = tuple[tuple[str, str], ...]


def _asks(path: str, model: type[models.Model]) -> Iterator[tuple[str, Asks]]:
    """Each column of a model, and what it may be asked for."""
    fields = model._meta.concrete_fields
    has_name = any(field.name == "name" for field in fields)
    for field in fields:
        column = f"{path}{field.name}"
        if isinstance(field, (models.CharField, models.TextField, models.JSONField)):
            for word in _WORDS:
                yield column, ((f"{column}__contains", word),)
            if has_name and field.name == "kind":
                yield column, ((f"{path}name", "A"), (column, "human"))
        elif isinstance(field, models.IntegerField) and not field.primary_key:
            for number in _NUMBERS:
                yield column, ((f"{column}__gt", number),)
        elif field.null:
            yield column, ((f"{column}__isnull", "True"),)


class Looker:
    """A superuser with a browser."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._browser = stage, Browser(stage.port)
        self.allowed: list[LookUp] = []

    async def sign_in(self) -> None:
        """Make an account and sign in with it."""
        password = secrets.token_urlsafe(12)
        self._stage.env["DJANGO_SUPERUSER_PASSWORD"] = password
        own = ("--username", _NAME, "--email", f"{_NAME}@example.org")
        await self._stage.manage("createsuperuser", "--noinput", *own)
        path = reverse("arena:host-sign-in")
        shown = await self._browser.get(path)
        fields = {"csrfmiddlewaretoken": shown.fields["csrfmiddlewaretoken"]}
        await self._browser.post(path, username=_NAME, password=password, **fields)

    async def try_all(self, look_ups: Sequence[LookUp], *, room: str) -> int:
        """Find out which columns the pages answer at all; return how many ways were tried."""
        answered: dict[tuple[str, str], bool] = {}
        known: set[tuple[str, tuple[str, ...]]] = set()
        for each in look_ups:
            column = each.page, each.column
            if column not in answered:
                visit = await self._browser.get(each.path(room))
                answered[column] = visit.status == _OK
            # One way to a column says what every other way to it would say.
            asked = each.of, tuple(value for _, value in each.asks)
            if answered[column] and asked not in known:
                known.add(asked)
                self.allowed.append(each)
        return len(answered)

    async def look(self, room: str) -> Described:
        """What the answered look-ups say of a room: how many rows each shows."""
        described: Described = {}
        for each in self.allowed:
            visit = await self._browser.get(each.path(room))
            described[each.name] = float(visit.body.count("<tr"))
        return described
