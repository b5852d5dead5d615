"""A trial takes the way of a room: its persona's days, its pacing, its gate."""

import asyncio
from dataclasses import replace

import pytest

from arena import clock
from arena.pacing import PacingRule
from arena.persona.day_notes import DayNote
from arena.persona.life import Life
from arena.studies.design import Budget, Pacing, ProfileSpec
from arena.trial import ProfileTrial, TrialSetting, try_machines
from tests.kit.fake_provider import FakeProvider

PROFILE = ProfileSpec(
    name="kim",
    weight=1.0,
    backend="scripted",
    model="lines",
    persona="",
    options={"lines": ["Fine. And you? I was out all day."], "answers": {"sure": "No."}},
    pacing=Pacing(rule=PacingRule.CALIBRATED),
    life=None,
    memory=None,
    budget=Budget(calls=10, tokens=1_000, cost_usd=0.0),
)


def tried(profile: ProfileSpec, *questions: str, chars: int = 300) -> ProfileTrial:
    setting = TrialSetting(message_chars=chars)
    asked = questions or ("hi",)
    [found] = asyncio.run(try_machines([profile], lambda _: setting, questions=asked))
    return found


def test_what_was_shown_is_part_of_the_next_question() -> None:
    first, second = tried(PROFILE, "how are you?", "sure?").questions
    assert " ".join(part.text for part in first.shown) == "Fine. And you? I was out all day."
    assert [part.text for part in second.shown] == ["No."]
    said = [message["content"] for message in second.calls[-1].messages]
    assert all(part.text in said for part in first.shown)
    assert (second.asked_at - first.asked_at).total_seconds() > first.shown[-1].after_s


def test_a_persona_is_drawn_and_knows_of_the_day_and_the_time_left() -> None:
    drawing = replace(
        PROFILE,
        backend="openai",
        model="ok",
        persona="You are {name}.",
        options={"max_tokens": 50, "timeout": "5 s"},
        draws={"name": ({"": "Nina"}, {"": "Tom"})},
        notes=(DayNote(date=clock.now().date().isoformat(), text="{name} saw the snow."),),
    )
    with FakeProvider() as provider, pytest.MonkeyPatch.context() as patched:
        patched.setenv("OPENAI_BASE_URL", provider.base_url)
        patched.setenv("OPENAI_API_KEY", "sk-secret")
        found = tried(drawing)
    [question] = found.questions
    told = "\n".join(message["content"] for message in question.calls[-1].messages)
    [name] = [name for name in ("Nina", "Tom") if f"You are {name}." in told]
    assert f"{name} saw the snow." in told and "Time left on the page's clock" in told
    assert found.sha256 == drawing.sha256


def test_a_reply_is_shown_when_it_is_drawn_or_when_it_is_there() -> None:
    for question in tried(PROFILE, *["hm?"] * 12).questions:
        assert question.drawn_s is not None
        after_s = question.shown[0].after_s
        if question.ready_s <= question.drawn_s:
            assert after_s == question.drawn_s
        else:  # Words that come much too late are typed first, as a room has it.
            assert after_s >= question.ready_s
        assert [p.after_s for p in question.shown] == sorted(p.after_s for p in question.shown)


def test_a_persona_that_sleeps_looks_at_it_when_it_is_awake() -> None:
    """Asleep all day but for one hour, twelve hours from now."""
    hour = (clock.now().hour + 12) % 24
    sleep = f"{(hour + 1) % 24:02}:00-{hour:02}:00"
    life = Life(
        time_zone="UTC", sleep=sleep, work="none", work_days=(), holidays=(), away_days=0,
        writes_first_per_day=0,
    )  # fmt: skip
    [question] = tried(replace(PROFILE, life=life)).questions
    assert question.noticed_s > 6 * 3600
    assert question.shown[0].after_s >= question.noticed_s
    assert "Your days:" in question.calls[0].messages[-1]["content"]


@pytest.mark.parametrize(
    ("rule", "share"), [(PacingRule.NONE, None), (PacingRule.ROUNDS, None), ("published", 0.0)]
)
def test_the_share_of_late_replies_goes_by_the_rule(rule: PacingRule, share: float | None) -> None:
    timing = tried(replace(PROFILE, pacing=Pacing(rule=rule))).timing
    assert timing is not None and timing.share_late == share


def test_a_script_that_ends_is_silence_with_its_reason() -> None:
    profile = replace(PROFILE, options={"lines": ["Hi."], "at_end": "silence"})
    found = tried(profile, "hi", "and?", "and?")
    assert not found.ok and "The script has 1 lines" in found.why
    assert [bool(question.shown) for question in found.questions] == [True, False]


def test_a_slow_model_is_late_for_most_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeProvider() as provider:
        monkeypatch.setenv("OPENAI_API_KEY", "any")
        options = {"temperature": 1.0, "max_tokens": 50, "timeout": "9 s"}
        found = tried(
            replace(
                PROFILE,
                backend="openai",
                model="slow",
                options={**options, "base_url": provider.base_url},
            )
        )
    timing = found.timing
    assert timing is not None and timing.min_ms >= 300
    assert timing.share_late is not None and 0 < timing.share_late < 1
