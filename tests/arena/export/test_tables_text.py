"""Text of every plane, line breaks, quotes and formulas comes back as it was shown."""

from pathlib import Path

from arena import queries
from arena.text import normalise
from tests.arena.export.playing_rooms import PLANES, asker, decide, say, start, witness
from tests.arena.export.reading_back import exported, read
from tests.kit.factories import make_room

TEXTS = [
    PLANES,
    *("=1+1", "+1", "-1", "@SUM(A1)", "'quoted'", "''", "'=1", "=", "'"),
    'She said "no", twice; a,b',
    "\tindented",
    "one\ntwo\r\nthree\rfour\n\n\n\nfive",
    "e\u0301 \u201ccurly\u201d \u200bhidden\u200b",
    "नमस्ते שלום 你好 مرحبا",
    *("null", "true", "1e5", "NaN", "\\N", "\\", '"', ","),
]


def test_text_comes_back_as_it_was_shown(tmp_path: Path) -> None:
    room = make_room()
    start(room)
    human = witness(room, "human")
    for text in TEXTS:
        say(asker(room), text, human.name)
        say(human, text)
    shown = [str(event.data["text"]) for event in queries.visible_events(human)]
    decide(asker(room), "A", reason="=HYPERLINK(1)")

    folder = exported(room.study, tmp_path)

    rows = [row for row in read(folder, "messages") if row["pane"] == human.name]
    assert [row["text"] for row in rows] == shown
    assert shown == [normalise(text) for text in TEXTS for _ in range(2)]
    assert {ord(char) >> 16 for char in shown[0]} == set(range(17))
    assert [row["n_chars"] for row in rows] == [len(text) for text in shown]
    assert read(folder, "verdicts")[0]["reason"] == "=HYPERLINK(1)"


def test_csv_is_rfc_4180_and_runs_no_formula(tmp_path: Path) -> None:
    room = make_room()
    start(room)
    say(asker(room), '=1+1, "now"\nplease', "A")
    decide(asker(room), "A")

    raw = (exported(room.study, tmp_path) / "messages.csv").read_bytes()

    assert raw.startswith(
        b"room,event,seq,at,elapsed_ms,pane,seat,kind,text,n_chars,erased,written_at\r\n"
    )
    assert b',"\'=1+1, ""now""\nplease",18,false,' in raw
