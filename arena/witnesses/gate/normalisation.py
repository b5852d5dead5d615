"""Normalisation: a text reduced to plain letters and digits, whatever glyphs it was written in.

Characters that look alike to a reader become equal: wide, circled and mathematical letters,
Cyrillic and Greek homoglyphs, small capitals, piled marks, invisible characters.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable

_HOMOGLYPHS = dict(
    zip(
        "аАвВсСԁеЕԍһНіІјЈкКӏмМоОрРԛѕЅтТԝхХуУαΑβΒεΕζΖηΗιΙκΚνΝΜοΟρΡτΤυΥχΧɡɑıȷ",
        "aabbccdeeghhiijjkklmmoorpqssttwxxyyaabbeezzhhiikknnmooppttuyxxgaij",
        strict=False,
    )
)
_HOMOGLYPHS |= {"р": "p", "Р": "p", "ν": "v", "Ν": "n", "υ": "u", "Υ": "y", "η": "n", "ρ": "p"}
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True))
_UPSIDE_DOWN = dict(zip("ɐqɔpǝɟƃɥᴉɾʞןɯuodbɹsʇnʌʍxʎz", "abcdefghijklmnopqrstuvwxyz", strict=True))
_BRAILLE = dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", "abcdefghijklmnopqrstuvwxyz", strict=True))
#: Letters that are written in an ornamental form, in whatever script.
_ORNAMENTAL = str.maketrans(
    _SMALL_CAPITALS
    | _BRAILLE
    | {chr(0x1F1E6 + n): chr(97 + n) for n in range(26)}  # regional indicators
    | {chr(start + n): chr(97 + n) for start in (0x1F150, 0x1F170) for n in range(26)}
    | {chr(0xE0000 + n): chr(n) for n in range(0x20, 0x7F)}  # tag characters
)
_TO_PLAIN = _ORNAMENTAL | str.maketrans(_HOMOGLYPHS)
_UPRIGHT = str.maketrans(
    {turned: plain for turned, plain in _UPSIDE_DOWN.items() if turned != plain}
)

_SEPARATORS = re.compile(r"[\W_]+")


@functools.lru_cache(maxsize=4_096)
def letters(text: str) -> str:
    """A text's words, normalised: small letters and digits, single spaces between words."""
    if text.isascii():
        return " ".join(_SEPARATORS.sub(" ", text.lower()).split())
    plain = unicodedata.normalize("NFKD", text.translate(_TO_PLAIN)).casefold()
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    return " ".join(_SEPARATORS.sub(" ", plain.translate(_TO_PLAIN)).split())


def squeezed(text: str) -> str:
    """The normalised letters and digits without spaces."""
    return letters(text).replace(" ", "")


def turned(text: str) -> str:
    """A text written upside down, turned upright; any other text as it is."""
    if text.isascii():
        return text
    small = text.casefold()
    n_turned = sum(ord(char) in _UPRIGHT and not char.isascii() for char in small)
    return small.translate(_UPRIGHT)[::-1] if n_turned >= 2 else text


_WORD = re.compile(r"[^\W_]+")
#: Cyrillic letters that no Russian word has, and Latin ones that pass for Russian ones.
_FOREIGN = frozenset("ѕіјԁһԛԝӏ")
_TO_LATIN = {ord(c): latin for c, latin in _HOMOGLYPHS.items() if "\u0400" <= c <= "\u052f"}
_TO_CYRILLIC = str.maketrans("aceopxykmthb", "асеорхукмтнв")


@functools.lru_cache(maxsize=4_096)
def words(text: str) -> tuple[str, ...]:
    """A text's words in small letters without marks; each in the script that it pretends to."""
    if text.isascii():
        return tuple(_WORD.findall(text.lower()))
    return in_their_script(_WORD.findall(unmarked(text)))


def in_their_script(found: Iterable[str]) -> tuple[str, ...]:
    """Unmarked words, those of look-alike letters in the script that they are read in."""
    found = tuple(found)
    n_latin = sum(char.isascii() and char.isalpha() for word in found for char in word)
    is_latin = 2 * n_latin > sum(map(len, found))
    return tuple(word if word.isascii() else _in_one_script(word, is_latin) for word in found)


def unmarked(text: str) -> str:
    """A text in small letters of the usual forms, without accents and invisible characters."""
    plain = unicodedata.normalize("NFKD", text.translate(_ORNAMENTAL)).casefold()
    return "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Me", "Cf"))


def _in_one_script(word: str, in_latin_text: bool) -> str:
    """A word of look-alike letters in the script that it is read in."""
    latin = word.translate(_TO_LATIN)
    if not latin.isascii():
        return word.translate(_TO_CYRILLIC)
    mixed = any(char.isascii() and char.isalpha() for char in word)
    return latin if mixed or in_latin_text or not _FOREIGN.isdisjoint(word) else word
