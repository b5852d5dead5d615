"""Questions left unanswered, by hand: through a failure, by silence, and neither."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis as ta
from tests.analysis.outcomes.hand_made import Told, study_of

FAILED = ("withheld", 47, "B", "rate_limit", None)


def found(*acts: tuple, room: Told | None = None, **options: float) -> list[tuple]:
    """Pane, seq, cause, why and the answer's seconds of each question left unanswered."""
    table = ta.unanswered(study_of(room or Told(acts=acts)), **options)
    answered = [None if pd.isna(ms) else ms / 1000 for ms in table["answered_at_ms"]]
    parts = (table["pane"], table["seq"], table["cause"], table["why"], answered)
    return list(zip(*parts, strict=True))


def test_a_question_given_up_is_a_failure() -> None:
    assert found(("ask", 40, "B"), FAILED, ("ask", 50, "A"), ("say", 58, "A")) == [
        ("B", 2, "failure", "rate_limit", None)
    ]


def test_words_answer_all_questions_before_them() -> None:
    assert found(
        ("ask", 10, "B"), ("ask", 20, "B"), ("say", 25, "B"), ("ask", 30, "B"), FAILED
    ) == [("B", 5, "failure", "rate_limit", None)]


def test_a_later_answer_does_not_undo_a_failure() -> None:
    acts = [("ask", 40, "B"), ("ask", 41, "B"), FAILED, ("ask", 70, "B"), ("say", 80, "B")]
    assert found(*acts) == [
        ("B", 2, "failure", "rate_limit", 80),
        ("B", 3, "failure", "rate_limit", 80),
    ]


def test_the_message_that_the_log_names_is_the_newest_left() -> None:
    # It was asked while the machine was still writing its answer to the one before.
    acts = [("ask", 10, "B"), ("ask", 14, "B"), ("say", 15, "B")]
    assert found(*acts, ("withheld", 40, "B", "empty", 3)) == [("B", 3, "failure", "empty", None)]
    # What was asked after it is open; here it was answered.
    later = [("ask", 20, "B"), ("withheld", 40, "B", "empty", 2), ("say", 60, "B")]
    assert found(("ask", 10, "B"), *later) == [("B", 2, "failure", "empty", 60)]


def test_a_machine_that_fails_to_write_first_left_no_question() -> None:
    assert found(("ask", 10, "B"), ("say", 15, "B"), FAILED) == []


def test_the_first_reason_stands() -> None:
    second = ("withheld", 60, "B", "budget of calls is used up", 2)
    assert found(("ask", 10, "B"), FAILED, second) == [("B", 2, "failure", "rate_limit", None)]


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (("call", 12, "B", "timeout", "reply"), [("B", 2, "failure", "timeout", None)]),
        (("call", 12, "B", "timeout", ""), [("B", 2, "failure", "timeout", None)]),
        # The reply was written, or what failed was the memory's: not its failure.
        (("call", 12, "B", "ok", "reply"), []),
        (("call", 12, "B", "objected", "reply"), []),
        (("call", 12, "B", "timeout", "extract"), []),
    ],
)
def test_a_room_that_ends_while_calls_fail(call: tuple, wanted: list) -> None:
    assert found(("ask", 10, "B"), call, ("verdict", 16, True)) == wanted


def test_failed_calls_before_the_answer_are_no_failure() -> None:
    failed = ("call", 12, "B", "timeout", "reply")
    fine = ("call", 14, "B", "ok", "reply")
    assert found(("ask", 10, "B"), failed, fine, ("say", 18, "B"), ("verdict", 20, True)) == []
    # Nor is what failed before the question.
    assert found(failed, ("ask", 13, "B"), ("verdict", 20, True)) == []


@pytest.mark.parametrize(("pane", "kind"), [("A", "human"), ("B", "machine")])
def test_silence_is_measured_alike_for_both_kinds(pane: str, kind: str) -> None:
    asked = ("ask", 10, pane)
    assert found(asked, ("say", 69.999, pane)) == []
    assert found(asked, ("say", 70, pane)) == [(pane, 2, "silence", "", 70)]
    assert found(asked) == [(pane, 2, "silence", "", None)]
    assert found(asked, ("verdict", 69, True)) == []
    assert found(asked, ("verdict", 70, True)) == [(pane, 2, "silence", "", None)]
    assert ta.unanswered(study_of(Told(acts=[asked])))["kind"].tolist() == [kind]


def test_only_questions_that_waited_so_long_were_left() -> None:
    assert found(("ask", 10, "A"), ("ask", 60, "A"), ("say", 71, "A")) == [
        ("A", 2, "silence", "", 71)
    ]


def test_nobody_can_speak_in_the_grace() -> None:
    assert found(("ask", 240.001, "A"), ("verdict", 340, True)) == []
    assert found(("ask", 240, "A"), ("verdict", 340, True)) == [("A", 2, "silence", "", None)]


def test_panes_and_rooms_do_not_run_into_each_other() -> None:
    first = Told(acts=[("ask", 1, "A"), ("say", 2, "B"), ("ask", 3, "B"), ("say", 9, "A")])
    second = Told(acts=[("say", 1, "B"), ("say", 2, "A"), ("ask", 200, "A"), FAILED])
    table = ta.unanswered(study_of(first, second, first))
    assert table[["room", "pane", "asked_at_ms"]].to_numpy().tolist() == [
        ["r0", "B", 3000],
        ["r1", "A", 200_000],
        ["r2", "B", 3000],
    ]


def test_the_only_witness_of_a_room_is_of_its_kind() -> None:
    rooms = [Told(acts=[("ask", 1, "A")], kind=kind) for kind in ("human", "machine")]
    assert ta.unanswered(study_of(*rooms))["kind"].tolist() == ["human", "machine"]


def test_other_spans_and_none() -> None:
    asked = Told(acts=[("ask", 10, "A"), ("say", 50, "A")])
    assert found(room=asked, after_s=40) == [("A", 2, "silence", "", 50)]
    assert found(room=asked, after_s=41) == []
    silent = study_of(Told(acts=[("ask", 10, "A")]), human_silence=None)
    assert ta.unanswered(silent).empty
    assert len(ta.unanswered(silent, after_s=60)) == 1
    for nonsense in (0, -1, float("nan")):
        with pytest.raises(ta.ArgumentError, match=r"`after_s` must be above 0 seconds \(got"):
            ta.unanswered(silent, after_s=nonsense)


def test_every_question_is_found_as_by_reading_on(tmp_path: Path) -> None:
    """The sorted search against a plain reading of each pane."""
    design = ta.Design(down_share=0.5, mute_share=0.5)
    ta.simulate(tmp_path, n_rooms=60, n_interrogators=5, seed=8, design=design)
    study = ta.load(tmp_path)
    wanted = []
    ends = study.rooms.set_index("room")["elapsed_ms"]
    for (room, pane), part in study.messages.groupby(["room", "pane"]):
        words = part[part["seat"] == pane]
        gone = study.withheld[(study.withheld["room"] == room) & (study.withheld["seat"] == pane)]
        for row in part[part["seat"] == "interrogator"].itertuples():
            after = words[words["seq"] > row.seq]
            next_seq = after["seq"].min() if len(after) else np.inf
            until = after["elapsed_ms"].min() if len(after) else min(ends[room], 300_000)
            failed = ((gone["seq"] > row.seq) & (gone["seq"] < next_seq)).any()
            if failed or until - row.elapsed_ms >= 60_000:
                wanted.append((row.event, "failure" if failed else "silence"))
    table = ta.unanswered(study)
    assert sorted(zip(table["message"], table["cause"], strict=True)) == sorted(wanted)
    assert set(table["cause"]) == {"failure", "silence"}
    assert set(table["kind"]) == {"human", "machine"}
