import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from arena.studies.filling import drawn, filled, named_places, places

LISTS = {
    "name": ({"": "Nina"}, {"": "{age}"}),
    "home": ({"town": "Leeds", "sea": "no"}, {"town": "Graz", "sea": "never"}),
}


def test_records_stay_together_and_every_value_comes() -> None:
    rng = random.Random(1)
    found = Counter(tuple(sorted(drawn(LISTS, rng).items())) for _ in range(400))
    assert {key for key, _ in next(iter(found))} == set(places(LISTS))
    assert len(found) == 4 and min(found.values()) > 60
    pairs = {(dict(each)["home.town"], dict(each)["home.sea"]) for each in found}
    assert pairs == {("Leeds", "no"), ("Graz", "never")}


def test_values_are_put_in_once_and_doubled_braces_stand_for_themselves() -> None:
    values = {"name": "{age}", "home.town": "Leeds"}
    assert filled("{name} of {home.town} {{name}} }}", values) == "{age} of Leeds {name} }"


@given(st.text(alphabet="ab{}"))
def test_any_text_can_be_written_with_doubled_braces(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert list(named_places(doubled)) == []
    assert filled(doubled, {}) == text
