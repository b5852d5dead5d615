"""The doctor: tells whether the log is guarded, and whether mails can leave."""

import io

from django.core.management import call_command
from django.test import override_settings

from arena import clock
from arena.models import Timer
from tests.conftest import free_port
from tests.kit.factories import make_room
from tests.kit.smtp_server import mail_server

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def doctor() -> list[str]:
    out = io.StringIO()
    try:
        call_command("doctor", stdout=out)
    except SystemExit:
        out.write("exit 1\n")
    return out.getvalue().splitlines()


def test_doctor_says_that_no_mail_leaves() -> None:
    assert any("mail: none leaves this machine" in line for line in doctor())


def test_doctor_tries_the_mail_server() -> None:
    there = {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "127.0.0.1"}
    with mail_server() as server, override_settings(**there, EMAIL_PORT=server.port):
        assert any(line.startswith(f"ok    mail: 127.0.0.1:{server.port}") for line in doctor())
    with override_settings(**there, EMAIL_PORT=free_port(), EMAIL_HOST_PASSWORD="secret"):
        found = doctor()
    assert any(line.startswith("FAIL  mail: 127.0.0.1:") for line in found)
    assert any("travels in the clear" in line for line in found)
    assert found[-1] == "exit 1" and not any("secret " in line for line in found)


def test_doctor_counts_reminders_that_were_not_sent() -> None:
    made, now = make_room(), clock.now()
    for n, (outcome, attempts) in enumerate((("", 3), ("not_sent", 8), ("unknown", 1))):
        Timer.objects.create(
            room=made.room,
            kind="reminder",
            key=f"reminder:{made.code}:{n}",
            due_at=now,
            # Far off, so that no loop of another test takes it up.
            wake_at=now.replace(year=now.year + 5),
            attempts=attempts,
            outcome=outcome,
            done_at=now if outcome else None,
        )
    found = "\n".join(doctor())
    for words in ("could not be sent yet", "were not sent", "were perhaps not sent"):
        assert words in found


def test_doctor_finds_the_log_guarded() -> None:
    assert any("append-only (triggers in place)" in line for line in doctor())
