import re

from arena.protocol.commands import MAX_STRATEGIES
from arena.studies import taxonomy


def test_shipped_taxonomies_are_whole() -> None:
    assert taxonomy.names() == ("jones-bergen-2024",)
    for name in taxonomy.names():
        shipped = taxonomy.get(name)
        ids = [strategy.id for strategy in shipped.strategies]
        assert (shipped.name, len(set(ids))) == (name, len(ids))
        assert len(ids) <= MAX_STRATEGIES
        assert "arXiv 2310.20216" in shipped.source
        for strategy in shipped.strategies:
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", strategy.id)
            assert 0 < len(strategy.label) <= 30
            assert strategy.meaning.endswith(".")
            assert strategy.category


def test_jones_bergen_has_the_categories_of_the_paper() -> None:
    strategies = taxonomy.get("jones-bergen-2024").strategies
    assert list(dict.fromkeys(strategy.category for strategy in strategies)) == [
        "Small talk",
        "Situational awareness",
        "Direct",
        "Knowledge and reasoning",
        "Social and emotional",
        "Other",
    ]
    assert len(strategies) == 29
