"""Visits of long rooms: alike for people and machines; an answer counts when it was given."""

from analysis.dataset.visits import ACTS, WORDS, Visits
from arena import event_kinds
from arena.rules import EventKind

START = 1_798_761_600_000  # ms since 1970


def test_acts_and_words_are_those_of_the_arena() -> None:
    assert (ACTS, WORDS) == (event_kinds.ACTS, event_kinds.WORDS)


def _visits(*acts: tuple[EventKind, str, float]) -> list[tuple[object, ...]]:
    visits = Visits()
    for kind, seat, minutes in acts:
        ms = round(minutes * 60_000)
        visits.hear(kind, seat, at=START + ms, elapsed_ms=ms)
    return [
        (row["seat"], row["elapsed_ms"], row["duration_ms"], row["n_messages"])
        for row in visits.rows("room")
    ]


def test_gap_of_five_minutes_begins_another_visit_of_that_seat_alone() -> None:
    said = EventKind.MESSAGE
    found = _visits(
        (said, "interrogator", 0),
        (said, "A", 1),
        (said, "interrogator", 4.99),
        (EventKind.BELIEF, "interrogator", 9.98),
        (said, "B", 10),
        (said, "interrogator", 14.98),
        (said, "A", 3 * 24 * 60),
    )
    assert found == [
        ("interrogator", 0, 598_800, 2),
        ("A", 60_000, 0, 1),
        ("B", 600_000, 0, 1),
        ("interrogator", 898_800, 0, 1),
        ("A", 259_200_000, 0, 1),
    ]


def test_what_is_not_of_a_seat_s_own_accord_is_no_visit() -> None:
    kinds = (
        EventKind.CLAIMED,
        EventKind.READY,
        EventKind.BELIEF_ASKED,
        EventKind.MACHINE_CALL,
        EventKind.CLAIMS,
        EventKind.SUMMARY,
        EventKind.WITHHELD,
        EventKind.REMINDED,
        EventKind.AWAY,
        EventKind.BACK,
        EventKind.LEFT,
    )
    assert _visits(*((kind, "A", n) for n, kind in enumerate(kinds))) == []


def test_answer_of_a_round_counts_once_and_when_it_was_given() -> None:
    found = _visits(
        (EventKind.MESSAGE, "interrogator", 0),
        (EventKind.HELD, "A", 1),
        (EventKind.HELD, "B", 2),
        (EventKind.MESSAGE, "A", 60),
        (EventKind.MESSAGE, "B", 60),
        (EventKind.HELD, "A", 61),
        (EventKind.MESSAGE, "A", 120),
    )
    assert found == [
        ("interrogator", 0, 0, 1),
        ("A", 60_000, 0, 1),
        ("B", 120_000, 0, 1),
        ("A", 3_660_000, 0, 1),
    ]


def test_visits_end_after_five_quiet_minutes() -> None:
    visits = Visits()
    acts = [
        (0, "interrogator", EventKind.MESSAGE),
        (10, "A", EventKind.MESSAGE),
        (20, "A", EventKind.MACHINE_CALL),
        (299, "interrogator", EventKind.BELIEF),
        (309, "A", EventKind.MESSAGE),
        (598, "interrogator", EventKind.TAG),
        (898, "interrogator", EventKind.VERDICT),
    ]
    for s, seat, kind in acts:
        visits.hear(kind, seat, at=START + s * 1000, elapsed_ms=s * 1000)

    names = ("seat", "elapsed_ms", "duration_ms", "n_messages")
    assert [tuple(row[name] for name in names) for row in visits.rows("room")] == [
        ("interrogator", 0, 598_000, 1),
        ("A", 10_000, 299_000, 2),
        ("interrogator", 898_000, 0, 0),
    ]
