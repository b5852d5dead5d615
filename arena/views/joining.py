"""Invitation links: a page that changes nothing until its reader confirms."""

import datetime as dt

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from arena import errors, services
from arena.views.access import is_cross_site, refused, seat_cookie

#: Browsers keep no cookie longer, and the longest room lasts as long.
COOKIE_AGE = dt.timedelta(days=400)

#: The name and the signing salt of the cookie that knows a person again.
PARTICIPANT = "participant"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show the invitation; take the seat on POST.

    Chat apps and mail scanners fetch links ahead of people, so a GET leaves no trace at all: no
    event, no claim, no cookie. Without a cookie there is no CSRF token; `is_cross_site` stands in.
    """
    try:
        return _claim(request, token) if request.method == "POST" else _show(request, token)
    except errors.InviteUnknown as error:
        return refused(request, error, status=404)
    except (errors.SeatClaimed, errors.SeatConflict) as error:
        return refused(request, error, status=409)


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
    if is_cross_site(request):
        return render(request, "403_csrf.html", status=403)
    invite = services.find_invite(token)
    claim = services.claim(
        token,
        request.COOKIES.get(seat_cookie(invite.room_code)),
        participant=None if "new_participant" in request.POST else _participant(request),
    )
    response = redirect("arena:room", code=claim.room_code)
    response.status_code = 303
    _keep(response, seat_cookie(claim.room_code), claim.secret, is_secure=request.is_secure())
    person = signing.dumps(claim.participant, salt=PARTICIPANT)
    _keep(response, PARTICIPANT, person, is_secure=request.is_secure())
    return response


def _participant(request: HttpRequest) -> str | None:
    """The code of the person who took seats in this browser before, so that they stay one."""
    try:
        return str(signing.loads(request.COOKIES.get(PARTICIPANT, ""), salt=PARTICIPANT))
    except signing.BadSignature:
        return None


def _keep(response: HttpResponse, name: str, value: str, *, is_secure: bool) -> None:
    response.set_cookie(
        name, value, max_age=COOKIE_AGE, secure=is_secure, httponly=True, samesite="Lax"
    )
