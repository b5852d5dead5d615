"""Where an export may go, and that a failed one leaves nothing there."""

import json
from pathlib import Path

import pytest

from arena import export
from tests.arena.export.reading_back import FILES
from tests.kit.factories import make_room


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_an_export_overwrites_nothing(tmp_path: Path, name: str) -> None:
    study, out = make_room().study, tmp_path / name
    export.write(study, out)
    with pytest.raises(export.ExportTargetTaken) as refusal:
        export.write(study, out)
    assert refusal.value.code == "export.target_taken"
    assert str(out) in str(refusal.value)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_an_empty_directory_is_a_target(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    export.write(make_room().study, out)
    assert sorted(file.name for file in out.iterdir()) == FILES


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(export.ExportFailed) as refusal:
        export.write(make_room().study, tmp_path / "file" / "out")
    assert refusal.value.code == "export.failed"


def test_a_failed_export_leaves_nothing(tmp_path: Path) -> None:
    study = make_room().study
    study.config = "no JSON"
    with pytest.raises(json.JSONDecodeError):
        export.write(study, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
