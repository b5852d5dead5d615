"""A host at their desk."""

import secrets

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page

from tests.conftest import LiveServer
from tests.e2e.acting import apart


def sign_in(page: Page, server: LiveServer) -> Page:
    """Let a host's browser in, as signing in does."""
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": apart(_session), "url": server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    return page


def _session() -> str:
    browser = Client()
    browser.force_login(User.objects.create_user(f"host-{secrets.token_hex(4)}", is_staff=True))
    return browser.cookies[settings.SESSION_COOKIE_NAME].value
