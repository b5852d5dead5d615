"""A model that needs its time: speaks the OpenAI chat-completions protocol, answers in N seconds.

A process of its own, so that its work is nobody else's: `slow_provider.py <seconds>` prints its
port and answers until it is ended.
"""

import asyncio
import itertools
import json
import sys

import uvloop

#: What people say when they are asked who they are; each call gets the next.
LINES = (
    "haha no idea, you tell me",
    "just got home, it's raining here. you?",
    "I had pasta for lunch and I regret nothing",
    "never been there but my sister loves it",
    "why do you want to know?",
    "honestly I'd rather be outside right now",
    "depends on the day I guess",
    "my cat is walking over the keyboard, sorry",
    "no way, that's a strange thing to ask",
    "about ten minutes by bike, less if I'm late",
    "hm, I think it was last summer",
    "could you ask that in another way?",
    "I used to play the drums, badly",
)


class Provider(asyncio.Protocol):
    """One connection: a request at a time, as clients of HTTP/1.1 send them."""

    answers = itertools.count()

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._buffer = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end:
            return
        fields = (line.partition(b":") for line in head.lower().split(b"\r\n"))
        size = next(int(value) for name, _, value in fields if name == b"content-length")
        if len(rest) >= size:
            self._buffer = rest[size:]
            asyncio.get_running_loop().call_later(self._seconds, self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            body = _completion(next(self.answers))
            head = (
                f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
            )
            self._transport.write(f"{head}\r\n\r\n".encode() + body)


def _completion(n: int) -> bytes:
    message = {"role": "assistant", "content": LINES[n % len(LINES)]}
    body = {
        "id": f"chatcmpl-{n}",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "slow",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 210, "completion_tokens": 12, "total_tokens": 222},
    }
    return json.dumps(body).encode()


async def main(seconds: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Provider(seconds), "127.0.0.1", 0, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(float(sys.argv[1])))
