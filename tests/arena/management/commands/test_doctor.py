"""The doctor: tells whether the log is guarded, and whether mails can leave."""

import io
import re

import pytest
from django.core.management import call_command
from django.test import override_settings

from arena import clock
from arena.models import Timer
from tests.conftest import free_port
from tests.kit.calls import call, failed, forget_others, log, silence
from tests.kit.factories import MadeRoom, make_room
from tests.kit.pages import decide, make_ready
from tests.kit.people import openai
from tests.kit.smtp_server import mail_server

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def doctor(*options: str) -> list[str]:
    out = io.StringIO()
    try:
        call_command("doctor", *options, stdout=out)
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


def lines_of(made: MadeRoom, found: list[str]) -> list[str]:
    return [line for line in found if f"machine {made.study.slug}/" in line]


def test_doctor_fails_while_a_machine_does() -> None:
    made = make_room()
    make_ready(made)
    log(made, call(latency_ms=2000))
    [line] = lines_of(made, doctor())
    assert line.startswith("ok") and "1 calls; 0 failed" in line and "0.5000 USD" in line
    log(made, failed("timeout"), failed("no_key", "The variable X is not set. Set it."))
    found = doctor()
    failing, figures = lines_of(made, found)
    assert re.match(r"FAIL .*: failing since .*Z \(no_key\)\. The variable X is not set\.", failing)
    assert "3 calls; 2 failed (no_key 1, timeout 1)" in figures
    assert found[-1] == "exit 1" and made.code not in "".join(found)
    decide(made, "A")
    assert lines_of(made, doctor()) == []  # nobody waits for it any more
    forget_others()


def test_doctor_fails_for_a_day_after_a_question_was_left_unanswered() -> None:
    made = make_room()
    make_ready(made)
    log(made, silence("objected"), call())
    found = doctor("--recount")
    [*_, line] = lines_of(made, found)
    assert "1 questions unanswered" in line and found[-1] == "exit 1"
    forget_others()


def test_doctor_names_a_key_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    made = make_room(machines=openai("some-model"))
    first, second = lines_of(made, doctor())
    assert first.startswith("FAIL") and "OPENAI_API_KEY is not set" in first
    assert "never called" in second


def test_doctor_says_who_is_told() -> None:
    assert any(line.startswith("note  alerts: nobody is told") for line in doctor())
    told = {"ALERT_EMAIL": ["lab@example.org"], "ALERT_WEBHOOK_URL": "ftp://example.org/a-secret"}
    with override_settings(**told):
        found = "\n".join(doctor())
    assert "alerts: lab@example.org, a webhook at example.org" in found
    assert "no mail leaves" in found and "does not begin with https" in found
    assert "a-secret" not in found
