"""Links that open a seat, by invitation or return: nothing changes until the person confirms."""

import datetime as dt
from collections.abc import Callable
from functools import wraps

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from arena import errors, services
from arena.web.views.access import is_cross_site, refused, seat_cookie

#: Browsers keep no cookie longer, and the longest room lasts as long.
COOKIE_AGE = dt.timedelta(days=400)

#: The name and the signing salt of the cookie that recognises a person.
PARTICIPANT = "participant"


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

    Chat apps and mail scanners fetch links ahead of people, so a GET leaves no trace at all: no
    event, no claim, no cookie. Without a cookie there is no CSRF token; `is_cross_site` stands in.
    """
    return _claim(request, token) if request.method == "POST" else _show(request, token)


@_link_page
def come_back(request: HttpRequest, token: str) -> HttpResponse:
    """Show where a reminder's link leads; move the seat to this browser on POST."""
    invite = services.find_return(token)
    if request.method != "POST":
        context = {"invite": invite, "mine": _holds(request, invite)}
        return render(request, "arena/return.html", context)
    claimed = services.move_seat(token, request.COOKIES.get(seat_cookie(invite.room_code)))
    return _seated(request, claimed)


def _show(request: HttpRequest, token: str) -> HttpResponse:
    invite = services.find_invite(token)
    mine = invite.claimed and _holds(request, invite)
    if invite.claimed and not mine:
        raise errors.SeatClaimed
    context = {"invite": invite, "mine": mine, "is_known": _participant(request) is not None}
    return render(request, "arena/join.html", context)


def _holds(request: HttpRequest, invite: services.Invite) -> bool:
    cookie = request.COOKIES.get(seat_cookie(invite.room_code))
    try:
        return services.seat_for(invite.room_code, cookie).label == invite.seat
    except errors.SeatUnknown:
        return False


def _claim(request: HttpRequest, token: str) -> HttpResponse:
    invite = services.find_invite(token)
    claimed = services.claim_seat(
        token,
        request.COOKIES.get(seat_cookie(invite.room_code)),
        participant=None if "new_participant" in request.POST else _participant(request),
    )
    return _seated(request, claimed)


def _seated(request: HttpRequest, claimed: services.ClaimedSeat) -> HttpResponse:
    """Redirect to the room, with the seat's key and the person's code as cookies."""
    response = redirect("arena:room", code=claimed.room_code)
    response.status_code = 303
    _keep(response, seat_cookie(claimed.room_code), claimed.secret, is_secure=request.is_secure())
    person = signing.dumps(claimed.participant, salt=PARTICIPANT)
    _keep(response, PARTICIPANT, person, is_secure=request.is_secure())
    return response


def _participant(request: HttpRequest) -> str | None:
    """The code of the person who took seats in this browser before, so that they keep it."""
    try:
        return str(signing.loads(request.COOKIES.get(PARTICIPANT, ""), salt=PARTICIPANT))
    except signing.BadSignature:
        return None


def _keep(response: HttpResponse, name: str, value: str, *, is_secure: bool) -> None:
    response.set_cookie(
        name, value, max_age=COOKIE_AGE, secure=is_secure, httponly=True, samesite="Lax"
    )
