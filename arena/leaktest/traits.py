"""Traits of a pane, family by family: all that a classifier is given, as numbers by name."""

import datetime as dt
import itertools
import json
import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from arena.leaktest.choosing import Twins
from arena.leaktest.families import Family
from arena.leaktest.observing import Heard, Seen

Described = dict[str, float]

#: Who has not answered by the end of patience counts as having taken so long (s).
NEVER_S = 60.0
#: Grids (s) on which messages might be released, by the rooms' clock.
_GRIDS_S = (1.0, 0.25, 0.1)
#: Stretches (real s) after a question in which pongs are averaged.
_WINDOWS_S = ((0.0, 0.6), (0.6, 1.0), (1.0, 2.0))
#: So many answers, and messages, are looked at: the first ones of the talk. Were it all, how many
#: there are would show in every mean and extreme, and families would tell each other's leaks.
_N_FIRST = 3


def _first(seen: Seen, pane: str) -> list[Heard]:
    return seen.during(pane, "talk")[:_N_FIRST]


def frames(seen: Seen, pane: str) -> Described:
    """Each shape that a frame of the pane had: fields in their order, with their types."""
    return _shares(_shape(each.frame) for each in seen.listener.messages(pane))


def _shape(frame: dict[str, object]) -> str:
    return ",".join(f"{key}:{type(value).__name__}" for key, value in frame.items())


def order(seen: Seen, pane: str) -> Described:
    """What comes before and after the pane's first messages."""
    heard = seen.listener.heard
    chosen = {id(each) for each in _first(seen, pane)}
    found = []
    for n, each in enumerate(heard):
        if id(each) in chosen:
            found.append(f"before:{_kind(heard[n - 1], pane)}" if n else "before:")
            found.append(f"after:{_kind(heard[n + 1], pane)}" if n + 1 < len(heard) else "after:")
    return _shares(found)


def _kind(heard: Heard, pane: str) -> str:
    frame = heard.frame
    where = "" if frame.get("pane") is None else "same" if frame["pane"] == pane else "other"
    return f"{frame['is']}:{frame.get('kind', '')}:{frame.get('from', '')}:{where}"


def sizes(seen: Seen, pane: str) -> Described:
    """Bytes beside the text."""
    bare = [_bare_bytes(each) for each in _first(seen, pane)]
    return _summary("bytes", bare)


def _bare_bytes(heard: Heard) -> int:
    text = json.dumps(heard.frame["text"], ensure_ascii=False)
    return len(heard.text.encode()) - len(text.encode())


def ids(seen: Seen, pane: str) -> Described:
    """Length, letters, growth with time, and how much the pane's ids have in common."""
    found = [str(each.frame["id"]) for each in _first(seen, pane)]
    pairs = list(itertools.pairwise(found))
    described: Described = {}
    if found:
        described = {
            "length": statistics.fmean(map(len, found)),
            "digits": statistics.fmean(_share(each, str.isdigit) for each in found),
            "capitals": statistics.fmean(_share(each, str.isupper) for each in found),
            "letters": statistics.fmean(_share(each, str.isalpha) for each in found),
            "entropy": statistics.fmean(map(_entropy, found)),
            "first": statistics.fmean(ord(each[0]) for each in found),
        }
    if pairs:
        described["grows"] = sum(b > a for a, b in pairs) / len(pairs) - 0.5
        described["common"] = statistics.fmean(_common(a, b) for a, b in pairs)
    return described


def _share(text: str, holds: Callable[[str], bool]) -> float:
    return sum(map(holds, text)) / len(text)


def _entropy(text: str) -> float:
    """Bits per character of one id."""
    shares = [n / len(text) for n in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares)


def _common(a: str, b: str) -> int:
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))


def grain(seen: Seen, pane: str) -> Described:
    """Where in the second, and in smaller grids, messages arrive."""
    told = [each.told for each in _first(seen, pane)]
    if not told:
        return {}
    described: Described = {}
    for grid in _GRIDS_S:
        turns = [2 * math.pi * (at / grid % 1) for at in told]
        described[f"cos:{grid}"] = statistics.fmean(map(math.cos, turns))
        described[f"sin:{grid}"] = statistics.fmean(map(math.sin, turns))
    late = [each.told - _stamp(each) for each in _first(seen, pane)]
    return described | _summary("late", late)


def _stamp(heard: Heard) -> float:
    return dt.datetime.fromisoformat(str(heard.frame["at"])).timestamp()


def acks(seen: Seen, pane: str) -> Described:
    """How long acknowledgements take, in real milliseconds."""
    trips = [1000 * (e.acked_s - e.sent_s) for e in seen.asked if e.pane == pane]
    return _summary("ack", trips)


def pongs(seen: Seen, pane: str) -> Described:
    """Round trips of pings after a question, in real milliseconds, by when they were sent."""
    described: Described = {}
    for begin, end in _WINDOWS_S:
        trips = [1000 * trip for sent, trip in seen.pongs.get(pane, ()) if begin <= sent < end]
        described |= _summary(f"pong:{begin}", trips)
    return described


def waits(seen: Seen, pane: str) -> Described:
    """Logarithms of the waits before answers."""
    found = [_wait_s(seen, asked.sent_s, said) for asked, said in seen.answers(pane, "talk")]
    if not found:
        return {}
    logs = [math.log(max(each, 0.01)) for each in found]
    described = {f"wait:{n}": each for n, each in enumerate(logs[:_N_FIRST])}
    described["below_1s"] = sum(each < 1 for each in found) / len(found)
    described["never"] = sum(each >= NEVER_S for each in found) / len(found)
    return described | _summary("wait", logs)


def _wait_s(seen: Seen, since_s: float, said: Sequence[Heard]) -> float:
    return min(seen.told_s(said[0].at_s - since_s), NEVER_S) if said else NEVER_S


def bursts(seen: Seen, pane: str) -> Described:
    """Messages per answer and the gaps between them."""
    answers = [said for _, said in seen.answers(pane, "talk")]
    gaps = [
        math.log(max(seen.told_s(b.at_s - a.at_s), 0.01))
        for said in answers
        for a, b in itertools.pairwise(said)
    ]
    return _summary("parts", [len(said) for said in answers]) | _summary("gap", gaps)


def initiative(seen: Seen, pane: str) -> Described:
    """Messages while nobody asked anything."""
    said = seen.during(pane, "idle")
    described = {"n": float(len(said))}
    if said:
        described["from"] = seen.told_s(said[0].at_s - seen.spans["idle"][0])
    return described


def silence(seen: Seen, pane: str) -> Described:
    """What a pane gets in while lines come too fast."""
    said = seen.during(pane, "hammer")
    begin, end = seen.spans.get("hammer", (0.0, 0.0))
    first = said[0].at_s if said else end
    return {
        "n": float(len(said)),
        "chars": float(sum(len(str(each.frame["text"])) for each in said)),
        "first": seen.told_s(first - begin),
    }


def faults(seen: Seen, pane: str) -> Described:
    """The answer to a question that was asked while the provider failed."""
    waits_s = [_wait_s(seen, asked.sent_s, said) for asked, said in seen.answers(pane, "fault")]
    said = seen.during(pane, "fault")
    others = [e.frame for e in seen.listener.heard if e.frame["is"] == "error"]
    return _summary("wait", waits_s) | {"n": float(len(said)), "errors": float(len(others))}


def restarts(seen: Seen, pane: str) -> Described:
    """When a pane first writes after the server is back, by the rooms' clock."""
    said = seen.during(pane, "kill")
    begin, _ = seen.spans.get("kill", (0.0, 0.0))
    if not said:
        return {"n": 0.0, "first": NEVER_S, "log": math.log(NEVER_S)}
    first_s = seen.told_s(said[0].at_s - begin)
    return {"n": float(len(said)), "first": first_s, "log": math.log(max(first_s, 0.01))}


def _shares(found: Iterable[str]) -> Described:
    count = Counter(found)
    n = sum(count.values())
    return {name: each / n for name, each in count.items()}


def _summary(name: str, values: Sequence[float]) -> Described:
    """Mean, least, greatest and spread; nothing of nothing."""
    if not values:
        return {}
    return {
        f"{name}:mean": statistics.fmean(values),
        f"{name}:least": min(values),
        f"{name}:most": max(values),
        f"{name}:spread": statistics.pstdev(values),
    }


#: What describes a pane to each family that is seen in rooms.
BY_PANE: dict[Family, Callable[[Seen, str], Described]] = {
    Family.FRAMES: frames,
    Family.ORDER: order,
    Family.SIZES: sizes,
    Family.IDS: ids,
    Family.GRAIN: grain,
    Family.ACKS: acks,
    Family.PONGS: pongs,
    Family.WAITS: waits,
    Family.BURSTS: bursts,
    Family.INITIATIVE: initiative,
    Family.SILENCE: silence,
    Family.FAULTS: faults,
    Family.RESTARTS: restarts,
}


def twins(seen: Sequence[Seen], family: Family) -> list[Twins]:
    """The rooms whose end told who was who, as a family sees them."""
    return of_panes(seen, BY_PANE[family])


def of_panes(seen: Sequence[Seen], describe: Callable[[Seen, str], Described]) -> list[Twins]:
    """The same by any description of a pane."""
    return [
        Twins(machine=describe(each, each.machine), human=describe(each, each.human))
        for each in seen
        if each.is_told
    ]
