import pytest

from arena.pacing.key_layouts import Layout, neighbours


@pytest.mark.parametrize(
    ("letter", "layout", "near"),
    [
        ("g", "qwerty", "tyfhvb"),
        ("q", "qwerty", "wa"),
        ("y", "qwertz", "asx"),
        ("z", "qwertz", "tugh"),
        ("ö", "qwertz", "üläp"),
        ("q", "azerty", "azsw"),
        ("п", "jcuken", "енарми"),
        ("g", "jcuken", "tyfhvb"),
        ("ä", "qwerty", ""),
        ("人", "jcuken", ""),
    ],
)
def test_neighbours(letter: str, layout: str, near: str) -> None:
    assert sorted(neighbours(letter, Layout(layout))) == sorted(near)


@pytest.mark.parametrize("layout", Layout)
def test_touching_is_mutual(layout: Layout) -> None:
    letters = "abcdefghijklmnopqrstuvwxyzüöäйцукенгшщзхъфывапролджэячсмитьбю"
    for one in letters:
        assert one not in neighbours(one, layout)
        assert all(one in neighbours(other, layout) for other in neighbours(one, layout))
