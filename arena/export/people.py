"""What identifies participants: exported only when the host asks for it explicitly."""

import csv
from pathlib import Path

from analysis.dataset.schema import csv_cell
from arena.models import Participant, Study
from arena.rules import Phase

#: The file that names people; only identified exports have it.
PEOPLE = "people.csv"
_COLUMNS = ("participant", "email", "time_zone", "quiet_hours")


def write_people(study: Study, path: Path) -> None:
    """Write the people of a study's ended rooms, by code, with their settings."""
    ended = {"seat__room__study": study, "seat__room__phase": Phase.ENDED}
    people = Participant.objects.filter(**ended).distinct().order_by("code")
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\r\n")
        rows.writerow(_COLUMNS)
        for person in people.iterator():
            cells = (person.code, person.email, person.time_zone, person.quiet_hours)
            rows.writerow(csv_cell(cell) for cell in cells)
