"""Who may open which page: a seat's browser or a signed-in host. Decides no content."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render

from arena import errors, services
from arena.models import Room, Study

View = Callable[..., HttpResponseBase]


def seat_cookie(code: str) -> str:
    """The name of the cookie that opens one seat of one room."""
    return f"seat-{code}"


def refused(request: HttpRequest, error: errors.ArenaError, *, status: int) -> HttpResponse:
    """The one page that says no: the error's own sentences and nothing about the room."""
    return render(request, "arena/refused.html", {"error": error}, status=status)


def not_allowed(request: HttpRequest) -> HttpResponse:
    """The page for a signed-in account that is not the right one."""
    return render(request, "403.html", status=403)


def sent(request: HttpRequest) -> QueryDict | None:
    """The submitted form, possibly empty; None when the page was only opened."""
    return request.POST if request.method == "POST" else None


def form_status(form: BaseForm) -> int:
    """200 for a form to fill in, 422 for one with mistakes."""
    return 422 if form.errors else 200


def seat_page(view: View) -> View:
    """Pass the browser's seat to the view; a wrong code and a wrong cookie look alike."""

    @wraps(view)
    def wrapped(request: HttpRequest, code: str) -> HttpResponseBase:
        try:
            seat = services.seat_for(code, request.COOKIES.get(seat_cookie(code)))
        except errors.SeatUnknown as error:
            return refused(request, error, status=404)
        return view(request, seat)

    return wrapped


def host_page(view: View) -> View:
    """Let hosts in, send strangers to the sign-in page, refuse accounts that are not hosts."""

    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: str) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(_return_path(request), "arena:host-sign-in")
        if not request.user.is_staff:
            return not_allowed(request)
        return view(request, **kwargs)

    return wrapped


def _return_path(request: HttpRequest) -> str:
    # After signing in, a browser can only GET: a page that takes POST alone would refuse it.
    return request.get_full_path() if request.method in ("GET", "HEAD") else "/host/"


def study_or_404(slug: str) -> Study:
    """The study of this name, or the not-found page."""
    try:
        return Study.objects.get(slug=slug)
    except Study.DoesNotExist:
        raise Http404 from None


def room_or_404(slug: str, code: str) -> Room:
    """The room of this study, or the not-found page."""
    try:
        return Room.objects.select_related("study").get(study__slug=slug, code=code)
    except Room.DoesNotExist:
        raise Http404 from None


def is_cross_site(request: HttpRequest) -> bool:
    """Whether a browser says that another site made it send this request.

    A page that may not set a cookie cannot carry Django's CSRF token. Browsers name the sender in
    headers that a page cannot forge; a client that sends neither is not a browser and has no
    cookies to abuse.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    if origin := request.headers.get("Origin"):
        return urlsplit(origin).netloc != request.get_host()
    return False
