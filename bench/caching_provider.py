"""A model behind a prompt cache: answers at once, and says how much of a prompt it had seen.

A process of its own, so that its work is nobody else's: `caching_provider.py` prints its port. It
counts four characters as a token, and reads from its cache what hosted models do: the longest
beginning that a prompt of the last calls had, from 1,024 tokens on, in steps of 128
(https://platform.openai.com/docs/guides/prompt-caching). A task, whose material is JSON, gets a
record or a summary made of the material's own words.
"""

import http.server
import itertools
import json
import sys
from collections import deque
from typing import Any

CHARS_A_TOKEN, LEAST_TOKENS, STEP_TOKENS = 4, 1_024, 128
#: The prompts that the cache still has.
KEPT = 8
#: What is said by turns, each with what makes it unlike the others.
LINES = (
    "haha no idea, that was {n} years before my time",
    "i live near the harbour now, number {n}, the flat with the red door",
    "my sister Ana called, she has {n} chickens and wants more",
    "depends on the day i guess, ask me again after {n}",
    "work was long, {n} patients and nobody to take over",
    "no way, that is a strange thing to ask. why?",
    "i have a cat, Miso, and {n} plants he hates",
)


class Model(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    prompts: deque[str] = deque(maxlen=KEPT)
    calls = itertools.count()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = json.dumps(asked["messages"], ensure_ascii=False)
        text = _answer(asked["messages"][-1]["content"], next(self.calls))
        body = json.dumps(_completion(asked, text, prompt=prompt)).encode()
        self.prompts.append(prompt)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what a call took is measured where it was made."""


def _answer(last: str, n: int) -> str:
    try:
        material = json.loads(last)
    except ValueError:
        return LINES[n % len(LINES)].format(n=n)
    messages = material["messages"]
    if "record" in material:
        told = [m for m in messages if m["text"].startswith(("i live", "i have"))]
        return json.dumps({"claims": [_claim(m) for m in told[:5]]})
    kept = [{"point": point["point"]} for point in material["points"][-20:]]
    quotes = [{"message": m["message"], "quote": m["text"][:100]} for m in messages[::12]]
    return json.dumps({"points": [*kept, *quotes]})


def _claim(message: dict[str, str]) -> dict[str, object]:
    subject = "pets" if "cat" in message["text"] else "home"
    quote = {"message": message["message"], "subject": subject, "quote": message["text"]}
    return {**quote, "lasting": True, "replaces": None}


def _completion(asked: dict[str, Any], text: str, *, prompt: str) -> dict[str, Any]:
    tokens_in, tokens_out = len(prompt) // CHARS_A_TOKEN, len(text) // CHARS_A_TOKEN + 1
    usage = {
        "prompt_tokens": tokens_in,
        "completion_tokens": tokens_out,
        "total_tokens": tokens_in + tokens_out,
        "prompt_tokens_details": {"cached_tokens": _cached_tokens(prompt)},
    }
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-cached",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": asked["model"],
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": usage,
    }


def _cached_tokens(prompt: str) -> int:
    tokens = max((_shared(prompt, before) for before in Model.prompts), default=0) // CHARS_A_TOKEN
    return tokens // STEP_TOKENS * STEP_TOKENS if tokens >= LEAST_TOKENS else 0


def _shared(one: str, other: str) -> int:
    """How many characters two texts begin alike."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
