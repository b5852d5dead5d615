"""The demo's host: made once, with no more rights than a host needs."""

import io
import re

from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from arena.management.commands.demo import Command
from tests.kit.factories import make_room


def test_host_of_the_demo_runs_studies_and_repairs_nothing() -> None:
    made = make_room()
    with transaction.atomic():
        User.objects.filter(is_staff=True).update(is_staff=False)
        User.objects.filter(username="host").delete()
        told = io.StringIO()
        Command(stdout=told)._host()
        password = re.search(r"the password (\S+)", told.getvalue())
        user = User.objects.get(username="host")
        assert password is not None and user.check_password(password[1])
        assert user.is_staff and not user.is_superuser
        browser = Client()
        browser.force_login(user)
        study = f"/host/studies/{made.study.slug}/"
        for page in ("/host/", study, f"{study}machines/", f"{study}report/", f"{study}trial/"):
            assert browser.get(page).status_code == 200, page
        assert browser.get(f"{study}rooms/{made.code}/").status_code == 200
        assert browser.get("/repair/", follow=True).status_code == 403
        again = io.StringIO()
        Command(stdout=again)._host()
        assert "password" not in again.getvalue()
        transaction.set_rollback(True)
