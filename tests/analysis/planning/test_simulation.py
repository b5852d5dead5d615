"""Simulated studies: the same every time, and true to the truth they claim."""

from pathlib import Path

import pytest

import analysis as ta


def test_same_arguments_write_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        ta.simulate(tmp_path / name, n_rooms=6, n_interrogators=2, seed=9)
    one, two = (
        {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    )
    assert one == two


def test_estimates_find_the_truth(tmp_path: Path) -> None:
    design = ta.Design(message_gap_s=120)
    truth = ta.simulate(tmp_path, n_rooms=900, n_interrogators=90, seed=2, design=design)
    rooms = ta.detections(ta.load(tmp_path))
    found = ta.cumulative_incidence(rooms["time"], rooms["cause"], cluster=rooms["interrogator"])
    for minutes in (1, 3, 5):
        for cause in (1, 2):
            estimate = found.at(minutes * 60_000, cause)
            wanted = truth.incidence(minutes * 60_000, cause)
            assert abs(estimate.value - wanted) < 3.5 * estimate.std_error


@pytest.mark.parametrize("format", ["two_party", "three_party"])
@pytest.mark.parametrize("commitment", list(ta.Commitment))
def test_every_design_loads_and_verifies(
    tmp_path: Path, format: str, commitment: ta.Commitment
) -> None:
    rule = ta.Rule(commitment=commitment, dwell_ms=60_000)
    design = ta.Design(format=format, rule=rule)
    ta.simulate(tmp_path, n_rooms=30, n_interrogators=5, seed=3, design=design)
    study = ta.load(tmp_path)
    assert study.simulated
    assert ta.verify(tmp_path).ok
    assert set(ta.detections(study, "active")["cause"]) <= {0, 1, 2}


def test_no_interrogators_cannot_play(tmp_path: Path) -> None:
    with pytest.raises(ta.ArgumentError, match="got 5 and 0"):
        ta.simulate(tmp_path, n_rooms=5, n_interrogators=0, seed=1)
