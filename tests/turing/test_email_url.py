import pytest

from turing.email_url import EmailUrlError, MailServer

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp://mail.example.org:2525", 2525, False, False),
        ("smtp+starttls://mail.example.org", 587, True, False),
        ("smtps://mail.example.org/", 465, False, True),
    ],
)
def test_scheme_says_how_the_line_is_guarded(url: str, port: int, tls: bool, ssl: bool) -> None:
    server = MailServer.parse(url)
    assert (server.backend, server.host) == (SMTP, "mail.example.org")
    assert (server.port, server.use_tls, server.use_ssl) == (port, tls, ssl)


def test_user_and_password_are_percent_decoded() -> None:
    server = MailServer.parse("smtps://me%40example.org:p%2Fss%3A@mail.example.org")
    assert (server.user, server.password) == ("me@example.org", "p/ss:")


def test_console_is_no_server() -> None:
    server = MailServer.parse("console:")
    assert (server.backend, server.host) == ("django.core.mail.backends.console.EmailBackend", "")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.org",
        "http://x",
        "smtp://",
        "smtp://x:notaport",
        "smtp://x/y",
        "smtp://x?y",
    ],
)
def test_what_is_not_understood_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(EmailUrlError, match="EMAIL_URL is not understood") as refused:
        MailServer.parse(url)
    assert "notaport" not in str(refused.value)
