"""The page that seats a person, confirmed as people do whose answer was lost."""

import http.client
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode

#: Where the site believes to be: sockets with a cookie come from there, whatever their port.
PUBLIC_URL = "http://laboratory.localhost"
_HIDDEN = re.compile(r"<input\b[^>]*\btype=\"hidden\"[^>]*>")
_NAME, _VALUE = re.compile(r'\bname="([^"]*)"'), re.compile(r'\bvalue="([^"]*)"')


def join_twice(port: int, code: str, token: str) -> tuple[dict[str, str] | None, str]:
    """Take a seat, confirming twice what one page says.

    Returns the headers of the seat's sockets, if it was given, and what was wrong.
    """
    page, cookie = f"/join/{token}/", f"seat-{code}"
    _, _, form = _ask(port, "GET", page)
    answers = [_ask(port, "POST", page, fields=_fields(form)) for _ in range(2)]
    keys = [cookies[cookie].value for _, cookies, _ in answers if cookie in cookies]
    headers = {"Cookie": f"{cookie}={keys[0]}", "Origin": PUBLIC_URL} if keys else None
    statuses = [status for status, _, _ in answers]
    if statuses != [303, 303]:
        return headers, f"an invitation confirmed twice was answered with {statuses}"
    if len(set(keys)) != 1:
        return headers, f"an invitation confirmed twice gave {len(set(keys))} keys to the seat"
    return headers, ""


def _fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = _HIDDEN.findall(page)
    return {_first(_NAME, tag): _first(_VALUE, tag) for tag in found}


def _first(pattern: re.Pattern[str], tag: str) -> str:
    match = pattern.search(tag)
    return match.group(1) if match else ""


def _ask(
    port: int, method: str, path: str, *, fields: dict[str, str] | None = None
) -> tuple[int, "SimpleCookie", str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    body = None if fields is None else urlencode(fields)
    headers = {} if body is None else {"Content-Type": "application/x-www-form-urlencoded"}
    line.request(method, path, body, headers)
    answer = line.getresponse()
    cookies = SimpleCookie()
    for value in answer.headers.get_all("Set-Cookie", []):
        cookies.load(value)
    text = answer.read().decode()
    line.close()
    return answer.status, cookies, text
