"""A fake provider: speaks enough of the OpenAI protocol to answer, for free."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable

from arena.rehearsal.talk import ANSWERS

#: The body of a request, and what answers it: a text, or None for a provider that fails.
Request = dict[str, object]
Answering = Callable[[Request], Awaitable[str | None]]
#: Characters in a token, roughly, for the usage that it reports.
CHARS_PER_TOKEN = 4


@contextlib.asynccontextmanager
async def provider(rng: random.Random, *, answering: Answering | None = None) -> AsyncIterator[str]:
    """Run the fake provider; yield its address for the clients of backends.

    It answers at once with one of the everyday answers, or as `answering` does.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                body = await reader.readexactly(_content_length(head))
                request = json.loads(body)
                text = rng.choice(ANSWERS) if answering is None else await answering(request)
                writer.write(_FAILURE if text is None else _response(request, text, rng))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.close()


def _content_length(head: str) -> int:
    lines = (line.partition(":") for line in head.splitlines())
    return next((int(v) for k, _, v in lines if k.strip().lower() == "content-length"), 0)


def _response(request: Request, text: str, rng: random.Random) -> bytes:
    n_in, n_out = len(json.dumps(request.get("messages", []))), len(text)
    answer = {
        "id": f"chatcmpl-{rng.getrandbits(48):x}",
        "object": "chat.completion",
        "created": 0,
        "model": request.get("model", ""),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": n_in // CHARS_PER_TOKEN,
            "completion_tokens": n_out // CHARS_PER_TOKEN + 1,
            "total_tokens": (n_in + n_out) // CHARS_PER_TOKEN + 1,
        },
    }
    return _message("200 OK", answer)


def _message(status: str, content: object) -> bytes:
    body = json.dumps(content).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


_FAILURE = _message(
    "500 Internal Server Error", {"error": {"message": "It is down.", "code": "down"}}
)
