"""What a timer holds from one look at it to the next, as values; stored as JSON in its row.

The keys of the stored form never change: rows outlive the code that wrote them.
"""

import datetime as dt
import json
from dataclasses import dataclass

from arena.models import Timer
from arena.pacing import BurstPart


class PayloadUnreadable(ValueError):
    """A timer's payload is not of the form that timers of its kind are given."""

    def __init__(self, timer: Timer, expected: str) -> None:
        # What it holds instead is not quoted: it may be somebody's words.
        super().__init__(
            f"The payload of timer {timer.key} ({timer.kind}) is not as expected: {expected}. "
            "Set it to {} to have the timer's work done from the start."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingReply:
    """A reply that is still to be written, since a question came or it is time to write first."""

    noticed_at: dt.datetime | None = None  # when the persona sees the question, once that is drawn
    n_failed: int = 0  # calls, through the fault of the provider or its settings
    n_objected: int = 0  # drafts that could not be shown
    advice: str = ""  # to the model, after its last draft was objected to
    failing_since: dt.datetime | None = None  # when what the pane still owes was first noticed
    withheld: str = ""  # why it is not answered alone any more; all that comes is the study's rule
    n_rewritten: int = 0  # answers that no longer fitted the moment when they were due

    def to_json(self) -> str:
        return json.dumps(self.fields())

    def fields(self) -> dict[str, object]:
        moments = {"noticed_at": self.noticed_at, "failing_since": self.failing_since}
        others = {
            "n_failed": self.n_failed,
            "n_objected": self.n_objected,
            "advice": self.advice,
            "withheld": self.withheld,
            "n_rewritten": self.n_rewritten,
        }
        held = {key: at.timestamp() for key, at in moments.items() if at is not None}
        return {**held, **{key: value for key, value in others.items() if value}}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledReply:
    """A reply that is written and waits until it is due; its first message, and what follows."""

    text: str
    last_seq: int  # of the last message that it answers
    began_at: dt.datetime  # when the wait for it began
    rest: tuple[BurstPart, ...] = ()
    pending: PendingReply = PendingReply()  # what it was before; nothing for a follow-up
    meant_at: dt.datetime | None = None  # when it was to be said as it was written

    @property
    def noticed_at(self) -> dt.datetime | None:
        return self.pending.noticed_at

    def to_json(self) -> str:
        rest = [(part.text, part.gap_s) for part in self.rest]
        began = self.began_at.timestamp()
        own = {"text": self.text, "upto": self.last_seq, "from": began, "rest": rest}
        meant = {} if self.meant_at is None else {"for": self.meant_at.timestamp()}
        return json.dumps({**self.pending.fields(), **own, **meant})


#: What a timer of a reply, or of writing first, holds.
ReplyPlan = PendingReply | ScheduledReply


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingReminder:
    """A reminder that is handed to the mail server; from now on it may have been sent."""

    which: int

    def to_json(self) -> str:
        return json.dumps({"sending": self.which})


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedReminder:
    """A reminder that the mail server did not take, to be sent again."""

    which: int

    def to_json(self) -> str:
        return json.dumps({"refused": self.which})


#: What a reminder timer holds once it has begun to send.
ReminderAttempt = SendingReminder | RefusedReminder


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryStep:
    """How often the present step of keeping a machine's memory has failed."""

    n_failed: int = 0

    def to_json(self) -> str:
        return json.dumps({"n_failed": self.n_failed} if self.n_failed else {})


def reply_plan(timer: Timer) -> ReplyPlan:
    """What the timer of a reply holds: a reply with words once it is written."""
    payload = _Payload(timer)
    pending = PendingReply(
        noticed_at=payload.moment("noticed_at") if "noticed_at" in payload else None,
        n_failed=payload.whole("n_failed") if "n_failed" in payload else 0,
        n_objected=payload.whole("n_objected") if "n_objected" in payload else 0,
        advice=payload.text("advice") if "advice" in payload else "",
        failing_since=payload.moment("failing_since") if "failing_since" in payload else None,
        withheld=payload.text("withheld") if "withheld" in payload else "",
        n_rewritten=payload.whole("n_rewritten") if "n_rewritten" in payload else 0,
    )
    if "text" not in payload:
        return pending
    return ScheduledReply(
        text=payload.text("text"),
        last_seq=payload.whole("upto"),
        began_at=payload.moment("from"),
        rest=payload.parts("rest") if "rest" in payload else (),
        pending=pending,
        meant_at=payload.moment("for") if "for" in payload else None,
    )


def reminder_attempt(timer: Timer) -> ReminderAttempt | None:
    """What a reminder timer holds; None until it begins to send."""
    payload = _Payload(timer)
    if "sending" in payload:
        return SendingReminder(which=payload.whole("sending"))
    return RefusedReminder(which=payload.whole("refused")) if "refused" in payload else None


def memory_step(timer: Timer) -> MemoryStep:
    """What the timer of a machine's memory holds."""
    payload = _Payload(timer)
    return MemoryStep(n_failed=payload.whole("n_failed") if "n_failed" in payload else 0)


class _Payload:
    """The JSON object that a timer holds; its values are of the asked type or refused."""

    def __init__(self, timer: Timer) -> None:
        self._timer = timer
        try:
            self._held = json.loads(timer.payload)
        except ValueError:
            raise PayloadUnreadable(timer, "JSON") from None
        if not isinstance(self._held, dict):
            raise PayloadUnreadable(timer, "a JSON object")

    def __contains__(self, key: str) -> bool:
        return key in self._held

    def text(self, key: str) -> str:
        value = self._held.get(key)
        if not isinstance(value, str):
            raise self._without(key, "a string")
        return value

    def whole(self, key: str) -> int:
        value = self._held.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._without(key, "a whole number")
        return value

    def moment(self, key: str) -> dt.datetime:
        value = self._held.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._without(key, "a moment in seconds since 1970")
        return dt.datetime.fromtimestamp(value, dt.UTC)

    def parts(self, key: str) -> tuple[BurstPart, ...]:
        match self._held.get(key):
            case list(pairs) if all(map(_is_part, pairs)):
                return tuple(BurstPart(text=text, gap_s=gap_s) for text, gap_s in pairs)
        raise self._without(key, "a list of texts, each with a gap in seconds")

    def _without(self, key: str, expected: str) -> PayloadUnreadable:
        return PayloadUnreadable(self._timer, f"{expected} under {key!r}")


def _is_part(value: object) -> bool:
    match value:
        case [str(), int() | float()]:
            return True
    return False
