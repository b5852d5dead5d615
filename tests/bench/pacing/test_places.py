"""How often people cut a text at its places, counted, and which fit says it better."""

import pandas as pd
import pytest

from arena.pacing.figures import MEETUP_BURSTS
from bench.pacing.people import messages
from bench.pacing.places import ANY_TEXT, CSV, Places, log_likelihood, share_cut, turns


def test_every_message_has_its_sentence_ends() -> None:
    ends = pd.read_csv(CSV)
    assert (ends.dialogue == messages().dialogue).all()
    assert ends.n_inside.min() >= 0 and set(ends.ends_in_mark) == {0, 1}


@pytest.mark.parametrize(
    ("places", "fitted", "left_out"),
    [(Places.ALL, (313, 387), (273, 333)), (Places.MARKED, (27, 79), (19, 66))],
)
def test_places_are_as_many_as_reported(
    places: Places, fitted: tuple[int, int], left_out: tuple[int, int]
) -> None:
    asked = turns(places)
    assert share_cut(asked[asked.fitted]) == fitted
    assert share_cut(asked[~asked.fitted]) == left_out


def test_committed_figures_are_likelier_than_those_fitted_to_any_text() -> None:
    """On the people left out: by far where every place counts, and about as likely where not."""

    def gain(places: Places) -> float:
        asked = turns(places)
        left_out = asked[~asked.fitted]
        return log_likelihood(left_out, MEETUP_BURSTS) - log_likelihood(left_out, ANY_TEXT)

    assert gain(Places.ALL) == pytest.approx(48.6, abs=0.1)
    assert gain(Places.MARKED) == pytest.approx(-1.8, abs=0.1)
