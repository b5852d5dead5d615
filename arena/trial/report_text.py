"""A trial as text for a terminal: everything that was sent, answered and would have been shown."""

import textwrap
from collections.abc import Iterator, Sequence

from arena.backends import PromptMessage
from arena.studies.fields import format_duration
from arena.trial.estimate import A_DAY, EVERY_S, RoomEstimate
from arena.trial.outcome import OK, ProfileTrial, TriedCall, TriedJudgement, TriedQuestion
from arena.trial.setting import TrialSetting
from arena.trial.timing import MOST_LATE, Timing

_WIDTH, _INDENT = 96, 14
#: A study is not told how many rooms it will have; this many are easy to multiply.
N_ROOMS = 100


def format_trial(tried: ProfileTrial, setting: TrialSetting) -> str:
    """A whole trial."""
    lines = [f"{tried.profile} ({tried.backend}, {tried.model})"]
    before: Sequence[PromptMessage] = ()
    for number, question in enumerate(tried.questions, 1):
        lines += ["", f'{number}. "{question.asked}"']
        for made in question.calls:
            lines += [*_prompt(made.messages, before), *_call(made)]
            before = made.messages
        lines += _shown(question, setting.delay_s)
    return "\n".join([*lines, "", *_summary(tried, setting)])


def one_line(tried: ProfileTrial) -> str:
    """Whether a profile answers, and if not, why and what to do."""
    if not tried.ok:
        return f"{tried.profile}: no answer that a room would show. {tried.why}"
    latency = "" if tried.timing is None else f" after {_s(tried.timing.median_ms)}"
    cost = "" if tried.cost_usd is None else f", {_usd(tried.cost_usd)}"
    return f"{tried.profile}: answered{latency}{cost}."


def _prompt(messages: Sequence[PromptMessage], before: Sequence[PromptMessage]) -> Iterator[str]:
    """The messages of a prompt, from the first that the one before did not have."""
    pairs = zip(messages, before, strict=False)
    n_same = next((n for n, (now, then) in enumerate(pairs) if now != then), None)
    n_same = min(len(messages), len(before)) if n_same is None else n_same
    if n_same:
        then = ", then" if len(messages) > n_same else ", with another seed"
        yield _row("sent", f"({n_same} message{'s' * (n_same > 1)} as before{then})")
    for message in messages[n_same:]:
        yield _row(message["role"], message["content"])


def _call(made: TriedCall) -> Iterator[str]:
    if made.raw is not None:
        finish = f" [finish: {made.finish}]" if made.finish else ""
        yield _row("answer", f"{made.raw}{finish}")
    yield _row("failed" if made.raw is None else "checked", made.why or "may be shown")
    if made.judged is not None:
        yield _row("judge", f"{made.judged.model}: {_word(made.judged, made.outcome)}")
    if made.advice:
        yield _row("advice", made.advice)
    took = [_s(made.latency_ms)]
    if made.tokens_in is not None:
        cached = "" if made.tokens_cached is None else f" ({made.tokens_cached} from its cache)"
        took.append(f"{made.tokens_in} tokens read{cached}, {made.tokens_out} written")
    took.append("cost unknown" if made.cost_usd is None else _usd(made.cost_usd))
    yield _row("took", ", ".join(took))


def _word(judged: TriedJudgement, outcome: str) -> str:
    if judged.outcome != OK:
        return f"{judged.why}; the rules alone hold"
    return "passes" if outcome == OK else "says that it tells what its writer is"


def _shown(question: TriedQuestion, delay_s: int) -> Iterator[str]:
    if not question.shown:
        yield _row("shown", "nothing: the witness would have stayed silent")
        return
    if question.evaded:
        yield _row("evasion", "no draft may be shown, so a short line is said instead")
    first, *rest = question.shown
    late = question.drawn_s is not None and question.ready_s > question.drawn_s + delay_s
    drawn = f"the pacing drew {question.drawn_s:.1f} s, the model was ready after "
    yield _row(
        "when",
        f"noticed {_after(question.noticed_s)}; {drawn}{question.ready_s:.1f} s"
        + (": late, so shown as soon as it is there" if late else ""),
    )
    yield _row("shown", f"{_after(first.after_s)}: {first.text}")
    last_s = first.after_s
    for part in rest:
        yield _row("", f"{part.after_s - last_s:.1f} s later: {part.text}")
        last_s = part.after_s


def _summary(tried: ProfileTrial, setting: TrialSetting) -> Iterator[str]:
    if tried.timing is not None:
        yield from _timing(tried.timing)
    if tried.tokens()["out"]:
        yield _cost(tried)
    if (memory := tried.memory) is not None:
        went = "answered, and can be read" if memory.outcome == OK else memory.why
        yield f"Memory, asked of {memory.model} once: {went}"
    if tried.estimate is not None:
        yield from _room(tried.estimate, setting)
    for each in tried.refused:
        yield (
            f"Option {each.option} ({each.value}) is not taken by the provider as it stands: "
            f"{each.said} Write instead: {each.instead}"
        )
    if tried.ok:
        yield f"{tried.profile} answers: a room would have shown every reply above."
    else:
        yield f"{tried.profile} does not answer. {tried.why}"


def _timing(timing: Timing) -> Iterator[str]:
    low, mid, high = _s(timing.min_ms), _s(timing.median_ms), _s(timing.max_ms)
    if timing.n == 1:
        yield f"Latency: {mid}, of one call."
    else:
        yield f"Latency of {timing.n} calls: {low} at least, {mid} in the middle, {high} at most."
    if timing.share_late is not None and timing.needs_delay_s is not None:
        yield (
            f"Pacing {timing.rule} with a delay of {timing.delay_s} s: "
            f"{_percent(timing.share_late)} of the waits that it draws are over before this model "
            "has its answer. Those replies come late, and no person's do."
        )
        yield (
            f"A delay of {timing.needs_delay_s} s keeps that share under {_percent(MOST_LATE)} for "
            f"latencies such as these. They are {timing.n}: up to "
            f"{_percent(timing.share_slower)} of all calls may be slower than the slowest of them "
            "(95 %). Ask more questions to know better, or leave some seconds to spare."
        )


def _cost(tried: ProfileTrial) -> str:
    tokens = tried.tokens()
    cached = f" ({tokens['cached']} of them from its cache)" if tokens["cached"] else ""
    if tried.cost_usd is None:
        price = (
            "the price is not known, so a budget in US dollars would never end: give price_in and "
            "price_out, and limit calls and tokens"
        )
    else:
        price = _usd(tried.cost_usd)
    return (
        f"Cost of this trial: {tokens['in']} tokens read{cached}, {tokens['out']} written; {price}."
    )


def _room(room: RoomEstimate, setting: TrialSetting) -> Iterator[str]:
    often = f"{A_DAY} questions a day" if setting.is_long else f"a question every {EVERY_S} s"
    tokens = f"{room.tokens_in} tokens read and {room.tokens_out} written"
    cost = "" if room.cost_usd is None else f", {_usd(room.cost_usd)}"
    yield (
        f"A room of {format_duration(setting.duration_s)} with {often}: {room.n_replies} replies, "
        f"about {tokens}{cost}."
    )
    if room.cost_usd is not None:
        n = N_ROOMS * setting.share
        cost = _usd(n * room.cost_usd)
        yield f"{N_ROOMS} rooms, of which this machine plays {n:.0f}: about {cost}."
    if room.budget is not None:
        yield (
            f"The budget ends before the room: {room.budget} of it are used up after about "
            f"{room.n_replies_in_budget} replies. Raise it, or shorten the room."
        )


def _row(name: str, text: str) -> str:
    """A named row, its text wrapped and its line breaks kept."""
    width, pad = _WIDTH - _INDENT, " " * _INDENT
    lines = [part for line in text.split("\n") for part in textwrap.wrap(line, width) or [""]]
    first, *rest = lines or [""]
    return "\n".join([f"   {name:<{_INDENT - 3}}{first}", *(pad + line for line in rest)])


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _after(seconds: float) -> str:
    return "at once" if seconds == 0 else f"after {seconds:.1f} s"


def _s(ms: float) -> str:
    return f"{ms / 1000:.2f} s"


def _usd(cost: float) -> str:
    return f"{cost:.4f} US dollars" if 0 < cost < 1 else f"{cost:.2f} US dollars"
