"""The mail server in one address, as `DATABASE_URL` is the database."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

#: The scheme of an address: starts TLS on the line, is TLS from the start, usual port.
_SCHEMES = {
    "smtp": (False, False, 25),
    "smtp+starttls": (True, False, 587),
    "smtps": (False, True, 465),
}


class EmailUrlError(ValueError):
    """EMAIL_URL cannot be read as the address of a mail server."""

    def __init__(self) -> None:
        # The address holds a password, so it is not repeated here.
        super().__init__(
            "EMAIL_URL is not understood. Expected console:, smtp://host:port, "
            "smtp+starttls://user:password@host:port or smtps://user:password@host:port, with "
            "special characters of user and password percent-encoded."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mails go; without one they are written to the terminal."""

    backend: str = "django.core.mail.backends.console.EmailBackend"
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False

    @classmethod
    def parse(cls, url: str) -> "MailServer":
        if url == "console:":
            return cls()
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise EmailUrlError from None
        is_whole = parts.hostname and not parts.path.strip("/") and not parts.query
        if parts.scheme not in _SCHEMES or not is_whole:
            raise EmailUrlError
        use_tls, use_ssl, usual_port = _SCHEMES[parts.scheme]
        return cls(
            backend="django.core.mail.backends.smtp.EmailBackend",
            host=parts.hostname or "",
            port=port or usual_port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            use_tls=use_tls,
            use_ssl=use_ssl,
        )
