"""Encodings in which a text may hide something: codes, ciphers, arrangements of letters.

`readings` decodes them and yields what a patient reader could make of the text. Pure and bounded:
no step lengthens a text, and at most `_MOST` texts are examined.
"""

import base64
import binascii
import codecs
import html
import re
import urllib.parse
from collections.abc import Callable, Iterator

from arena.witnesses.gate.normalisation import letters, squeezed, turned

#: How deeply codes may be nested, and how many texts are examined in all.
_DEPTH, _MOST = 3, 40
#: The share of a text that a close reading keeps at least.
_KEPT = 0.8

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_BASE32 = re.compile(r"[A-Z2-7]{8,}={0,6}")
_HEX = re.compile(r"(?:(?:0x|\\x|%)?[0-9a-fA-F]{2}[\s,:;-]{0,2}){4,}")
_BITS = re.compile(r"(?:[01]{7,8}[\s,;-]{0,2}){3,}")
_CODES = re.compile(r"(?:\b\d{2,3}\b[\s,;-]{1,2}){3,}\b\d{2,3}\b")
_MORSE = re.compile(r"[.\-_ /|\n]{8,}")
_SPACED = re.compile(r"(?:(?<!\w)\w(?:[\W_]{1,3})){3,}\w(?!\w)")

_MORSE_SIGNS = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- "
    ".-- -..- -.-- --.."
)
_MORSE_LETTERS = dict(
    zip(
        _MORSE_SIGNS.split(),
        "abcdefghijklmnopqrstuvwxyz",
        strict=True,
    )
)
_SPELT_WORDS = (
    "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliett juliet kilo lima mike "
    "november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
)
_SPELT = {word: word[0] for word in _SPELT_WORDS.split()}

#: Readings that pick words out of a structure.
_PICKED = frozenset({"strings", "cells"})
#: Readings that keep most of a text.
CLOSE = (
    frozenset(
        {
            "as it stands",
            "rearranged",
            "HTML",
            "percent",
            "escapes",
            "without spaces",
            "upside down",
        }
    )
    | _PICKED
)


def readings(text: str) -> Iterator[tuple[str, str]]:
    """Everything a text may say, as normalised letters and digits, each with the way of reading.

    The first is the text itself.
    """
    yield "as it stands", squeezed(text)
    for way, said, is_permuted in _decoded(text):
        plain = squeezed(said)
        yield way, plain
        yield f"{way}, backwards", plain[::-1]
        if is_permuted:
            continue
        for shift in range(1, 26):
            shifted = plain.translate(_SHIFTS[shift])
            yield f"{way}, letters shifted", shifted
            yield f"{way}, letters shifted, backwards", shifted[::-1]
        yield f"{way}, alphabet reversed", plain.translate(_ATBASH)
    yield from _arranged(text)


def _decoded(text: str) -> Iterator[tuple[str, str, bool]]:
    """The text and what the codes in it decode to, nested codes too.

    Letters are permuted once at most: twice would restore the input.
    """
    waiting = [("rearranged", text, 0, False)]
    seen = {text}
    while waiting:
        way, said, depth, is_permuted = waiting.pop(0)
        yield way, said, is_permuted
        known = _CODES_KNOWN if is_permuted else _CODES_KNOWN | _PERMUTED
        for name, decode in known.items() if depth < _DEPTH else ():
            found = decode(said)
            if found and found not in seen and len(seen) < _MOST:
                seen.add(found)
                most = name in CLOSE and len(found) < _KEPT * len(said) and name not in _PICKED
                way = f"{name} for most of it" if most else name
                waiting.append((way, found, depth + 1, is_permuted or name in _PERMUTED))


def _arranged(text: str) -> Iterator[tuple[str, str]]:
    """What first or last letters, every second letter, or reversed words spell."""
    words, rows = letters(text).split(), [letters(row) for row in text.splitlines()]
    for name, parts in (("words", words), ("lines", [row for row in rows if row])):
        yield f"first letters of {name}", "".join(part[0] for part in parts)
        yield f"last letters of {name}", "".join(part[-1] for part in parts)
    yield "words backwards", "".join(word[::-1] for word in words)
    yield "words in reverse order", "".join(reversed(words))
    plain = "".join(words)
    for every in (2, 3):
        for first in range(every):
            yield "letters taken out", plain[first::every]
    yield "columns", plain[::2] + plain[1::2]


_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_SHIFTS = [str.maketrans(_ALPHABET, _ALPHABET[by:] + _ALPHABET[:by]) for by in range(26)]
_ATBASH = str.maketrans(_ALPHABET, _ALPHABET[::-1])


def _text_of(raw: bytes) -> str:
    said = raw.decode("utf-8", "ignore")
    if not said or len(said) < 0.9 * len(raw):
        return ""
    readable = sum(char.isprintable() or char.isspace() for char in said)
    return said if readable >= 0.9 * len(raw) else ""


def _each(pattern: re.Pattern[str], decode: Callable[[str], bytes]) -> Callable[[str], str]:
    """A decoder of every part of a text that looks like a code."""

    def decoded(text: str) -> str:
        parts = []
        for part in pattern.findall(text):
            try:
                parts.append(_text_of(decode(part)))
            except (ValueError, binascii.Error, OverflowError):
                continue
        return " ".join(part for part in parts if part)

    return decoded


def _base64(part: str) -> bytes:
    """What a part decodes to, from each offset at which a group of four may begin."""
    plain = part.rstrip("=").replace("-", "+").replace("_", "/")
    parts = [plain[first:] for first in range(4)]
    whole = [part[: len(part) - (len(part) % 4 == 1)] for part in parts]
    texts = [_text_of(base64.b64decode(part + "=" * (-len(part) % 4))) for part in whole]
    return " ".join(text for text in texts if text).encode()


def _base32(part: str) -> bytes:
    plain = part.rstrip("=")
    while len(plain) % 8 in (1, 3, 6):
        plain = plain[:-1]
    return base64.b32decode(plain + "=" * (-len(plain) % 8))


def _hex(part: str) -> bytes:
    digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", part)
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _bits(part: str) -> bytes:
    apart = re.search(r"[01][^01]", part)
    groups = re.findall(r"[01]+" if apart else r"[01]{8}", part)
    return bytes(int(group, 2) for group in groups if len(group) <= 8)


def _numbers(part: str) -> bytes:
    numbers = [int(number) for number in re.findall(r"\d+", part)]
    if all(1 <= number <= 26 for number in numbers):
        return bytes(96 + number for number in numbers)
    return bytes(number for number in numbers if 32 <= number < 256)


def _morse(text: str) -> str:
    found = max(_MORSE.findall(text), key=len, default="")
    signs = re.findall(r"[.\-_]+", found)
    return "".join(_MORSE_LETTERS.get(sign.replace("_", "-"), "") for sign in signs)


def _spelt(text: str) -> str:
    said = [_SPELT[word] for word in letters(text.replace("-", "")).split() if word in _SPELT]
    return "".join(said) if len(said) >= 4 else ""


def _without_spaces(text: str) -> str:
    """The text without white space: rejoins broken codes and spaced letters."""
    joined = re.sub(r"\s+", "", text)
    return joined if joined != text else ""


def _from_numbers(text: str) -> str:
    """Letters given as their positions in the alphabet."""
    numbers = [int(number) for number in re.findall(r"\b\d{1,2}\b", text)]
    return "".join(chr(96 + n) for n in numbers if 1 <= n <= 26) if len(numbers) >= 6 else ""


_STRINGS = re.compile(r"\"([^\"\n]*)\"|(?<!\w)'([^'\n]*)'(?!\w)|`([^`\n]*)`")


def _strings(text: str) -> str:
    """The string literals of a program, joined."""
    found = ["".join(parts) for parts in _STRINGS.findall(text)]
    return "".join(found) if len(found) >= 3 else ""


def _cells(text: str) -> str:
    """The words of a table or a numbered list."""
    said, n_numbers = re.subn(r"\b\d+\b", " ", text)
    return said if n_numbers >= 6 else ""


def _escapes(text: str) -> str:
    def char(found: re.Match[str]) -> str:
        code = int(found[1] or found[2] or found[3], 16)
        return chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else ""

    said = re.sub(
        r"\\u\{?([0-9a-fA-F]{4,6})\}?|U\+([0-9a-fA-F]{4,6})|\\x([0-9a-fA-F]{2})", char, text
    )
    return said if said != text else ""


def _changed(decode: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: said if (said := decode(text)) != text else ""


_ROT47 = {code: 33 + (code + 14) % 94 for code in range(ord("!"), ord("~") + 1)}


_CODES_KNOWN: dict[str, Callable[[str], str]] = {
    "base64": _each(_BASE64, _base64),
    "base32": _each(_BASE32, _base32),
    "hexadecimal": _each(_HEX, _hex),
    "binary": _each(_BITS, _bits),
    "character codes": _each(_CODES, _numbers),
    "places in the alphabet": _from_numbers,
    "morse": _morse,
    "spelling alphabet": _spelt,
    "strings": _strings,
    "cells": _cells,
    "HTML": _changed(html.unescape),
    "percent": _changed(urllib.parse.unquote),
    "escapes": _escapes,
    "without spaces": _without_spaces,
    "upside down": _changed(turned),
}
_PERMUTED: dict[str, Callable[[str], str]] = {
    "backwards": lambda text: text[::-1],
    "rot47": lambda text: text.translate(_ROT47),
    "rot13": lambda text: codecs.encode(text, "rot13"),
}
