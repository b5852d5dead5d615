"""The exported log is the database's; it verifies, also after erasure, and not after a change."""

import itertools
from pathlib import Path

import analysis
from analysis.dataset import chain
from arena import services
from arena.events import chain_lines
from arena.models import Event, Seat
from tests.arena.export.playing_rooms import PLANES, asker, believe, decide, say, start, witness
from tests.arena.export.reading_back import all_bytes, exported, read, read_log
from tests.kit.factories import make_room, make_rooms


def test_log_is_the_databases_and_every_chain_verifies(tmp_path: Path) -> None:
    rooms = make_rooms(3)
    for room in rooms:
        start(room)
        say(asker(room), PLANES, "A")
        decide(asker(room), "B")

    folder = exported(rooms[0].study, tmp_path)

    log = read_log(folder)
    assert log == [
        line
        for code, room_id in sorted((room.code, room.room.id) for room in rooms)
        for line in chain_lines(Event.objects.filter(room_id=room_id).order_by("seq"), code)
    ]
    raw = (folder / "events.jsonl").read_bytes()
    assert raw == b"".join(chain.canonical(line) + b"\n" for line in log)
    for _, lines in itertools.groupby(log, key=lambda line: line["room"]):
        assert chain.first_break(lines) is None
    assert analysis.verify(folder).ok


def test_one_changed_character_is_found_and_named(tmp_path: Path) -> None:
    room = make_room()
    start(room)
    message = say(asker(room), "Hello?", "A")
    decide(asker(room), "B")
    folder = exported(room.study, tmp_path)

    path = folder / "events.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Hello?", b"Hallo?"))

    found = chain.first_break(read_log(folder))
    assert found is not None
    assert found.event == message
    assert not analysis.verify(folder).ok


def test_erased_words_are_gone_and_the_chain_still_verifies(tmp_path: Path) -> None:
    room = make_room()
    start(room)
    human = witness(room, "human")
    say(asker(room), "my secret", human.name)
    say(human, "kept words")
    believe(asker(room), 0.0625)  # no moment has these digits
    decide(asker(room), "A", reason="my secret reason")
    services.withdraw(asker(room), erase=True)

    folder = exported(room.study, tmp_path)

    mine, theirs = (row for row in read(folder, "messages") if row["pane"] == human.name)
    assert (mine["text"], mine["n_chars"], mine["erased"]) == ("", 0, True)
    assert (theirs["text"], theirs["n_chars"], theirs["erased"]) == ("kept words", 10, False)
    assert (read(folder, "beliefs"), read(folder, "verdicts")) == ([], [])
    [row] = read(folder, "rooms")
    assert (row["n_messages"], row["end_reason"]) == (1, "verdict")
    for erased in (b"secret", b"0.0625"):
        assert erased not in all_bytes(folder)
    assert analysis.verify(folder).ok
    steps = analysis.exclusions(analysis.load(folder)).set_index("step")["n_rooms"]
    assert steps["The verdict was erased on request"] == -1


def test_no_token_or_claim_leaves(tmp_path: Path) -> None:
    room = make_room()
    start(room)
    decide(asker(room), "A")
    everything = all_bytes(exported(room.study, tmp_path))
    for place in Seat.objects.filter(room=room.room).exclude(token_seed=""):
        for secret in (place.token_seed, place.token_hash, place.claim_hash):
            assert secret.encode() not in everything
