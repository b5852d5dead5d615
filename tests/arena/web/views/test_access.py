"""Who may open what: every role at every address, and headers alike for all."""

import re

import pytest
from django.test import Client

from arena.urls import urlpatterns
from arena.web.middleware import HEADERS
from tests.kit.factories import MadeRoom, make_room
from tests.kit.pages import host, make_ready, seated, stranger

SIGN_IN = 302  # to the sign-in page
ROLES = ("anonymous", "interrogator", "witness", "other_room", "stranger", "host")

#: method, address: the status for each of ROLES, in a live room.
MATRIX = {
    ("GET", "/"): (200, 200, 200, 200, 200, 200),
    ("POST", "/"): (405, 405, 405, 405, 405, 405),
    ("GET", "/healthz"): (200, 200, 200, 200, 200, 200),
    ("GET", "/join/no-such-token/"): (404, 404, 404, 404, 404, 404),
    ("POST", "/join/no-such-token/"): (404, 404, 404, 404, 404, 404),
    ("GET", "/return/no-such-token/"): (404, 404, 404, 404, 404, 404),
    ("POST", "/return/no-such-token/"): (404, 404, 404, 404, 404, 404),
    ("GET", "/room/{code}/"): (404, 200, 200, 404, 404, 404),
    ("POST", "/room/{code}/"): (405, 405, 405, 405, 405, 405),
    ("GET", "/room/{code}/help/"): (404, 200, 200, 404, 404, 404),
    ("POST", "/room/{code}/help/"): (404, 302, 302, 404, 404, 404),
    ("GET", "/room/{code}/withdraw/"): (404, 200, 200, 404, 404, 404),
    ("POST", "/room/{code}/withdraw/"): (404, 422, 422, 404, 404, 404),
    ("GET", "/room/{code}/debrief/"): (404, 409, 409, 404, 404, 404),
    ("POST", "/room/{code}/debrief/"): (404, 409, 409, 404, 404, 404),
    # Only long rooms have settings and absences: `test_settings.py` opens theirs.
    ("GET", "/room/{code}/settings/"): (404, 404, 404, 404, 404, 404),
    ("POST", "/room/{code}/away/"): (404, 404, 404, 404, 404, 404),
    ("POST", "/room/{code}/back/"): (404, 404, 404, 404, 404, 404),
    ("POST", "/room/{code}/test-mail/"): (404, 404, 404, 404, 404, 404),
    ("GET", "/host/sign-in/"): (200, 200, 200, 200, 302, 302),
    ("GET", "/host/sign-out/"): (405, 405, 405, 405, 405, 405),
    ("GET", "/host/"): (302, 302, 302, 302, 403, 200),
    ("GET", "/host/studies/{slug}/"): (302, 302, 302, 302, 403, 200),
    ("GET", "/host/studies/no-such/"): (302, 302, 302, 302, 403, 404),
    ("GET", "/host/studies/{slug}/machines/"): (302, 302, 302, 302, 403, 200),
    ("GET", "/host/studies/{slug}/report/"): (302, 302, 302, 302, 403, 200),
    ("POST", "/host/studies/{slug}/report/"): (302, 302, 302, 302, 403, 302),
    ("GET", "/host/studies/{slug}/export/"): (302, 302, 302, 302, 403, 302),
    ("POST", "/host/studies/{slug}/export/"): (302, 302, 302, 302, 403, 302),
    ("GET", "/host/studies/{slug}/trial/"): (302, 302, 302, 302, 403, 200),
    ("POST", "/host/studies/{slug}/trial/"): (302, 302, 302, 302, 403, 302),
    ("GET", "/host/studies/{slug}/trial.json"): (302, 302, 302, 302, 403, 200),
    ("POST", "/host/studies/{slug}/trial.json"): (405, 405, 405, 405, 405, 405),
    ("GET", "/host/studies/{slug}/rooms/{code}/"): (302, 302, 302, 302, 403, 200),
    ("GET", "/host/studies/no-such/rooms/{code}/"): (302, 302, 302, 302, 403, 404),
    ("GET", "/host/studies/{slug}/rooms/{code}/pause/"): (405, 405, 405, 405, 405, 405),
    ("POST", "/host/studies/{slug}/rooms/{code}/pause/"): (302, 302, 302, 302, 403, 422),
    ("POST", "/host/studies/{slug}/rooms/{code}/end/"): (302, 302, 302, 302, 403, 422),
    ("POST", "/host/studies/{slug}/rooms/{code}/unseal/"): (302, 302, 302, 302, 403, 422),
    ("POST", "/host/studies/{slug}/rooms/{code}/reveal/"): (302, 302, 302, 302, 403, 404),
    ("GET", "/host/studies/{slug}/rooms/{code}/links/witness/"): (405, 405, 405, 405, 405, 405),
    ("POST", "/host/studies/{slug}/rooms/{code}/links/A/"): (302, 302, 302, 302, 403, 404),
    ("GET", "/repair/"): (302, 302, 302, 302, 302, 302),
    ("GET", "/repair/arena/room/"): (302, 302, 302, 302, 302, 302),
    ("GET", "/repair/login/"): (302, 302, 302, 302, 403, 403),
    ("GET", "/no-such-page/"): (404, 404, 404, 404, 404, 404),
}


@pytest.fixture(scope="module")
def scene(_database: None) -> tuple[MadeRoom, dict[str, Client]]:
    """A live room and one browser of every role."""
    made, other = make_room(), make_room()
    browsers = {
        "anonymous": Client(),
        "interrogator": seated(made.interrogator),
        "witness": seated(made.witness),
        "other_room": seated(other.witness),
        "stranger": stranger(),
        "host": host(),
    }
    make_ready(made)
    return made, browsers


@pytest.mark.parametrize(("method", "address"), MATRIX)
def test_permission_matrix(
    scene: tuple[MadeRoom, dict[str, Client]], method: str, address: str
) -> None:
    made, browsers = scene
    path = address.format(code=made.code, slug=made.study.slug)
    statuses = tuple(browsers[role].generic(method, path).status_code for role in ROLES)
    assert statuses == MATRIX[method, address]


def test_every_address_is_in_the_matrix() -> None:
    tried = [address.lstrip("/").format(slug="slug", code="code") for _, address in MATRIX]
    missing = [
        str(page.pattern)
        for page in urlpatterns
        if not any((match := page.pattern.match(path)) and not match[0] for path in tried)
    ]
    assert missing == []


def test_strangers_are_sent_to_the_sign_in_page() -> None:
    made = make_room()
    page = f"/host/studies/{made.study.slug}/"
    assert Client().get(page)["Location"] == f"/host/sign-in/?next={page}"
    action = f"{page}rooms/{made.code}/pause/"
    assert Client().post(action)["Location"] == "/host/sign-in/?next=/host/"


def test_wrong_code_and_wrong_cookie_get_the_same_page() -> None:
    made, other = make_room(), make_room()
    browser = seated(other.witness)
    browser.cookies[f"seat-{made.code}"] = browser.cookies[f"seat-{other.code}"].value
    pages = [
        Client().get("/room/nosuchroom/"),
        Client().get(f"/room/{made.code}/"),
        browser.get(f"/room/{made.code}/"),
    ]
    assert {(page.status_code, page.content) for page in pages} == {(404, pages[0].content)}


def test_every_change_needs_a_csrf_token(scene: tuple[MadeRoom, dict[str, Client]]) -> None:
    made, browsers = scene
    strict = {role: Client(enforce_csrf_checks=True) for role in ("witness", "host")}
    for role, browser in strict.items():
        browser.cookies = browsers[role].cookies
    room = f"/host/studies/{made.study.slug}/rooms/{made.code}"
    refusals = [
        *(strict["witness"].post(f"/room/{made.code}/{page}/") for page in ("help", "withdraw")),
        *(strict["host"].post(f"{room}/{act}/") for act in ("pause", "resume", "end", "unseal")),
        strict["host"].post(f"{room}/links/witness/"),
        strict["host"].post(f"/host/studies/{made.study.slug}/export/"),
        strict["host"].post(f"/host/studies/{made.study.slug}/report/"),
        strict["host"].post(f"/host/studies/{made.study.slug}/trial/"),
        strict["host"].post("/host/sign-out/"),
        Client(enforce_csrf_checks=True).post("/host/sign-in/"),
    ]
    assert {response.status_code for response in refusals} == {403}
    assert "The form was not sent" in refusals[0].content.decode()


def test_every_page_has_the_security_headers(scene: tuple[MadeRoom, dict[str, Client]]) -> None:
    made, browsers = scene
    pages = [
        browsers["anonymous"].get("/"),
        browsers["anonymous"].get(f"/join/{made.witness}/"),
        browsers["anonymous"].get("/no-such-page/"),
        browsers["witness"].get(f"/room/{made.code}/"),
        browsers["host"].get(f"/host/studies/{made.study.slug}/rooms/{made.code}/"),
    ]
    for page in pages:
        assert {name: page.headers.get(name) for name in HEADERS} == HEADERS


def test_pages_have_one_heading_a_title_and_nothing_inline(
    scene: tuple[MadeRoom, dict[str, Client]],
) -> None:
    made, browsers = scene
    study = f"/host/studies/{made.study.slug}/"
    pages = {
        "anonymous": ["/", "/host/sign-in/", f"/join/{made.witness}/", "/room/nosuchroom/"],
        "witness": [f"/room/{made.code}/{page}" for page in ("", "help/", "withdraw/", "debrief/")],
        "host": ["/host/", study, f"{study}report/", f"{study}rooms/{made.code}/"],
        "stranger": ["/host/"],
    }
    titles = set()
    for role, paths in pages.items():
        for path in paths:
            html = browsers[role].get(path).content.decode()
            assert html.count("<h1") == 1, path
            assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*(src=|json))", html), (
                path
            )
            titles.add(re.search(r"<title>(.+?)</title>", html).group(1))
    assert len(titles) == sum(map(len, pages.values()))
