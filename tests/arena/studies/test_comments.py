"""What a sound study file is commented on for."""

from arena.studies.comments import comments
from arena.studies.file import parse
from tests.kit.factories import study_text
from tests.kit.people import openai, scripted


def test_timeout_longer_than_the_rule_s_time_is_named_with_its_machine() -> None:
    rule = "{after: 30 s, then: end}"
    [said] = comments(parse(study_text(machines=openai("m", timeout="60 s"), machine_down=rule)))
    assert "machine_down.after is 30 s" in said and "model-m (60 s)" in said


def test_timeout_within_the_rule_s_time_is_no_matter() -> None:
    rule = "{after: 60 s, then: end}"
    for machines in (openai("m", timeout="60 s"), scripted("hi")):
        assert list(comments(parse(study_text(machines=machines, machine_down=rule)))) == []
