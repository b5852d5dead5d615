"""By whom rooms are clustered."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import analysis as ta


@pytest.fixture
def study(tmp_path: Path) -> ta.Study:
    ta.simulate(tmp_path, n_rooms=40, n_interrogators=6, seed=3)
    return ta.load(tmp_path)


def met(study: ta.Study, witness: list[str]) -> ta.Study:
    return dataclasses.replace(study, rooms=study.rooms.assign(human_witness=witness))


def test_witnesses_met_once_leave_one_way(study: ta.Study) -> None:
    rooms = study.rooms
    assert ta.room_clusters(study, rooms["room"]).tolist() == rooms["interrogator"].tolist()


def test_witnesses_met_again_are_a_second_way(study: ta.Study) -> None:
    witness = [f"w{k % 8}" for k in range(40)]
    found = ta.room_clusters(met(study, witness), study.rooms["room"])
    assert found[:, 0].tolist() == study.rooms["interrogator"].tolist()
    assert found[:, 1].tolist() == witness


@pytest.mark.parametrize("witness", [["w"] * 40, [f"w{k % 4}" for k in range(40)]])
def test_too_few_witnesses_tell_nothing_of_others(study: ta.Study, witness: list[str]) -> None:
    assert ta.room_clusters(met(study, witness), study.rooms["room"]).ndim == 1


def test_rooms_without_a_human_witness_are_their_own(study: ta.Study) -> None:
    witness = [f"w{k % 8}" if k % 2 else "" for k in range(40)]
    found = ta.room_clusters(met(study, witness), study.rooms["room"])
    assert len(set(found[::2, 1])) == 20


def test_one_room_in_several_rows_is_no_witness_met_again(study: ta.Study) -> None:
    twice = np.repeat(study.rooms["room"].to_numpy(object), 2)
    assert ta.room_clusters(study, twice).ndim == 1


def test_shares_by_machine_use_both_ways(study: ta.Study) -> None:
    again = met(study, [f"w{k % 8}" for k in range(40)])
    one, two = ta.accuracy_by_profile(study), ta.accuracy_by_profile(again)
    assert "two ways" in two.method
    assert "two ways" not in one.method
    assert (one.proportion == two.proportion).all()
