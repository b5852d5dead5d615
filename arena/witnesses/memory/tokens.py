"""How many tokens a text takes: counted by litellm where it knows the model, else estimated.

Each text is counted once per process, so preparing a reply does not slow down as a room grows.
"""

import asyncio
import functools
import math
import re
from collections.abc import Callable

from arena.backends import litellm_library

Count = Callable[[str], int]

#: Models whose tokenizer comes with litellm; for others it would count with one that is not theirs,
#: or fetch one from the network.
_KNOWN = re.compile(r"(?:openai/|azure/)?(?:gpt-|chatgpt-|o[1-9])")
_LETTERS, _ASCII = re.compile(r"[A-Za-z ]"), re.compile(r"[\x00-\x7f]")
_REMEMBERED = 65_536


@functools.lru_cache(maxsize=_REMEMBERED)
def estimate(text: str) -> int:
    """At least as many tokens as today's tokenizers make of a text.

    A token for every three ASCII letters and spaces (English has four to five) but at least one a
    word, for every one and a half other ASCII characters (digits, signs), and for every two bytes
    of any other (UTF-8; Chinese and Cyrillic letters take about one token each).
    """
    n_letters, n_ascii = len(_LETTERS.findall(text)), len(_ASCII.findall(text))
    n_bytes = len(text.encode("utf-8", "replace")) - n_ascii
    words = max(n_letters / 3, len(text.split()))
    return math.ceil(words + (n_ascii - n_letters) / 1.5 + n_bytes / 2)


async def counter(model: str) -> Count:
    """Return what counts for a model; the library is loaded, seconds long, off the event loop."""
    if not _KNOWN.match(model):
        return estimate
    return await asyncio.to_thread(counter_now, model)


@functools.lru_cache(maxsize=64)
def counter_now(model: str) -> Count:
    """`counter` for code that does not run on the event loop."""
    if not _KNOWN.match(model):
        return estimate
    litellm = litellm_library.load()

    @functools.lru_cache(maxsize=_REMEMBERED)
    def count(text: str) -> int:
        return int(litellm.token_counter(model=model, text=text))

    count("The first count loads the tokenizer.")
    return count
