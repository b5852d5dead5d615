"""Texts stripped to their letters and digits, whatever they were dressed up in.

What looks alike or sounds alike to a reader becomes alike here: wide, circled and mathematical
letters, Cyrillic and Greek doubles, small capitals, piled marks, invisible characters.
"""

import functools
import re
import unicodedata

_DOUBLES = dict(
    zip(
        "аАвВсСԁеЕԍһНіІјЈкКӏмМоОрРԛѕЅтТԝхХуУαΑβΒεΕζΖηΗιΙκΚνΝΜοΟρΡτΤυΥχΧɡɑıȷ",
        "aabbccdeeghhiijjkklmmoorpqssttwxxyyaabbeezzhhiikknnmooppttuyxxgaij",
        strict=False,
    )
)
_DOUBLES |= {"р": "p", "Р": "p", "ν": "v", "Ν": "n", "υ": "u", "Υ": "y", "η": "n", "ρ": "p"}
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True))
_TURNED = dict(zip("ɐqɔpǝɟƃɥᴉɾʞןɯuodbɹsʇnʌʍxʎz", "abcdefghijklmnopqrstuvwxyz", strict=True))
_BRAILLE = dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", "abcdefghijklmnopqrstuvwxyz", strict=True))
_DRESSED = str.maketrans(
    _DOUBLES
    | _SMALL_CAPITALS
    | _BRAILLE
    | {chr(0x1F1E6 + n): chr(97 + n) for n in range(26)}  # regional indicators
    | {chr(start + n): chr(97 + n) for start in (0x1F150, 0x1F170) for n in range(26)}
    | {chr(0xE0000 + n): chr(n) for n in range(0x20, 0x7F)}  # tag characters
)
_TURN_BACK = str.maketrans({turned: plain for turned, plain in _TURNED.items() if turned != plain})

_NOTHING = re.compile(r"[\W_]+")


@functools.lru_cache(maxsize=4_096)
def letters(text: str) -> str:
    """A text's words without dress: small letters, digits, single spaces between words."""
    plain = unicodedata.normalize("NFKD", text.translate(_DRESSED)).casefold()
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    return " ".join(_NOTHING.sub(" ", plain.translate(_DRESSED)).split())


def squeezed(text: str) -> str:
    """Letters and digits alone, run together."""
    return letters(text).replace(" ", "")


def turned(text: str) -> str:
    """What a text written upside down says; the text itself where it is not."""
    small = text.casefold()
    n_turned = sum(ord(char) in _TURN_BACK and not char.isascii() for char in small)
    return small.translate(_TURN_BACK)[::-1] if n_turned >= 2 else text
