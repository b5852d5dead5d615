"""`manage.py study leaktest`: what it refuses, in words, and what it lists."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from arena.leaktest.plants import Plant
from tests.kit.factories import study_text


@pytest.fixture
def study(tmp_path: Path) -> str:
    path = tmp_path / "study.yaml"
    path.write_text(study_text(), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--pairs", "3"), "3 pairs were asked for; expected 12 to 5000"),
        (("--planted", "nothing"), "no planted leak 'nothing'. Expected one of: extra_field"),
        (("--latency", "fast"), "'fast'. Expected seconds such as 3s"),
        (("--only", "frames,smell"), "no family 'smell'. Expected some of: frames"),
        (("--speed", "100"), "The speed is 100; expected 1 to 10"),
        (("--only", "ids", "--planted", "extra_field"), "found by the family frames"),
    ],
)
def test_bad_input_is_named_with_what_was_expected(
    study: str, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(CommandError, match=said.replace(".", r"\.")):
        call_command("study", "leaktest", study, *arguments)


def test_a_study_without_machines_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    path.write_text(study_text(machines="  []\n"), encoding="utf-8")
    with pytest.raises(CommandError, match="machines"):
        call_command("study", "leaktest", str(path))


def test_planted_without_a_name_lists_every_plant(
    study: str, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("study", "leaktest", study, "--planted")
    lines = capsys.readouterr().out.strip().splitlines()
    assert [line.split()[0] for line in lines] == list(Plant)
