"""Alerts arrive, by mail and by webhook: in order, in spite of refusals, and telling no secret."""

import asyncio
import datetime as dt
import re
from collections.abc import Iterator

import pytest
from django.test import override_settings

from arena import clock, database
from arena.health import Counter, MachineState, alarms
from arena.mail import alerts
from arena.models import Alert
from tests.conftest import free_port
from tests.kit.calls import call, failed, forget_others, log
from tests.kit.factories import MadeRoom, make_room
from tests.kit.pages import interrogator, machine, make_ready, say
from tests.kit.smtp_server import mail_server
from tests.kit.webhook import webhook

SMTP = "django.core.mail.backends.smtp.EmailBackend"
SENTENCE = "The provider gave no reply (status 503: overloaded). Check its status page."


@pytest.fixture(autouse=True)
def _mine_alone() -> Iterator[None]:
    """Tell of no other test's machines, and leave nothing to tell."""
    forget_others()
    yield
    forget_others()


def failing_room() -> MadeRoom:
    """A live room whose machine has failed twice, which is found out at the next look."""
    made = make_room()
    make_ready(made)
    say(interrogator(made), "What did you have for breakfast?", pane=made.machine_pane)
    log(made, *[failed("unavailable", SENTENCE)] * 2)
    return made


def look(*, after: dt.timedelta = dt.timedelta(0)) -> None:
    Counter().count_all()
    alarms.update(clock.now() + after)


def deliver() -> None:
    """Deliver what is open, whenever it is due."""
    Alert.objects.filter(done_at__isnull=True).update(wake_at=clock.now())
    asyncio.run(alerts.deliver_due())
    asyncio.run(_stop())


async def _stop() -> None:
    await asyncio.to_thread(database.stop)


def of(made: MadeRoom) -> list[Alert]:
    return list(Alert.objects.filter(profile=machine(made).profile).order_by("id"))


def test_a_webhook_is_told_of_the_machine_and_of_nothing_else() -> None:
    with webhook() as hook, override_settings(ALERT_WEBHOOK_URL=hook.url):
        made = failing_room()
        look()
        deliver()
        deliver()
    [told] = hook.told
    [alert] = of(made)
    since = alert.since_at.isoformat(timespec="minutes")
    assert told["message"] == told.pop("text")
    assert SENTENCE in told["message"]
    assert {**told, "message": "", "id": 0} == {
        "id": 0,
        "study": made.study.slug,
        "profile": "eliza",
        "state": "failing",
        "kind": "unavailable",
        "since": since,
        "message": "",
    }
    assert alert.outcome == "sent"
    assert made.code not in str(told) and "breakfast" not in str(told)
    assert not re.search(r"\bpane\b|\b[AB]\b|interrogator", str(told))


def test_a_webhook_that_refuses_is_asked_again_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with webhook(500, 302, 429) as hook, override_settings(ALERT_WEBHOOK_URL=hook.url):
        made = failing_room()
        look()
        for n in range(1, 4):
            deliver()
            [alert] = of(made)
            assert alert.attempts == n and alert.done_at is None and alert.wake_at > clock.now()
        deliver()
        deliver()
    assert len(hook.told) == 1 and len(hook.refused) == 3
    assert {each["id"] for each in hook.refused} == {hook.told[0]["id"]}
    assert "status 429" in caplog.text and "a-secret" not in caplog.text


def test_a_webhook_that_is_not_there_holds_up_no_other_channel() -> None:
    mails = {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "127.0.0.1", "ALERT_EMAIL": ["lab@example.org"]}
    gone = f"http://127.0.0.1:{free_port()}/"
    with mail_server() as server:
        with override_settings(**mails, EMAIL_PORT=server.port, ALERT_WEBHOOK_URL=gone):
            made = failing_room()
            look()
            for _ in range(alerts.MAX_ATTEMPTS):
                deliver()
        assert [alert.outcome for alert in of(made)] == ["sent", "gave_up"]
        assert len(server.taken_for("lab@example.org")) == 1


def test_a_mail_tells_what_to_do_and_where_to_look() -> None:
    mails = {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "127.0.0.1"}
    to = ["lab@example.org", "host@example.org"]
    with (
        mail_server(refuses="host@example.org") as server,
        override_settings(**mails, EMAIL_PORT=server.port, ALERT_EMAIL=to),
    ):
        made = failing_room()
        look()
        deliver()  # one of the two is refused, so the server is asked again
        deliver()
        log(made, call())
        look(after=alarms.CALM + dt.timedelta(seconds=1))
        deliver()
    first, *_, last = server.taken
    assert first["Subject"] == f"Machine eliza of {made.study.slug} fails"
    assert last["Subject"] == f"Machine eliza of {made.study.slug} answers again"
    text = " ".join(first.get_content().split())
    assert SENTENCE in text and f"/host/studies/{made.study.slug}/" in text
    assert made.code not in text and "breakfast" not in text
    sent_twice = [each["Message-ID"] for each in server.taken if "fails" in each["Subject"]]
    assert len(set(sent_twice)) == 1


def test_alerts_arrive_in_the_order_of_what_they_tell() -> None:
    with webhook(503) as hook, override_settings(ALERT_WEBHOOK_URL=hook.url):
        made = failing_room()
        look()
        deliver()  # refused
        log(made, call())
        look(after=alarms.CALM + dt.timedelta(seconds=1))
        deliver()
        deliver()
    assert [told["state"] for told in hook.told] == [MachineState.FAILING, MachineState.RECOVERED]


def test_of_several_processes_one_delivers() -> None:
    with webhook() as hook, override_settings(ALERT_WEBHOOK_URL=hook.url):
        failing_room()
        look()

        async def together() -> None:
            await asyncio.gather(*(alerts.deliver_due() for _ in range(8)))
            await _stop()

        asyncio.run(together())
    assert len(hook.told) == 1


def test_an_alert_of_a_process_that_died_is_delivered_by_another() -> None:
    with webhook() as hook, override_settings(ALERT_WEBHOOK_URL=hook.url):
        made = failing_room()
        look()
        assert len(alerts._lease(clock.now())) == 1  # and it dies
        asyncio.run(alerts.deliver_due())
        assert hook.told == []  # still leased
        assert len(alerts._lease(clock.now() + alerts.LEASE)) == 1
        deliver()
    assert len(hook.told) == 1 and of(made)[0].attempts == 3
