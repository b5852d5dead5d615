"""Reading the options of a machine profile."""

import pytest

from arena.backends.option import (
    Answers,
    Boolean,
    Choice,
    Duration,
    Integer,
    Lines,
    Number,
    Option,
    OptionRefused,
    Text,
)

NUMBER = Number(meaning="", low=0, high=2)
WHOLE = Integer(meaning="", low=1, high=9)
DURATION = Duration(meaning="", low_s=0.1, high_s=3600)


@pytest.mark.parametrize(
    ("option", "value", "read"),
    [
        (NUMBER, 1, 1.0),
        (NUMBER, 0.5, 0.5),
        (WHOLE, 9, 9),
        (DURATION, "60 s", 60.0),
        (DURATION, "500 ms", 0.5),
        (DURATION, "1.5min", 90.0),
        (DURATION, "1 h", 3600.0),
        (Boolean(meaning=""), False, False),
        (Text(meaning=""), "a", "a"),
        (Choice(meaning="", among=("a", "b")), "b", "b"),
        (Lines(meaning=""), ["a", "b"], ("a", "b")),
        (Answers(meaning=""), {"a": "b"}, {"a": "b"}),
    ],
)
def test_option_reads(option: Option[object], value: object, read: object) -> None:
    assert option.read({"it": value}, "it") == read
    assert option.problem(value) is None


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *((NUMBER, value) for value in (True, "1", 2.1, -1, float("nan"), float("inf"), None)),
        *((WHOLE, value) for value in (True, 0, 10, 1.0, "1")),
        *((DURATION, value) for value in ("60", 60, "0 s", "2 h", "-1 s", "1 day", "60 S", "")),
        (Boolean(meaning=""), 1),
        (Text(meaning=""), " "),
        (Choice(meaning="", among=("a",)), "A"),
        *((Lines(meaning=""), value) for value in ([], ["a", ""], "a", [1], None)),
        *((Answers(meaning=""), value) for value in ({}, {"a": ""}, {1: "b"}, ["a"], None)),
    ],
)
def test_option_refuses(option: Option[object], value: object) -> None:
    with pytest.raises(OptionRefused) as caught:
        option.read({"it": value}, "it")
    assert (caught.value.name, caught.value.shown) == ("it", repr(value))
    assert option.problem(value) == caught.value.expected


def test_option_left_out_is_its_default_or_refused() -> None:
    assert NUMBER.read({}, "it") is None
    assert Boolean(meaning="", default=False).need({}, "it") is False
    with pytest.raises(OptionRefused, match="Option 'it' is missing"):
        Number(meaning="", low=0, high=1, required=True).read({}, "it")
