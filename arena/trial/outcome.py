"""What came of a trial: every call as it was made, and what a room would have shown and when."""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from arena.backends import ErrorKind, PromptMessage, RefusedOption
from arena.queries import TRIAL_FORMAT
from arena.trial.estimate import RoomEstimate
from arena.trial.timing import Timing

OK = "ok"
_FORGETS = "It answers, but the extractor of its memory ({}) does not: {}"
_UNJUDGED = "It answers, but its judge ({}) does not, so that the rules alone would hold: {}"
_EVADES = (
    "No draft may be shown, so that a room would have said an evasion each time. Change the "
    "persona or the model. Of the last draft: {}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedJudgement:
    """A judge's call; where its `outcome` is not "ok", the rules alone hold, and `why` says why."""

    model: str
    outcome: str
    why: str
    latency_ms: int
    tokens_in: int | None
    tokens_out: int | None
    tokens_cached: int | None
    cost_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedCall:
    """One call to the model; `outcome` is "ok", "objected" or the kind of failure.

    `why` is nothing where the reply may be shown as it came; `latency_ms` has the judge's in it.
    """

    messages: tuple[PromptMessage, ...]
    outcome: str
    why: str
    advice: str  # what the model is told when it is asked again
    raw: str | None  # as the provider sent it; None if it sent none
    model: str
    finish: str | None
    latency_ms: int
    tokens_in: int | None
    tokens_out: int | None
    tokens_cached: int | None
    cost_usd: float | None
    refused: tuple[RefusedOption, ...]  # options that the provider did not take as they stand
    judged: TriedJudgement | None = None  # None where the rules alone decided


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPart:
    """A message that a room would have shown, so long after the question."""

    text: str
    after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedQuestion:
    """A question and what became of it; times are counted from the question."""

    asked: str
    asked_at: dt.datetime
    noticed_s: float
    ready_s: float  # when the model would have had its answer
    drawn_s: float | None  # the wait that the pacing drew; None without an answer
    calls: tuple[TriedCall, ...]
    shown: tuple[ShownPart, ...]
    evaded: bool  # whether an evasion is shown, in place of an answer of the model's own

    @property
    def why(self) -> str:
        """Why a room would have shown nothing."""
        return "" if self.shown else self.calls[-1].why


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileTrial:
    """A profile's answers; questions after one that a provider failed were not asked."""

    profile: str
    backend: str
    model: str
    sha256: str
    questions: tuple[TriedQuestion, ...]
    memory: TriedCall | None  # the call by which its memory would be kept
    timing: Timing | None
    estimate: RoomEstimate | None

    @property
    def ok(self) -> bool:
        """Whether a room would have shown something after every question, and some answer."""
        shows = all(each.shown for each in self.questions) and not self._only_evades
        return shows and not self._forgets and self._unjudged is None

    @property
    def why(self) -> str:
        if self._only_evades:
            return _EVADES.format(self.questions[-1].calls[-1].why)
        if self._forgets and self.memory is not None:
            return _FORGETS.format(self.memory.model, self.memory.why)
        if (judged := self._unjudged) is not None:
            return _UNJUDGED.format(judged.model, judged.why)
        return next((each.why for each in self.questions if not each.shown), "")

    @property
    def _only_evades(self) -> bool:
        return all(each.evaded for each in self.questions)

    @property
    def _forgets(self) -> bool:
        """Whether its memory's model gives no answer at all; one that cannot be read may pass."""
        usable = (OK, ErrorKind.MALFORMED)
        return self.memory is not None and self.memory.outcome not in usable

    @property
    def _unjudged(self) -> TriedJudgement | None:
        """The last judgement, where the judge gave none that could be read."""
        judged = [
            call.judged for q in self.questions for call in q.calls if call.judged is not None
        ]
        return judged[-1] if judged and all(each.outcome != OK for each in judged) else None

    @property
    def calls(self) -> tuple[TriedCall, ...]:
        of_questions = tuple(call for question in self.questions for call in question.calls)
        return of_questions if self.memory is None else (*of_questions, self.memory)

    @property
    def refused(self) -> tuple[RefusedOption, ...]:
        """Every option that the provider did not take, once."""
        by_option = {each.option: each for call in self.calls for each in call.refused}
        return tuple(by_option.values())

    @property
    def _paid(self) -> Iterator[TriedCall | TriedJudgement]:
        for call in self.calls:
            yield call
            if call.judged is not None:
                yield call.judged

    @property
    def cost_usd(self) -> float | None:
        """What the trial cost; None where a call has no known price."""
        costs = [call.cost_usd for call in self._paid if call.outcome == OK or call.cost_usd]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if len(known) == len(costs) else None

    def tokens(self) -> Mapping[str, int]:
        """How many tokens all calls took."""
        return {
            "in": sum(call.tokens_in or 0 for call in self._paid),
            "cached": sum(call.tokens_cached or 0 for call in self._paid),
            "out": sum(call.tokens_out or 0 for call in self._paid),
        }

    def to_json(self) -> dict[str, object]:
        """Every value, as docs/trying-a-model.md has them."""
        return {
            "ok": self.ok,
            "why": self.why,
            "tokens": self.tokens(),
            "cost_usd": self.cost_usd,
            "refused": [dataclasses.asdict(each) for each in self.refused],
            **dataclasses.asdict(self),
        }


def as_json(tried: Iterable[ProfileTrial]) -> dict[str, object]:
    """Several trials, as `machine try --json` prints them."""
    profiles = [each.to_json() for each in tried]
    return {
        "format": TRIAL_FORMAT,
        "ok": all(each["ok"] for each in profiles),
        "profiles": profiles,
    }
