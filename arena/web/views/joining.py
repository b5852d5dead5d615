"""Links that open a seat, by invitation or return: nothing changes until the person confirms.

The page of a link holds a random key, from which the seat's secret is made when it is confirmed:
however often that is sent, it is the same claim. A browser that a person is using keeps the key of
a link until it has heard that the seat is its own, so that opening the link again makes up for an
answer that was lost. The key alone opens nothing, and neither does the link.
"""

import datetime as dt
import re
from collections.abc import Callable
from functools import wraps

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from arena import errors, invites, services
from arena.web.views.access import is_cross_site, refused, seat_cookie

#: Browsers keep no cookie longer, and the longest room lasts as long.
COOKIE_AGE = dt.timedelta(days=400)

#: The name and the signing salt of the cookie that recognises a person.
PARTICIPANT = "participant"

#: The name of a link's key in its form and in its cookie, and how long a browser keeps it.
KEY = "key"
KEY_AGE = dt.timedelta(days=30)
_KEY_FORM = re.compile(r"[0-9a-f]{64}")


def _link_page(view: Callable[[HttpRequest, str], HttpResponse]) -> Callable[..., HttpResponse]:
    """A page without a CSRF token, since it may set no cookie; it refuses in plain words."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        if request.method == "POST" and is_cross_site(request):
            return render(request, "403_csrf.html", status=403)
        try:
            return view(request, token)
        except (errors.InviteUnknown, errors.ReturnUnknown) as error:
            return refused(request, error, status=404)
        except (errors.SeatClaimed, errors.SeatConflict) as error:
            return refused(request, error, status=409)

    return wrapped


@_link_page
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show the invitation; take the seat on POST.

    Chat apps and mail scanners fetch links ahead of people, so a GET leaves no trace: no event, no
    claim, and no cookie unless a browser shows it to somebody. So there is no CSRF token;
    `is_cross_site` stands in.
    """
    invite = services.find_invite(token)
    if request.method != "POST":
        return _page(
            request, "arena/join.html", invite=invite, token=token, is_open=not invite.claimed
        )
    claimed = services.claim_seat(
        token,
        request.COOKIES.get(seat_cookie(invite.room_code)),
        key=_key(request),
        participant=None if "new_participant" in request.POST else _participant(request),
    )
    return _seated(request, claimed)


@_link_page
def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """Show where a reminder's link leads; move the seat to this browser on POST."""
    invite = services.find_return(token)
    if request.method != "POST":
        return _page(request, "arena/return.html", invite=invite, token=token, is_open=True)
    cookie = request.COOKIES.get(seat_cookie(invite.room_code))
    return _seated(request, services.move_seat(token, cookie, key=_key(request)))


def _page(
    request: HttpRequest, template: str, *, invite: services.Invite, token: str, is_open: bool
) -> HttpResponse:
    """The page of a link: for whoever has the seat here, and while `is_open` for others."""
    key = _key(request)
    unheard = services.claim_of(invite.room_code, token=token, key=key)
    mine = unheard is not None or _holds(request, invite)
    if not mine and not is_open:
        raise errors.SeatClaimed
    is_known = _participant(request) is not None
    context = {"invite": invite, "mine": mine, "is_known": is_known, "key": key}
    response = render(request, template, context)
    if unheard is not None:
        _keep_seat(request, response, unheard)
    elif not mine and _has_a_person(request):
        _keep(request, response, name=KEY, value=key, max_age=KEY_AGE, path=request.path)
    return response


def _key(request: HttpRequest) -> str:
    """The key of a link: what this browser keeps, or what was on its page, or a new one."""
    for found in (request.COOKIES.get(KEY, ""), request.POST.get(KEY, "")):
        if _KEY_FORM.fullmatch(found):
            return found
    return invites.seed()


def _has_a_person(request: HttpRequest) -> bool:
    """Whether a browser says that it shows this page in its window, as no link preview does."""
    return request.headers.get("Sec-Fetch-Mode") == "navigate"


def _holds(request: HttpRequest, invite: services.Invite) -> bool:
    cookie = request.COOKIES.get(seat_cookie(invite.room_code))
    try:
        return services.seat_for(invite.room_code, cookie).label == invite.seat
    except errors.SeatUnknown:
        return False


def _seated(request: HttpRequest, claimed: services.ClaimedSeat) -> HttpResponse:
    """Redirect to the room, with the seat's secret and the person's code as cookies."""
    response = redirect("arena:room", code=claimed.room_code)
    response.status_code = 303
    _keep_seat(request, response, claimed)
    return response


def _keep_seat(request: HttpRequest, response: HttpResponse, claimed: services.ClaimedSeat) -> None:
    _keep(request, response, name=seat_cookie(claimed.room_code), value=claimed.secret)
    person = signing.dumps(claimed.participant, salt=PARTICIPANT)
    _keep(request, response, name=PARTICIPANT, value=person)
    if KEY in request.COOKIES:
        response.delete_cookie(KEY, path=request.path, samesite="Lax")


def _participant(request: HttpRequest) -> str | None:
    """The code of the person who took seats in this browser before, so that they keep it."""
    try:
        return str(signing.loads(request.COOKIES.get(PARTICIPANT, ""), salt=PARTICIPANT))
    except signing.BadSignature:
        return None


def _keep(
    request: HttpRequest,
    response: HttpResponse,
    *,
    name: str,
    value: str,
    max_age: dt.timedelta = COOKIE_AGE,
    path: str = "/",
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        path=path,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
