"""The most that is read of a provider's answer: what would keep a room waiting is not read at all.

An answer is a chat message of some kilobytes. A longer one is refused while it streams in, before
anything of it is decoded. Imports httpx: to be imported where a client is made.
"""

from collections.abc import AsyncIterator

import httpx

#: Many times the longest reply, and read as JSON within some milliseconds.
MOST_BYTES = 1 << 20
_PLAIN = ("", "identity")


class AnswerTooLarge(Exception):
    """An answer that is not read any further."""


def bound(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Have a client refuse answers that are too large, or packed so that nobody can tell."""
    hooks = client.event_hooks
    client.event_hooks = {
        "request": [*hooks.get("request", ()), _ask_for_plain],
        "response": [*hooks.get("response", ()), _bound_answer],
    }
    return client


class _BoundedStream(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        n_bytes = 0
        async for chunk in self._stream:
            n_bytes += len(chunk)
            if n_bytes > MOST_BYTES:
                raise AnswerTooLarge(f"it goes on after {MOST_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _ask_for_plain(request: httpx.Request) -> None:
    request.headers["Accept-Encoding"] = "identity"


async def _bound_answer(response: httpx.Response) -> None:
    packing = response.headers.get("content-encoding", "").strip().lower()
    length = response.headers.get("content-length", "")
    problem = ""
    if packing not in _PLAIN:
        # A few packed kilobytes may hold gigabytes.
        problem = f"it is packed ({packing[:20]}) though a plain one was asked for"
    elif length.isdecimal() and (len(length) > 12 or int(length) > MOST_BYTES):
        problem = f"it announces {length[:20]} bytes"
    if problem:
        await response.aclose()
        raise AnswerTooLarge(problem)
    assert isinstance(response.stream, httpx.AsyncByteStream)
    response.stream = _BoundedStream(response.stream)
