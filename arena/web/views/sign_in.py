"""The hosts' sign-in: Django's own, with a limit on guesses."""

import hashlib

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from arena.web.forms import SignInForm

ATTEMPTS = 5
WINDOW_S = 15 * 60


class SignIn(LoginView):
    """Sign a host in; after five wrong guesses a name and address must wait."""

    template_name = "arena/host/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not _count(request):
            return self._too_many()
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        cache.delete(_key(self.request))
        return super().form_valid(form)

    def _too_many(self) -> HttpResponse:
        # An unbound form: checking the password would tell whether the guess was right.
        form = SignInForm(self.request)
        message = form.error_messages["too_many"]
        context = self.get_context_data(form=form, too_many=message)
        return self.render_to_response(context, status=429, headers={"Retry-After": WINDOW_S})


def _count(request: HttpRequest) -> bool:
    """Count an attempt; false when there were too many."""
    key = _key(request)
    cache.add(key, 0, timeout=WINDOW_S)
    try:
        return cache.incr(key) <= ATTEMPTS
    except ValueError:  # It expired between the two lines.
        return True


def _key(request: HttpRequest) -> str:
    name = request.POST.get("username", "").strip().casefold()
    address = request.META.get("REMOTE_ADDR", "")
    return "sign-in:" + hashlib.sha256(f"{address} {name}".encode()).hexdigest()
