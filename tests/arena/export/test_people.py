"""Who people are leaves only when a host asks for it, and only from ended rooms."""

import csv
from pathlib import Path

import analysis
from arena import export
from arena.models import Participant
from arena.services import seat_settings
from tests.arena.export.playing_rooms import asker, decide
from tests.arena.export.reading_back import FILES, all_bytes
from tests.kit.factories import MadeRoom
from tests.kit.long_rooms import fresh, make_long_rooms
from tests.kit.pages import interrogator, make_ready, seated

ADDRESS = "=somebody@example.org"


def _told() -> tuple[MadeRoom, MadeRoom]:
    """An ended and a live room whose interrogators gave an address."""
    ended, live = make_long_rooms(2)
    for made in (ended, live):
        seated(made.interrogator), seated(made.witness)
        make_ready(made)
    settings = {"time_zone": "Asia/Tokyo", "quiet_hours": "21:00-09:00"}
    seat_settings.store_settings(fresh(interrogator(ended)), email=ADDRESS, **settings)
    seat_settings.store_settings(fresh(interrogator(live)), email="live@example.org", **settings)
    decide(asker(ended), "A")
    return ended, live


def test_identified_export_names_the_people_of_ended_rooms(tmp_path: Path) -> None:
    ended, _ = _told()
    folder = tmp_path / "out"
    export.write(ended.study, folder, identified=True)
    with (folder / "people.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["participant", "email", "time_zone", "quiet_hours"]
    mine = Participant.objects.get(seat=interrogator(ended)).code
    # What a spreadsheet would run is neutralised here as in every table.
    assert [mine, f"'{ADDRESS}", "Asia/Tokyo", "21:00-09:00"] in rows[1:]
    assert len(rows) == 3 and b"live@example.org" not in all_bytes(folder)
    assert analysis.verify(folder).ok
    assert len(analysis.load(folder).rooms) == 1


def test_other_exports_name_nobody(tmp_path: Path) -> None:
    ended, _ = _told()
    folder = tmp_path / "out"
    export.write(ended.study, folder)
    assert sorted(file.name for file in folder.iterdir()) == FILES
    for secret in (ADDRESS, "Asia/Tokyo", "21:00-09:00"):
        assert secret.encode() not in all_bytes(folder)
