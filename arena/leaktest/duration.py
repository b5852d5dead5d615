"""How long a leak test takes, told before it begins."""

from arena.leaktest.families import Play
from arena.leaktest.performing import ECHO_SPEED, LOOKING, PROBING, TALKING, TROUBLED
from arena.leaktest.plan import LeakPlan
from arena.leaktest.plays import AFTER_KILL_S, FAULT_S, KILL_S, PROBE_S

#: A server is there after so long, and an answer takes so long with its quiet (s), at most usual.
_START_S, _ANSWER_S, _STRING_S, _LOOK_S = 8.0, 16.0, 35.0, 4.0


def estimate_s(plan: LeakPlan) -> float:
    """About how long the plays of a plan take, in real seconds."""
    return sum(_of_play(plan, play) for play in plan.plays)


def _of_play(plan: LeakPlan, play: Play) -> float:
    n, lengths = plan.n_rooms(play), plan.lengths
    answer_s = _ANSWER_S + plan.latency.high_s
    match play:
        case Play.TALK:
            room_s = lengths.n_questions * answer_s + lengths.idle_s + lengths.hammer_s
            return _START_S + -(-n // TALKING) * room_s / plan.speed
        case Play.PROBE:
            room_s = answer_s + lengths.n_probes * (2 * PROBE_S + answer_s / 2)
            return _START_S + -(-n // PROBING) * room_s
        case Play.TROUBLE:
            batch_s = (2 * answer_s + FAULT_S + KILL_S + AFTER_KILL_S) / plan.speed + _START_S
            return _START_S + -(-n // TROUBLED) * batch_s
        case Play.ECHO:
            return _START_S + -(-n // 10 // TALKING) * 10 * _STRING_S / ECHO_SPEED
        case Play.LOOK:
            return _START_S + -(-n // LOOKING) * (answer_s + _LOOK_S) + 60.0
        case Play.SEASON:
            return _START_S + 60.0
