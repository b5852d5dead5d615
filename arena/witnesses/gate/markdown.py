"""Markdown that a chat model writes unasked, taken out of its reply; the words stay."""

import re

_LINE_RULES = (
    # In turn: the fence of a code block, a horizontal rule, a heading, a quotation, a bullet.
    (r"^ {0,3}(?:`{3,}|~{3,})[\w+-]*[ \t]*(?:\n|\Z)", ""),
    (r"^ {0,3}(?:(?:- ?){3,}|(?:\* ?){3,}|(?:_ ?){3,})[ \t]*(?:\n|\Z)", ""),
    (r"^ {0,3}#{1,6} +(\S[^\n]*?)(?: +#+)?[ \t]*$", r"\1"),
    (r"^ {0,3}(?:>[ \t]+)+([^\n]*)$", r"\1"),
    (r"^[ \t]*(?:[-*\u2022][ \t]+)+(\S[^\n]*)$", r"\1"),
)
# Emphasis only directly around words, so that 2 * 3 * 4, snake_case and ^_^ stay as they are.
_OPEN, _CLOSE = r"(?<![^\s(\[\"'*_~/-])", r"(?![^\s)\]\"'.,:;!?*_~/-])"
_STRONG = r"(?=[\w\"'(*])([^\n]{1,500}?)(?<=[\w\"').,:;!?*])"
_GENTLE = r"(?=[^\W_]|[\"'(])([^\n]{1,500}?)(?<=[^\s_*])"
_SPAN_RULES = (
    (r"!?\[([^\[\]\n]{1,300})\]\([^()\s]{1,2000}(?: \"[^\"\n]{0,300}\")?\)", r"\1"),
    (r"<((?:https?://|mailto:)[^<>\s]{1,2000})>", r"\1"),
    (r"(?<!`)`([^`\n]{1,500})`(?!`)", r"\1"),
    *((f"{_OPEN}{mark}{_STRONG}{mark}{_CLOSE}", r"\1") for mark in (r"\*\*", "__", "~~")),
    (rf"{_OPEN}(?<!\*)\*{_GENTLE}\*(?!\*){_CLOSE}", r"\1"),
    (rf"{_OPEN}(?<!_)_{_GENTLE}_(?!_){_CLOSE}", r"\1"),
)
_RULES = tuple((re.compile(rule, re.M), words) for rule, words in (*_LINE_RULES, *_SPAN_RULES))


def plain(text: str, *, heard: str = "") -> str:
    """Take markdown out of a machine's reply and leave its words; the text of a link stays.

    What stands just so in `heard`, the words that are answered, is a quotation and stays too.
    """
    for pattern, words in _RULES:
        text = replaced(pattern, words, text, heard=heard)
    return text


def replaced(pattern: re.Pattern[str], words: str, text: str, *, heard: str) -> str:
    """Replace what a pattern finds, except where the found words were heard just so."""

    def edit(found: re.Match[str]) -> str:
        quoted = found[0].strip()
        return found[0] if quoted and quoted in heard else found.expand(words)

    return pattern.sub(edit, text)
