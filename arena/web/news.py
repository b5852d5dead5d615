"""News for a page that stays open: nothing while it shows what there is, else the part anew.

A page names the version of what it shows; it is made of that alone, so that it changes when
something is to be seen and tells nothing else: not the work of a machine that stayed silent.
"""

import hashlib
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

#: The parameter by which an open page says which version it shows.
SINCE = "since"


def version(*shown: object) -> str:
    """A few characters that differ when what is shown differs."""
    return hashlib.blake2b(repr(shown).encode(), digest_size=9).hexdigest()


def page_address(request: HttpRequest) -> str:
    """The address of the page itself, from which it asks for its news."""
    query = request.GET.copy()
    query.pop(SINCE, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def part_or_page(
    request: HttpRequest, context: Mapping[str, object], *, page: str, part: str
) -> HttpResponse:
    """Render the page for who opens it, its part for an open page that asks for news.

    `context["version"]` says what is shown; an open page that shows it already gets 204.
    """
    since = request.GET.get(SINCE)
    if since is not None and since == context["version"]:
        return HttpResponse(status=204)
    shown = {**context, "page_address": page_address(request)}
    return render(request, page if since is None else part, shown)
