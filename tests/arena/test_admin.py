"""Repair is blind: no look-up, order or page of a superuser's tells who sits where in an open room.

The rooms of these tests have every assignment there is. A look-up may only be refused, or find all
of them or none.
"""

import re
import secrets
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.auth.models import User
from django.db.models import Field, Model
from django.test import Client, RequestFactory

from arena.admin import site
from arena.models import Room, SealedAssignment
from tests.arena.web.views.test_room import both_arrangements, masked
from tests.kit.factories import MadeRoom, make_rooms
from tests.kit.pages import decide, host, interrogator, machine, make_ready, say, seated, stranger

#: How deep relations are followed from a registered model.
DEPTH = 3
#: Look-ups that would find a row by what it holds, with values that fit texts, numbers and moments.
NEAR = {
    "": "1",
    "__exact": '{"A":"human"}',
    "__contains": '"A":"human"',
    "__startswith": "machine",
    "__regex": "human",
    "__gt": "1",
    "__in": "machine,A,1",
    "__isnull": "0",
    "__date": "2026-01-01",
}
FAR = ("", "__contains")


def superuser() -> Client:
    browser = Client()
    browser.force_login(User.objects.create_superuser(f"root-{secrets.token_hex(4)}"))
    return browser


@pytest.fixture(scope="module")
def rooms(_database: None) -> list[MadeRoom]:
    """Live rooms with the human in A, in B, and with one witness of either kind."""
    made = [*both_arrangements(), *_two_party()]
    for each in made:
        make_ready(each)
        say(interrogator(each), "Who are you?", pane="A")
    return made


def _two_party() -> Iterator[MadeRoom]:
    of_kind = {made.human_pane: made for made in make_rooms(2, format="two_party")}
    yield from (of_kind["A"], of_kind[None])


def _paths(model: type[Model], seen: tuple[type[Model], ...] = ()) -> Iterator[tuple[str, bool]]:
    """Every name that a look-up of a model might begin with, and whether it is the model's own."""
    for field in model._meta.get_fields(include_hidden=True):
        # A hidden relation might go by the name of its model.
        other = field.related_model if isinstance(field.related_model, type) else None
        names = {field.name} | ({other._meta.model_name} if other is not None else set())
        for name in names:
            yield name, not seen and isinstance(field, Field)
        if other is not None and other not in seen and len(seen) < DEPTH:
            for name in names:
                yield from ((f"{name}__{p}", False) for p, _ in _paths(other, (*seen, model)))


def _asked(page: admin.ModelAdmin) -> Iterator[tuple[str, str]]:  # type: ignore[type-arg]
    for path, is_own in _paths(page.model):
        for how in NEAR if is_own else FAR:
            yield f"{path}{how}", NEAR[how]


def _address(model: type[Model]) -> str:
    return f"/repair/{model._meta.app_label}/{model._meta.model_name}/"


def _found(html: str, rooms: list[MadeRoom]) -> set[str]:
    return {made.code for made in rooms if made.code in html}


def test_no_look_up_of_an_own_column_tells(rooms: list[MadeRoom]) -> None:
    browser, codes = superuser(), {made.code for made in rooms}
    refused = answered = 0
    for model, page in site._registry.items():
        own = {path for path, is_own in _paths(model) if is_own}
        for name, value in _asked(page):
            if name.split("__")[0] not in own or name.count("__") > 1:
                continue
            response = browser.get(_address(model), {name: value})
            if response.status_code == 400:
                refused += 1
                continue
            # A filter that the page offers, or a value that it does not take.
            answered += 1
            assert response.status_code == 200 or response["Location"].endswith("?e=1"), name
            assert _found(response.content.decode(), rooms) in (set(), codes), name
    assert refused > 300 and answered < 20


def test_no_look_up_of_anything_related_is_answered() -> None:
    refused = 0
    for page in site._registry.values():
        offered = {f"{name}__" for name in page.list_filter}
        for name, value in _asked(page):
            if any(name.startswith(filter) for filter in offered):
                continue
            request = RequestFactory().get("/", {name: value})
            request.user = User(is_superuser=True, is_active=True)
            with pytest.raises(DisallowedModelAdminLookup):
                page.get_changelist_instance(request)
            refused += 1
    assert refused > 3000


def test_every_column_that_tells_was_tried() -> None:
    tried = {name for name, _ in _asked(site._registry[Room])}
    telling = {"last_seq__gt", "ended_by", "version__gt", "seats__kind", "seats__profile__name"}
    assert telling <= tried
    assert not {name for name in tried if "assignment" in name or "nonce" in name}
    assert {field.name for field in SealedAssignment._meta.get_fields()} == {
        *("room_id", "assignment", "nonce")
    }


@pytest.mark.parametrize("model", site._registry)
def test_no_order_tells(
    model: type[Model], rooms: list[MadeRoom], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists can be put in the order of the columns they show, and of no others."""
    browser, page = superuser(), site._registry[model]
    monkeypatch.setattr(page, "list_per_page", 100_000)  # other tests leave rooms behind
    shown = browser.get(_address(model)).content.decode()
    for place in range(-len(page.list_display), len(page.list_display) + 2):
        html = browser.get(_address(model), {"o": str(place)}).content.decode()
        assert _found(html, rooms) == _found(shown, rooms)
    for name in ("last_seq", "seats__kind", "code", "id"):
        for parameter in ("_to_field", "order_by", "ordering"):
            assert browser.get(_address(model), {parameter: name}).status_code in (302, 400)
    columns = {field.name for field in model._meta.get_fields()}
    assert set(page.list_display) <= columns and page.date_hierarchy is None


def test_pages_are_the_same_for_every_assignment(rooms: list[MadeRoom]) -> None:
    browser = superuser()
    for page in ("change/", "history/", "delete/"):
        of_three, of_two = (
            {
                _masked(browser.get(f"{_address(Room)}{made.room.pk}/{page}").content, made)
                for made in some
            }
            for some in (rooms[:2], rooms[2:])
        )
        assert len(of_three) == len(of_two) == 1, page
    lists = [browser.get(_address(Room), {"q": made.code}).content for made in rooms]
    assert len({_masked(html, made) for html, made in zip(lists, rooms, strict=True)}) <= 2
    assert all(made.room.sealed.nonce not in str(lists) for made in rooms)


def _masked(html: bytes, made: MadeRoom) -> str:
    text = masked(html, made).replace(made.study.slug, "STUDY").replace(made.study.sha256, "HASH")
    text = re.sub(r"[A-Z][a-z]+\.? \d+, \d{4}, [^<]+", "TIME", text)
    text = text.replace(f"/study/{made.study.pk}/", "/study/PK/")
    return text.replace(f"/room/{made.room.pk}/", "/room/PK/")


def test_rows_whose_numbers_tell_have_no_page(rooms: list[MadeRoom]) -> None:
    browser = superuser()
    seat = machine(rooms[0])
    for page in ("seat/", "event/", "timer/", "sealedassignment/", "machinehealth/"):
        assert browser.get(f"/repair/arena/{page}").status_code == 404
    assert browser.get(f"/repair/r/1/{seat.pk}/").status_code == 404
    assert browser.get("/repair/autocomplete/", {"term": "A"}).status_code == 404


def test_only_blind_pages_can_join() -> None:
    with pytest.raises(TypeError, match="has to be Blind"):
        site.register(SealedAssignment, admin.ModelAdmin)


def test_repair_opens_for_superusers_alone() -> None:
    assert superuser().get("/repair/").status_code == 200
    for browser in (host(), stranger()):
        assert browser.get("/repair/", follow=True).status_code == 403
    assert (
        Client().get("/repair/", follow=True).redirect_chain[-1][0]
        == "/host/sign-in/?next=/repair/"
    )


def test_repair_adds_and_deletes_nothing() -> None:
    [made] = make_rooms(1)
    seated(made.interrogator)
    make_ready(made)
    decide(made, "A")
    browser = superuser()
    for kind in ("study", "room", "participant", "machineprofile"):
        assert browser.get(f"/repair/arena/{kind}/add/").status_code == 403
        assert browser.get(f"/repair/arena/{kind}/").status_code == 200
    room = f"/repair/arena/room/{made.room.pk}/"
    assert browser.post(f"{room}delete/").status_code == 403
    assert browser.post(f"{room}change/", {"code": "x"}).status_code == 403
    person = f"/repair/arena/participant/{interrogator(made).participant_id}/change/"
    assert "mail" not in browser.get(person).content.decode()


def test_accounts_are_mended() -> None:
    browser = superuser()
    person = User.objects.create_user(f"user-{secrets.token_hex(6)}", is_staff=True)
    page = f"/repair/auth/user/{person.pk}/"
    assert browser.get(f"{page}change/").status_code == browser.get(f"{page}delete/").status_code
    assert browser.get("/repair/auth/user/", {"is_staff__exact": "1"}).status_code == 200
    sent = {"password1": "a long pass word", "password2": "a long pass word"}
    assert browser.post(f"{page}password/", sent).status_code == 302
    person.refresh_from_db()
    assert person.check_password("a long pass word")
