"""The conversation engine: keywords by rank, decomposition, reassembly in rotation, memory.

After J. Weizenbaum, "ELIZA", Communications of the ACM 9(1), 1966, 36-45. Two departures: every
sentence of a message is heard, the one with the keyword of highest rank first; and the rotation
of each rule begins where the seed of the room says, so that rooms do not all sound alike.
"""

import hashlib
import re
from collections import deque
from collections.abc import Sequence

from arena.backends.eliza.matching import Span
from arena.backends.eliza.script import DecompositionRule, Keyword, Script, goto
from arena.backends.eliza.wording import Sentence, sentences, turned

NEXT = "next"
_NUMBER = re.compile(r"\((\d)\)")


class Dialogue:
    """One conversation as the engine hears it: each rule's rotation, and what it remembers."""

    def __init__(self, script: Script, *, room_seed: str, limit: int) -> None:
        self._script, self._room_seed, self._limit = script, room_seed, limit
        self._next: dict[str, int] = {}
        self._memory: deque[str] = deque()
        self._n_lost = 0

    def open(self) -> str | None:
        """Return what is said before anything was heard."""
        return self._say(self._script.opening)

    def hear(self, text: str) -> str | None:
        """Return what is said to a text, or None when nothing short enough can be said."""
        stacks = [(self._stack(said), said) for said in sentences(text, self._script.before)]
        heard = sorted((s for s in stacks if s[0]), key=lambda s: -s[0][0].rank)
        if heard:
            self._remember(*heard[0])
        for stack, sentence in heard:
            for keyword in stack:
                if reply := self._respond(keyword, sentence, frozenset()):
                    return reply
        return self._at_a_loss()

    def _stack(self, sentence: Sentence) -> list[Keyword]:
        """Return the sentence's keywords, highest rank first, then from the left."""
        found = (self._script.words.get(word.plain) for word in sentence)
        unique = {keyword.name: keyword for keyword in found if keyword}
        return sorted(unique.values(), key=lambda keyword: -keyword.rank)

    def _respond(self, keyword: Keyword, sentence: Sentence, seen: frozenset[str]) -> str | None:
        plain = [word.plain for word in sentence]
        for rule in keyword.rules:
            spans = rule.when.match(plain)
            if spans is None:
                continue
            reply = self._say(rule, sentence, spans=spans, seen=seen | {keyword.name})
            if reply is not None:
                return None if reply == NEXT else reply
        return None

    def _say(
        self,
        rule: DecompositionRule,
        sentence: Sentence = (),
        *,
        spans: Sequence[Span] = (),
        seen: frozenset[str] = frozenset(),
    ) -> str | None:
        """Return the rule's next usable saying, `NEXT`, or None when there is none."""
        start = self._next.get(rule.key, self._offset(rule))
        for at in range(start, start + len(rule.say)):
            saying = rule.say[at % len(rule.say)]
            if other := goto(saying):
                text: str | None = self._hand_over(other, sentence, seen)
            else:
                text = self._assemble(saying, sentence, spans)
            if text is not None:
                self._next[rule.key] = at + 1
                return text
        return None

    def _hand_over(self, name: str, sentence: Sentence, seen: frozenset[str]) -> str:
        if name == NEXT or name in seen:
            return NEXT
        return self._respond(self._script.keywords[name], sentence, seen) or NEXT

    def _assemble(self, saying: str, sentence: Sentence, spans: Sequence[Span]) -> str | None:
        """Return the saying with its parts put in; None when one is empty or it grows too long."""
        wanted = {int(number): spans[int(number) - 1] for number in _NUMBER.findall(saying)}
        if not all(start < end <= start + self._limit for start, end in wanted.values()):
            return None
        parts = {
            number: turned(sentence, start, end, script=self._script)
            for number, (start, end) in wanted.items()
        }
        text = _NUMBER.sub(lambda found: parts[int(found[1])], saying)
        text = text[:1].upper() + text[1:]
        return text if len(text) <= self._limit else None

    def _remember(self, stack: list[Keyword], sentence: Sentence) -> None:
        memory = self._script.memory
        if stack[0].name == memory.name:
            remembered = self._respond(memory, sentence, frozenset())
            if remembered:
                self._memory.append(remembered)

    def _at_a_loss(self) -> str | None:
        """Return something remembered, every other time, or a non-committal saying."""
        self._n_lost += 1
        if self._memory and self._n_lost % 2:
            return self._memory.popleft()
        return self._say(self._script.none)

    def _offset(self, rule: DecompositionRule) -> int:
        digest = hashlib.sha256(f"{self._room_seed}\0{rule.key}".encode("utf-8", "replace"))
        return int.from_bytes(digest.digest()[:4]) % len(rule.say)
