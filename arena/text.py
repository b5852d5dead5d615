"""The normal form of every text that is stored and shown, whether a person or a machine wrote it.

`normalise` removes what would distinguish a keyboard from a program or hide text from the reader,
and leaves the words alone.
"""

import re
import unicodedata

#: More marks than any living orthography puts on one letter; higher piles cover other lines.
MARKS_PER_BASE = 6
# UAX #15 calls 30 marks stream-safe; sorting more only costs time.
_MARKS_BEFORE_NFC = 30

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_KEYCAP = "\u20e3"

_REPLACED = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-"),
    "\u2025": "..",
    "\u2026": "...",
    # The blank braille cell is a space to braille readers and looks like one.
    **dict.fromkeys("\t\u2800\u00a0\u1680\u202f\u205f\u3000", " "),
    **{chr(code): " " for code in range(0x2000, 0x200B)},
    **dict.fromkeys("\v\f\x85\u2028\u2029", "\n"),
}

#: First and last code points of what is invisible, reorders the line or is not a character.
_REMOVED = (
    (0x0000, 0x0009), (0x000E, 0x001F), (0x007F, 0x0084), (0x0086, 0x009F),
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180E, 0x180E), (0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
    (0x3164, 0x3164), (0xD800, 0xDFFF), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFC), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE00FF),
    (0xE01F0, 0xE0FFF), *((end - 1, end) for end in range(0xFFFF, 0x110000, 0x10000)),
)  # fmt: skip

_EMOJI = (
    (0x00A9, 0x00A9), (0x00AE, 0x00AE), (0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122),
    (0x2139, 0x2139), (0x2190, 0x21FF), (0x2300, 0x23FF), (0x2460, 0x24FF), (0x25A0, 0x27BF),
    (0x2900, 0x297F), (0x2B00, 0x2BFF), (0x3030, 0x3030), (0x303D, 0x303D), (0x3297, 0x3299),
    (0x1F000, 0x1FAFF),
)  # fmt: skip

#: Scripts in which a joiner between letters changes how a word is written.
_JOINING = (
    (0x0600, 0x074F), (0x0750, 0x077F), (0x07C0, 0x07FF), (0x0840, 0x08FF), (0x0900, 0x0DFF),
    (0x0F00, 0x109F), (0x1780, 0x18AF), (0x1B00, 0x1BFF), (0xA840, 0xA87F), (0xA8E0, 0xA8FF),
    (0xA980, 0xA9FF), (0xAA60, 0xAA7F), (0xAAE0, 0xAAFF), (0xABC0, 0xABFF), (0xFB50, 0xFDCF),
    (0xFDF0, 0xFDFF), (0xFE70, 0xFEFC), (0x10AC0, 0x10AFF), (0x10B80, 0x10BAF),
    (0x10D00, 0x10D3F), (0x10EC0, 0x10EFF), (0x10F30, 0x10F6F), (0x11000, 0x11FFF),
    (0x1E900, 0x1E95F),
)  # fmt: skip

_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFD))
_MONGOLIAN = ((0x1820, 0x18AA),)

_Ranges = tuple[tuple[int, int], ...]


def _class_of(ranges: _Ranges) -> re.Pattern[str]:
    return re.compile("[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in ranges) + "]")


_REMOVED_RE = _class_of(_REMOVED)
_REPLACED_RE = re.compile("[" + "".join(map(re.escape, _REPLACED)) + "]")
_EMOJI_RE, _HAN_RE, _MONGOLIAN_RE = map(_class_of, (_EMOJI, _HAN, _MONGOLIAN))
_JOINING_RE = _class_of(_JOINING)
_EMOJI_SELECTORS = "\ufe0e\ufe0f"
_MONGOLIAN_SELECTORS = "\u180b\u180c\u180d\u180f"
_HAN_SELECTOR_RE = _class_of(((0xFE00, 0xFE02), (0xE0100, 0xE01EF)))
_SELECTOR_RE = _class_of(((0x180B, 0x180D), (0x180F, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF)))


def normalise(text: str) -> str:
    """Bring a text into the form in which it is stored and shown; twice is the same as once."""
    if text.isascii() and text.isprintable():
        return text.strip(" ")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _REPLACED_RE.sub(lambda found: _REPLACED[found[0]], text)
    text = _REMOVED_RE.sub("", text)
    text = unicodedata.normalize("NFC", _cap_marks(text))
    # Removing a joiner can bring a letter and its mark together, so compose once more.
    return _tidy_lines(unicodedata.normalize("NFC", _in_context(text)))


def _tidy_lines(text: str) -> str:
    lines = "\n".join(line.rstrip(" ") for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip(" \n")


def _is_mark(char: str) -> bool:
    return char >= "\u0300" and unicodedata.category(char)[0] == "M"


def _cap_marks(text: str) -> str:
    kept, n_marks = [], 0
    for char in text:
        n_marks = n_marks + 1 if _is_mark(char) else 0
        if n_marks <= _MARKS_BEFORE_NFC:
            kept.append(char)
    return "".join(kept)


def _in_context(text: str) -> str:
    """Drop joiners, variation selectors and piled marks that have no function in their context."""
    kept = [""]  # the empty string marks the start of the text
    base, n_marks = "", 0
    for char, after in zip(text, [*text[1:], ""], strict=False):
        if char in (_ZWNJ, _ZWJ):
            if _joiner_fits(
                char, base=base, kept=kept, after=after, full=n_marks >= MARKS_PER_BASE
            ):
                kept.append(char)
        elif not _is_mark(char):
            kept.append(char)
            base, n_marks = char, 0
        elif n_marks < MARKS_PER_BASE and _mark_fits(char, before=kept[-1], after=after):
            kept.append(char)
            n_marks += 1
    return "".join(kept)


def _joiner_fits(char: str, *, base: str, kept: list[str], after: str, full: bool) -> bool:
    # The base decides, not the last mark: composing may still put marks in another order.
    before = kept[-1]
    if before in (_ZWNJ, _ZWJ):
        return False
    if char == _ZWJ and _EMOJI_RE.match(base) and _EMOJI_RE.match(after):
        return before == base or before in _EMOJI_SELECTORS
    if not _JOINING_RE.match(base):
        return False
    if char == _ZWJ:
        return True
    if _is_mark(after):
        return not full and not _SELECTOR_RE.match(after)
    return bool(_JOINING_RE.match(after))


def _mark_fits(char: str, *, before: str, after: str) -> bool:
    """Whether a mark is allowed here: any is, except a selector that has nothing to select."""
    if not _SELECTOR_RE.match(char):
        return True
    if char in _MONGOLIAN_SELECTORS:
        return bool(_MONGOLIAN_RE.match(before))
    if _HAN_RE.match(before):
        return bool(_HAN_SELECTOR_RE.match(char))
    if char in _EMOJI_SELECTORS and _EMOJI_RE.match(before):
        return True
    return char == "\ufe0f" and after == _KEYCAP and before != "" and before in "0123456789#*"
