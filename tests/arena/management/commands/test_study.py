"""`manage.py study`, as a host types it."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from arena.models import MachineTrial, Room, Study
from arena.studies.file import parse
from tests.kit.factories import ELIZA, make_room, study_text
from tests.kit.fake_provider import FakeProvider
from tests.kit.paths import ROOT
from tests.kit.people import never_tried, openai

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


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


def file_with(tmp_path: Path, machines: str) -> Path:
    file = tmp_path / "study.yaml"
    file.write_text(study_text(machines=never_tried(machines)))
    return file


def test_check_says_what_may_fail_though_the_file_is_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    said = run("study", "check", str(file_with(tmp_path, openai("ok"))))
    assert "is sound" in said
    assert "-model-ok: the environment variable OPENAI_API_KEY is not set here" in said


def test_check_asks_nothing_unless_it_is_told_to(tmp_path: Path, provider: FakeProvider) -> None:
    run("study", "check", str(file_with(tmp_path, openai("ok"))))
    assert provider.requests == []


def test_live_check_has_a_line_for_each_machine_and_keeps_what_came_of_it(
    tmp_path: Path, provider: FakeProvider
) -> None:
    file = file_with(tmp_path, openai("ok") + openai("err401") + ELIZA)
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 3 machines") as failed:
        call_command("study", "check", str(file), "--live", stdout=out)
    assert failed.value.returncode == 1
    *_, ok, refused, eliza = out.getvalue().strip().splitlines()
    assert "-model-ok: answered after " in ok
    assert "-model-err401: no answer that a room would show." in refused
    assert "Check the key" in refused and "sk-secret" not in refused
    assert "-eliza: answered" in eliza
    hashes = [machine.sha256 for machine in parse(file.read_text()).machines]
    kept = MachineTrial.objects.filter(profile_sha256__in=hashes).order_by("id")
    assert [(each.ok, bool(each.sentence)) for each in kept] == [
        (True, False),
        (False, True),
        (True, False),
    ]


def test_rooms_are_opened_for_machines_that_answer_alone(
    tmp_path: Path, provider: FakeProvider
) -> None:
    file = file_with(tmp_path, openai("err401"))
    n_studies, n_rooms = Study.objects.count(), Room.objects.count()
    err = StringIO()
    with pytest.raises(CommandError, match="--untried") as refused:
        call_command("study", "create", str(file), stderr=err)
    assert "No room was made" in str(refused.value) and "Check the key" in err.getvalue()
    assert (Study.objects.count(), Room.objects.count()) == (n_studies, n_rooms)
    # A study without rooms invites nobody; the explicit word opens one all the same.
    run("study", "create", str(file), "--rooms", "0")
    run("study", "create", str(file), "--untried")
    assert Room.objects.count() == n_rooms + 1


def test_a_machine_that_has_just_answered_is_not_paid_twice(
    tmp_path: Path, provider: FakeProvider
) -> None:
    file = file_with(tmp_path, openai("ok") + ELIZA)
    run("study", "check", str(file), "--live")
    made = json.loads(run("study", "create", str(file), "--rooms", "2", "--json"))
    assert len(made["rooms"]) == 2 and len(provider.requests) == 1


def test_machines_that_ask_no_model_are_not_tried(tmp_path: Path) -> None:
    file = file_with(tmp_path, ELIZA)
    err, n_tried = StringIO(), MachineTrial.objects.count()
    call_command("study", "create", str(file), stdout=StringIO(), stderr=err)
    assert err.getvalue() == ""
    assert MachineTrial.objects.count() == n_tried


@pytest.mark.parametrize("budget", [("--calls", "0"), ("--budget-usd", "0")])
def test_rehearsing_with_real_models_needs_a_budget(tmp_path: Path, budget: tuple[str]) -> None:
    with pytest.raises(CommandError, match="expected at least one call and some money"):
        run("study", "rehearse", str(file_with(tmp_path, ELIZA)), "--real-models", *budget)
