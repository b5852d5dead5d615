"""The id of what a form asks for, made before it is sent, so that sending it twice does it once."""

import json
import secrets
from collections.abc import Callable

from django.http import HttpRequest

from arena import invites


def act_ids(request: HttpRequest) -> dict[str, Callable[[], str]]:
    """For templates: each `{{ act_id }}` is a new one, which a form sends along."""
    return {"act_id": _new_id}


def _new_id() -> str:
    return secrets.token_hex(32)


def command_id(request: HttpRequest) -> str:
    """The id under which the log keeps what a form asked for: the same when it is sent again.

    With other words in it a form asks for something else, also where a browser's Back has brought
    the old id along; one that came without an id is always new.
    """
    sent = {name: request.POST.getlist(name) for name in sorted(request.POST)}
    sent.pop("csrfmiddlewaretoken", None)
    sent.setdefault("act_id", [_new_id()])
    # Apart from the ids that sockets give, and no hint at the words, which may be erased.
    return f"p:{invites.digest(json.dumps([request.path, sent]))}"
