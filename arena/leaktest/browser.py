"""A browser that notes every byte: its status, its headers in their order, its body."""

import asyncio
import http.client
import re
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

TIMEOUT_S = 60.0
_HIDDEN = re.compile(r'name="(\w+)" value="([^"]*)"')
_TOKENS = re.compile(r"[A-Za-z0-9_-]{20,}")
_MOMENTS = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|\+00:00)?)?|\d\d?:\d\d(?::\d\d)?|\d+ GMT")
_DATES = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """An answer of the server."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def masked(self, *secrets: str) -> "Visit":
        """The same without what differs between any two rooms: tokens, codes and moments."""

        def mask(text: str) -> str:
            for secret in secrets:
                text = text.replace(secret, "MASKED")
            return _TOKENS.sub("TOKEN", _DATES.sub("DATE", _MOMENTS.sub("MOMENT", text)))

        headers = tuple((name, mask(value)) for name, value in self.headers)
        return Visit(status=self.status, headers=headers, body=mask(self.body))

    @property
    def fields(self) -> dict[str, str]:
        """The hidden fields of the page's forms, and others with a value."""
        return dict(_HIDDEN.findall(self.body))


class Browser:
    """Keeps cookies, as a window does that a person looks at."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def get(self, path: str) -> Visit:
        """Open a page."""
        return await asyncio.to_thread(self._ask, "GET", path, {})

    async def post(self, path: str, **form: str) -> Visit:
        """Send a form; the answer is not followed."""
        return await asyncio.to_thread(self._ask, "POST", path, form)

    def _ask(self, method: str, path: str, form: dict[str, str]) -> Visit:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        headers = {
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Site": "same-origin",
            "Origin": self.origin,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        body = None
        if method == "POST":
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request(method, path, body=body, headers=headers)
        answer = line.getresponse()
        visit = Visit(
            status=answer.status,
            headers=tuple(answer.getheaders()),
            body=answer.read().decode(errors="replace"),
        )
        line.close()
        self._keep(visit)
        return visit

    def _keep(self, visit: Visit) -> None:
        for name, value in visit.headers:
            if name.lower() == "set-cookie":
                for key, morsel in SimpleCookie(value).items():
                    self.cookies[key] = morsel.value
