"""Asks a profile its questions as a room would, call by call, and keeps what came of each."""

import asyncio
import datetime as dt
import itertools
import random
from collections.abc import Callable, Iterable, Sequence

from arena import backends
from arena.persona import noticing
from arena.services.replies import LISTEN
from arena.studies.design import ProfileSpec
from arena.timers.payloads import ScheduledReply
from arena.trial.calling import TriedDraft, draft
from arena.trial.estimate import estimate
from arena.trial.imagined_room import ImaginedRoom
from arena.trial.outcome import OK, ProfileTrial, ShownPart, TriedCall, TriedQuestion
from arena.trial.remembering import try_extractor
from arena.trial.setting import QUESTIONS, TrialSetting
from arena.trial.timing import Timing, drawn, timing
from arena.witnesses.calls import Asked
from arena.witnesses.failing import REDRAFT
from arena.witnesses.mistyping import mistype
from arena.witnesses.scene import Scene
from arena.witnesses.wording import listening_s, seed_of, typed_by


async def try_machines(
    machines: Iterable[ProfileSpec],
    settings: Callable[[ProfileSpec], TrialSetting],
    *,
    questions: Sequence[str] = QUESTIONS,
    done: Callable[[ProfileTrial], None] = lambda tried: None,
) -> list[ProfileTrial]:
    """Try machines one after the other, so that none slows another down; `done` is told of each."""
    chosen, tried = list(machines), []
    # What loading a library takes is no latency of a model.
    await asyncio.to_thread(backends.warm_up, [machine.backend for machine in chosen])
    try:
        for machine in chosen:
            setting = settings(machine)
            tried.append(await _try_profile(machine, setting=setting, questions=questions))
            done(tried[-1])
    finally:
        await backends.close()
    return tried


async def _try_profile(
    profile: ProfileSpec, *, setting: TrialSetting, questions: Sequence[str]
) -> ProfileTrial:
    """Ask a profile every question in turn, as one conversation."""
    room = ImaginedRoom(profile, setting)
    scenes: list[Scene] = []
    asked: list[TriedQuestion] = []
    for question in questions:
        room.hear(question)
        scenes.append(room.scene())
        asked.append(await _ask(room, scenes[-1]))
        if asked[-1].calls[-1].raw is None:
            break  # The provider would fail the others in the same way, and take as long about it.
    good = [made for each in asked for made in each.calls if made.outcome == OK]
    return ProfileTrial(
        profile=profile.name,
        backend=profile.backend,
        model=profile.model,
        sha256=profile.sha256,
        questions=tuple(asked),
        memory=await try_extractor(profile, room.talk),
        timing=await asyncio.to_thread(_timing, scenes, asked),
        estimate=estimate(good, profile=profile, setting=setting),
    )


async def _ask(room: ImaginedRoom, scene: Scene) -> TriedQuestion:
    asked_at = scene.heard_at
    noticed_at = _noticed_at(scene)
    begins_at = max(asked_at + LISTEN, noticed_at + dt.timedelta(seconds=listening_s(scene)))
    drafts = await _drafts(room)
    calls = tuple(each.call for each in drafts)
    ready_at = begins_at + dt.timedelta(milliseconds=_answer_ms(calls))
    drawn_at: dt.datetime | None = None
    shown: tuple[ShownPart, ...] = ()
    if (text := drafts[-1].text) is not None:
        meant, wait_s = drawn(scene, text)
        reply, _ = mistype(await Asked.of(scene), meant)
        drawn_at = _awake(scene, max(asked_at, noticed_at) + dt.timedelta(seconds=wait_s))
        # What is ready now counts as written a delay ago, and all is shown a delay after that.
        delay = dt.timedelta(seconds=scene.delay_s)
        in_time = ready_at - delay
        typed_at = typed_by(drawn_at, scene, n_out=len(reply.text), now=in_time)
        shown = _shown(reply, after_s=_s(max(typed_at, in_time) + delay - asked_at))
        room.say(shown, asked_at=asked_at)
    return TriedQuestion(
        asked=scene.talk.lines[-1].turn.text,
        asked_at=asked_at,
        noticed_s=_s(noticed_at - asked_at),
        ready_s=_s(ready_at - asked_at),
        drawn_s=None if drawn_at is None else _s(drawn_at - asked_at),
        calls=calls,
        shown=shown,
        evaded=drafts[-1].evaded,
    )


def _answer_ms(calls: Sequence[TriedCall]) -> int:
    """How long an answer took from its first call on: every draft, and the time between them."""
    between_ms = round((len(calls) - 1) * REDRAFT.total_seconds() * 1000)
    return sum(each.latency_ms for each in calls) + between_ms


async def _drafts(room: ImaginedRoom) -> list[TriedDraft]:
    """Every draft that a room would have asked for."""
    drafts = [await draft(room.scene(), n_objected=0)]
    while drafts[-1].again:
        advised = room.scene(advice=drafts[-1].call.advice)
        drafts.append(await draft(advised, n_objected=len(drafts)))
    return drafts


def _noticed_at(scene: Scene) -> dt.datetime:
    return noticing.notice_at(
        scene.persona.calendar,
        heard_at=scene.heard_at,
        last_said_at=scene.last_said_at,
        rng=random.Random(seed_of(scene)),
    )


def _awake(scene: Scene, at: dt.datetime) -> dt.datetime:
    calendar = scene.persona.calendar
    rng = random.Random(f"woken:{seed_of(scene)}")
    return at if calendar is None else noticing.when_awake(calendar, at, rng=rng)


def _shown(reply: ScheduledReply, *, after_s: float) -> tuple[ShownPart, ...]:
    moments = itertools.accumulate((part.gap_s for part in reply.rest), initial=after_s)
    texts = (reply.text, *(part.text for part in reply.rest))
    return tuple(
        ShownPart(text=text, after_s=round(at, 3)) for text, at in zip(texts, moments, strict=True)
    )


def _timing(scenes: Sequence[Scene], asked: Sequence[TriedQuestion]) -> Timing | None:
    """The latencies of all calls that gave a reply, for an answer such as the last."""
    latencies = [each.latency_ms for q in asked for each in q.calls if each.raw is not None]
    answered = [(scene, q) for scene, q in zip(scenes, asked, strict=True) if q.shown]
    if not answered or not latencies:
        return None
    scene, last = answered[-1]
    return timing(
        latencies,
        answers_ms=[_answer_ms(q.calls) for _, q in answered],
        scene=scene,
        text="\n".join(part.text for part in last.shown),
    )


def _s(span: dt.timedelta) -> float:
    return round(span.total_seconds(), 3)
