"""An answer cut into the messages that a person would send, each with its moment."""

import datetime as dt
import hashlib
import random
from dataclasses import dataclass

from arena import clock, pacing
from arena.backends import Speaker
from arena.events import TimerDraft
from arena.models import Seat, Timer
from arena.rules import TimerKind
from arena.witnesses.scene import Scene
from arena.witnesses.turns import plan

#: The pacings that answer in bursts, as people do; the others are told by one number each.
_IN_BURSTS = frozenset({pacing.PacingRule.CALIBRATED, pacing.PacingRule.MATCHED})


#: How much silence a witness waits for, and the length of reply it expects to give (MeetUp median).
LISTENING_S = (2.0, 4.0)
_USUAL_CHARS = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The first message, when it is due, and what follows it: texts with gaps in seconds."""

    text: str
    due_at: dt.datetime
    seen_at: dt.datetime
    upto: int
    rest: tuple[tuple[str, float], ...]

    def held(self) -> dict[str, object]:
        """What a timer keeps of it until it is due."""
        return {
            "text": self.text,
            "upto": self.upto,
            "from": self.seen_at.timestamp(),
            "noticed_at": self.seen_at.timestamp(),
            "rest": self.rest,
        }


def seed_of(scene: Scene, *, n_failed: int = 0) -> int:
    """A seed that is the same whenever the same thing is to be answered again."""
    words = f"{scene.talk.room_seed}:{len(scene.talk.lines)}:{scene.seat.name}:{n_failed}"
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4])


def paced(scene: Scene, text: str, *, seen_at: dt.datetime) -> Wording:
    """Cut an answer into messages and give the first its moment, counted from when it was seen."""
    in_bursts = scene.profile.pacing.rule in _IN_BURSTS
    persona_seed = int(scene.talk.room_seed[:8], 16)
    rng = random.Random(f"bursts:{seed_of(scene)}")
    parts = pacing.bursts(text, rng=rng, persona_seed=persona_seed) if in_bursts else ()
    first = parts[0].text if parts else text
    began = max(scene.heard_at, seen_at)
    # The draws with which it was decided how long to listen.
    delay_s = _delay_s(scene, n_out=len(first), rng=random.Random(seed_of(scene)))
    due_at = began + dt.timedelta(seconds=delay_s)
    if (calendar := scene.persona.calendar) is not None:
        due_at = calendar.next_awake(due_at)
    return Wording(
        text=first,
        due_at=max(due_at.replace(microsecond=due_at.microsecond // 1000 * 1000), clock.now()),
        seen_at=began,
        upto=scene.upto,
        rest=tuple((part.text, part.gap_s) for part in parts[1:]),
    )


def listening_s(scene: Scene) -> float:
    """How long a witness waits for more lines: 2 to 4 s of silence, as people read.

    Never more than half of the wait that it is about to take: people answer within a second, too,
    and a machine that never did would be known by that.
    """
    if scene.profile.pacing.rule not in _IN_BURSTS:
        return 0.0
    rng = random.Random(seed_of(scene))
    wait_s = _delay_s(scene, n_out=_USUAL_CHARS, rng=rng)
    return min(rng.uniform(*LISTENING_S), wait_s / 2)


def _delay_s(scene: Scene, *, n_out: int, rng: random.Random) -> float:
    return pacing.delay_s(
        scene.profile.pacing.rule,
        n_in=scene.n_chars_in,
        n_out=n_out,
        first=all(line.turn.speaker != Speaker.ME for line in scene.talk.lines),
        persona_seed=int(scene.talk.room_seed[:8], 16),
        rng=rng,
        waits=scene.waits,
    )


def follow_up(timer: Timer, seat: Seat) -> tuple[TimerDraft, ...]:
    """The next message of an answer, to be due its gap after the one that is said now."""
    held = plan(timer)
    rest = held.get("rest")
    if not isinstance(rest, list) or not rest:
        return ()
    (text, gap_s), *others = rest
    now = clock.now()
    payload = {"text": text, "upto": held["upto"], "from": now.timestamp(), "rest": others}
    due_at = now + dt.timedelta(seconds=gap_s)
    key = f"then:{timer.id}"
    draft = TimerDraft(
        kind=TimerKind.REPLY, key=key, due_at=due_at, seat=seat, payload=payload, prepared=True
    )
    return (draft,)
