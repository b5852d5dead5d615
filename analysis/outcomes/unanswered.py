"""Questions that a witness left unanswered: through a failure, or by saying nothing for long."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
import pandas as pd

from analysis.dataset.study import Study, number
from analysis.errors import ArgumentError, DataError
from analysis.numerics.arrays import Ints


class UnansweredCause(StrEnum):
    """Why a question has no answer."""

    FAILURE = "failure"  # the log says that the machine could not
    SILENCE = "silence"  # nothing was said for as long as the study allows


#: Why a machine was silent that could have answered: it put the question aside, as people do.
AS_PEOPLE = "as people do"
#: Outcomes of calls after which something is on its way: what was written, or another draft of it.
_WRITTEN = np.array(["ok", "objected", "empty", "refused"], dtype=object)


def silent_after_ms(study: Study) -> int | None:
    """How long a witness may say nothing after a question, by the study's rules; None without."""
    given = study.config.get("human_silence")
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise DataError((f"study.json: `human_silence` is {given!r}; after_s and rule expected.",))
    return round(number(given, "after_s") * 1000)


def _round_ms(study: Study) -> int:
    """How long a round is; 0 in a study without rounds."""
    given = study.config.get("rounds_s")
    return 0 if given is None else round(number(study.config, "rounds_s") * 1000)


def unanswered(study: Study, *, after_s: float | None = None) -> pd.DataFrame:
    """List the questions that a witness left unanswered.

    A message of the interrogator is a question to the witness of its pane, and whatever that
    witness says next answers all questions before it. A question was left unanswered

    - through a ``failure``, where the log says that the machine gave up on it, or where nothing
      was said to the end of the room and the machine's last call had failed;
    - by ``silence`` otherwise, where the witness said nothing for `after_s` of live time while
      it could have spoken: pauses, and the grace in which only a verdict is possible, do not count.
      With rounds an answer is shown when its round is over: one shown then came in time, and of a
      round that was still open when the room ended nobody can tell.

    A machine that puts a question aside as people do has not failed: `why` says so, and what is
    made of its silence is the rule for people. A later answer does not undo it: the interrogator
    has seen the silence by then.

    Parameters
    ----------
    study : Study
        From `load`.
    after_s : float, optional
        Seconds after which a silence counts; those of the study's `human_silence` by default, for
        witnesses of both kinds. Where neither is given, only failures are listed.

    Returns
    -------
    DataFrame
        One row per question, in the order of the log: room, pane, kind (of the witness), message
        (its event id), seq, asked_at_ms (live time), cause, why (the kind of failure),
        answered_at_ms (live time of the witness's next words, missing if there were none).

    Raises
    ------
    ArgumentError
        `after_s` is not above 0.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=3, n_interrogators=2, seed=1)
    >>> len(ta.unanswered(ta.load(folder), after_s=120))
    0
    """
    if after_s is not None and not after_s > 0:
        raise ArgumentError(f"`after_s` must be above 0 seconds (got {after_s!r}).")
    after = silent_after_ms(study) if after_s is None else round(after_s * 1000)
    talk = _Talk.of(study)
    willing = study.withheld["why"] == AS_PEOPLE
    given_up, why = _given_up(study.withheld[~willing], talk)
    put_aside, _ = _given_up(study.withheld[willing], talk)
    answered = talk.next_words(np.maximum(talk.asked, given_up))
    failed, reason = _failed_last(study, talk, answered)
    why = np.where(given_up >= 0, why, np.where(failed, reason, ""))
    why = np.where((put_aside >= 0) & (why == ""), AS_PEOPLE, why)
    failure = (given_up >= 0) | failed
    silent = ~failure & talk.silent(answered, after, round_ms=_round_ms(study))
    # Panes lie one after another; rows are in the order of the log.
    order = np.lexsort((talk.questions["seq"], talk.questions["number"]))
    chosen = order[(failure | silent)[order]]
    questions = talk.questions.iloc[chosen].reset_index(drop=True)
    return pd.DataFrame(
        {
            "room": questions["room"],
            "pane": questions["pane"],
            "kind": talk.kind[chosen],
            "message": questions["event"],
            "seq": questions["seq"],
            "asked_at_ms": questions["elapsed_ms"],
            "cause": np.where(failure, UnansweredCause.FAILURE, UnansweredCause.SILENCE)[chosen],
            "why": why[chosen],
            "answered_at_ms": talk.when(answered[chosen]),
        }
    ).astype({"kind": "str", "cause": "str", "why": "str", "answered_at_ms": "Int64"})


def questions(study: Study) -> pd.DataFrame:
    """Every question to a witness: room and kind (of the witness)."""
    talk = _Talk.of(study)
    return pd.DataFrame({"room": talk.questions["room"].to_numpy(), "kind": talk.kind})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Talk:
    """The questions of all panes; `asked` and `said` are the places of questions and answers.

    A place is one number for a pane and a seq in it, so that what follows in a pane is found by
    sorted search: the panes of a study have their stretches of `span` numbers one after another.
    """

    rooms: pd.Index
    span: int
    questions: pd.DataFrame
    asked: Ints
    kind: np.ndarray[tuple[int], np.dtype[np.object_]]
    speakable_ms: Ints  # of each question's room
    planned_ms: Ints
    said: Ints
    said_ms: Ints

    @classmethod
    def of(cls, study: Study) -> Self:
        live = study.rooms[study.rooms["started_at"].notna()]
        rooms = pd.Index(live["room"])
        tables = (study.messages, study.withheld, study.machine_calls)
        span = int(max(table["seq"].max() if len(table) else 0 for table in tables)) + 1
        room = rooms.get_indexer(pd.Index(study.messages["room"]))
        known = study.messages[room >= 0].assign(place=0, number=room[room >= 0])
        known["place"] = (2 * known["number"] + (known["pane"] == "B")) * span + known["seq"]
        known = known.sort_values("place", kind="stable")
        by_witness = (known["seat"] == known["pane"]).to_numpy(bool)
        asks = (known["seat"] == "interrogator").to_numpy(bool)
        questions, words = known[asks], known[by_witness]
        human = _human_panes(live)[questions["number"].to_numpy(np.int64)]
        kind = np.where(human == questions["pane"].to_numpy(object), "human", "machine")
        planned = live["duration_ms"].to_numpy(np.int64)
        speakable = np.minimum(live["elapsed_ms"].to_numpy(np.int64), planned)
        room_of = questions["number"].to_numpy(np.int64)
        return cls(
            rooms=rooms,
            span=span,
            questions=questions,
            asked=questions["place"].to_numpy(np.int64),
            kind=kind.astype(object),
            speakable_ms=speakable[room_of],
            planned_ms=planned[room_of],
            said=words["place"].to_numpy(np.int64),
            said_ms=words["elapsed_ms"].to_numpy(np.int64),
        )

    def places(self, frame: pd.DataFrame, seq: pd.Series) -> Ints:
        """The places of events of witnesses' seats; negative where the room is not among these."""
        number = self.rooms.get_indexer(pd.Index(frame["room"]))
        place = (2 * number + (frame["seat"] == "B")) * self.span + seq
        return np.where(number >= 0, place.to_numpy(np.int64), -1)

    def next_words(self, after: Ints) -> Ints:
        """For each place the position of the next words in its pane, -1 if there are none."""
        found = np.searchsorted(self.said, after, side="right")
        inside = found < len(self.said)
        inside[inside] = self.said[found[inside]] // self.span == after[inside] // self.span
        return np.where(inside, found, -1)

    def when(self, words: Ints) -> pd.Series:
        """Live time of words, missing where there are none."""
        time = np.append(self.said_ms, 0)[words]
        return pd.Series(time, dtype="Int64").mask(pd.Series(words < 0))

    def silent(
        self, words: Ints, after: int | None, *, round_ms: int
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether nothing was said for so long after each question, given the next words.

        With rounds of `round_ms` an answer is held until its round is over. Words that came before
        the pane was asked again are those of that round, and before its end nobody can tell.
        """
        if after is None:
            return np.zeros(len(words), dtype=bool)
        until = np.where(words >= 0, np.append(self.said_ms, 0)[words], self.speakable_ms)
        waited = until - self.questions["elapsed_ms"].to_numpy(np.int64)
        silent: np.ndarray[tuple[int], np.dtype[np.bool_]] = waited >= after
        if not round_ms:
            return silent
        # Questions lie in the order of their places, those of a pane together.
        again = np.append(self.asked[1:], np.iinfo(np.int64).max)[: len(self.asked)]
        in_time = (words >= 0) & (np.append(self.said, 0)[words] < again)
        held = (words < 0) & (waited < round_ms) & (self.speakable_ms < self.planned_ms)
        return np.asarray(silent & ~in_time & ~held, dtype=bool)


def _human_panes(rooms: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """The pane of the human witness in each room, empty if there is none."""
    pane = rooms["human_pane"].to_numpy(object)
    two = (rooms["format"] == "two_party").to_numpy(bool)
    only = np.where(rooms["witness_kind"] == "human", "A", "")
    return np.where(two, only, pane).astype(object)


def _given_up(
    withheld: pd.DataFrame, talk: _Talk
) -> tuple[Ints, np.ndarray[tuple[int], np.dtype[np.object_]]]:
    """For each question the place at which the machine gave up on it, -1 if it did not; and why.

    It gave up on what was asked since its last words, up to the message that the log names: that
    one even if it was talking meanwhile.
    """
    place = np.full(len(talk.asked), -1, dtype=np.int64)
    why = np.full(len(talk.asked), "", dtype=object)
    # The first that gave up on a question stands: written backwards, it is written last.
    events = withheld.sort_values(["room", "seq"], ascending=False)
    at = talk.places(events, events["seq"])
    known = at >= 0
    events, at = events[known], at[known]
    upto = events["upto"].fillna(events["seq"]).astype("int64")
    last = np.searchsorted(talk.asked, talk.places(events, upto), side="right")
    pane = at // talk.span * talk.span
    words = np.searchsorted(talk.said, at) - 1
    since = np.where(words >= 0, np.append(talk.said, -1)[words], -1)
    first = np.searchsorted(talk.asked, np.maximum(since, pane), side="right")
    named = events["upto"].notna().to_numpy(bool) & (last > 0)
    named[named] = talk.asked[last[named] - 1] >= pane[named]
    first = np.where(named, np.minimum(first, last - 1), first)
    reasons = events["why"].to_numpy(object)
    for k in range(len(at)):
        place[first[k] : last[k]] = at[k]
        why[first[k] : last[k]] = reasons[k]
    return place, why


def _failed_last(
    study: Study, talk: _Talk, answered: Ints
) -> tuple[
    np.ndarray[tuple[int], np.dtype[np.bool_]], np.ndarray[tuple[int], np.dtype[np.object_]]
]:
    """Whether no answer had come when the room ended and the last call had failed; and how."""
    calls = study.machine_calls
    calls = calls[calls["purpose"].isin(["", "reply"])].sort_values(["room", "seq"])
    place = talk.places(calls, calls["seq"])
    order = np.argsort(place, kind="stable")
    place, outcome = place[order], calls["outcome"].to_numpy(object)[order]
    end = (talk.asked // talk.span + 1) * talk.span
    last = np.searchsorted(place, end) - 1
    called = np.append(place, -1)[last] > talk.asked
    outcome = np.where(called, np.append(outcome, "")[last], "")
    failed = (answered < 0) & (talk.kind == "machine") & called & ~np.isin(outcome, _WRITTEN)
    return failed, outcome
