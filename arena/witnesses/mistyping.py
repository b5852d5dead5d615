"""Typing errors in an answer that the gate has passed and that waits to be sent.

What is shown is read by the gate once more; if it objects, the answer stays as it was.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from arena import pacing
from arena.event_kinds import Slip
from arena.pacing import BurstPart, Typist
from arena.timers.payloads import ScheduledReply
from arena.witnesses import gate
from arena.witnesses.calls import Asked
from arena.witnesses.listening import AS_PEOPLE
from arena.witnesses.scene import Scene
from arena.witnesses.wording import seed_of


def mistype(asked: Asked, reply: ScheduledReply) -> tuple[ScheduledReply, tuple[Slip, ...]]:
    """Return an answer as this room's imagined typist would send it, and what was changed."""
    scene = asked.scene
    if scene.profile.typing is None:
        return reply, ()
    seed = int(scene.talk.room_seed[:8], 16)
    typist = pacing.typist(scene.profile.typing, persona_seed=seed)
    rng = random.Random(f"typing:{seed_of(scene)}")
    parts = (BurstPart(text=reply.text, gap_s=0.0), *reply.rest)
    typed = list(_typed(scene, parts, typist=typist, rng=rng))
    slips = tuple(slip for _, of_part in typed for slip in of_part)
    if not slips or _is_objected(asked, [part.text for part, _ in typed]):
        return reply, ()
    first, *rest = (part for part, _ in typed)
    return replace(reply, text=first.text, rest=tuple(rest)), slips


def _typed(
    scene: Scene, parts: Sequence[BurstPart], *, typist: Typist, rng: random.Random
) -> Iterator[tuple[BurstPart, tuple[Slip, ...]]]:
    """Each message with what was changed in it; behind one of them, at most, a correction."""
    heard = [gate.recently_heard([line.turn for line in scene.talk.lines])]
    may_correct = scene.profile.pacing.rule in AS_PEOPLE
    n_sent = 0
    for part in parts:
        text, slips = pacing.mistyped(part.text, typist, rng=rng, heard=heard, message=n_sent)
        if len(text) > scene.talk.message_chars:
            text, slips = part.text, ()
        wrong = next((slip for slip in slips if slip.corrected and may_correct), None)
        yield (
            replace(part, text=text),
            tuple(replace(slip, corrected=slip is wrong) for slip in slips),
        )
        n_sent += 1
        if wrong is not None:
            yield _correction(wrong, scene, rng), ()
            n_sent, may_correct = n_sent + 1, False


def _correction(wrong: Slip, scene: Scene, rng: random.Random) -> BurstPart:
    text = pacing.correction(wrong, rng=rng)
    seed = int(scene.talk.room_seed[:8], 16)
    gap_s = pacing.follow_up_s(len(text), persona_seed=seed, rng=rng)
    return BurstPart(text=text, gap_s=gap_s)


def _is_objected(asked: Asked, texts: Sequence[str]) -> bool:
    """Whether the gate would stop any of these messages."""
    profile = asked.scene.profile
    if profile.is_script:
        return False
    rejections = (
        gate.rejection(
            text,
            conversation=asked.context.conversation,
            profile=profile,
            claims=asked.scene.memory.claims,
        )
        for text in texts
    )
    return any(rejection is not None for rejection in rejections)
