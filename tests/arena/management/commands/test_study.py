"""`manage.py study`, as a host types it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from arena.models import Room, Study
from tests.kit.factories import make_room, study_text
from tests.kit.paths import ROOT

STUDIES = ROOT / "studies"


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("name", ["five-minute", "expert-hour", "ninety-days", "two-party"])
def test_shipped_study_passes_its_check(name: str) -> None:
    assert "is sound" in run("study", "check", str(STUDIES / f"{name}.yaml"))


def test_check_names_every_problem_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "bad.yaml"
    text = study_text().replace("duration: 10 min", "duration: 10 fortnights")
    file.write_text(text.replace("message_chars: 300", "message_chars: many"))
    with pytest.raises(CommandError) as refused:
        run("study", "check", str(file))
    lines = text.splitlines()
    for key in ("duration", "message_chars"):
        n = next(n for n, line in enumerate(lines, start=1) if line.startswith(f"{key}:"))
        assert f"line {n}" in str(refused.value) and key in str(refused.value)


def test_create_emits_the_links_of_every_room(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(study_text())
    made = json.loads(run("study", "create", str(file), "--rooms", "3", "--json"))

    study = Study.objects.get(slug=made["study"])
    assert sorted(made) == ["rooms", "study"]
    assert [room["code"] for room in made["rooms"]] == list(
        study.rooms.order_by("id").values_list("code", flat=True)
    )
    for room in made["rooms"]:
        assert sorted(room) == ["code", "links"]
        assert sorted(room["links"]) == ["interrogator", "witness"]
        assert all(len(link.rstrip("/").rsplit("/", 1)[1]) == 43 for link in room["links"].values())


def test_create_refuses_a_changed_study_under_the_same_name(tmp_path: Path) -> None:
    file, text = tmp_path / "study.yaml", study_text()
    file.write_text(text)
    run("study", "create", str(file), "--rooms", "1")
    file.write_text(text.replace("10 min", "11 min"))
    n_rooms = Room.objects.count()
    with pytest.raises(CommandError, match="frozen once it is created"):
        run("study", "create", str(file), "--rooms", "1")
    assert Room.objects.count() == n_rooms


def test_create_of_a_bad_file_creates_nothing(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(study_text().replace("weight: 1", "weight: -1"))
    n_studies = Study.objects.count()
    with pytest.raises(CommandError, match="weight"):
        run("study", "create", str(file))
    assert Study.objects.count() == n_studies


def test_verify_passes_on_an_untouched_study() -> None:
    room = make_room()
    assert "1 events" in run("study", "verify", room.study.slug)


def test_unknown_study_is_named_with_those_there_are() -> None:
    room = make_room()
    with pytest.raises(CommandError, match=room.study.slug):
        run("study", "verify", "no-such-study")
