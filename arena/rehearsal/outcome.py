"""What a rehearsal predicts of the real study: what models would cost, and a curve."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from arena.backends.litellm_library import load as library
from arena.event_kinds import MachineCall
from arena.rehearsal.record import RoomRecord
from arena.rehearsal.stage import Stage
from arena.studies.design import SCRIPTS


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCosts:
    """The cost of all calls to one model; `cost_usd` is None where no price is known."""

    model: str
    n_calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveSummary:
    """Cumulative incidence at the end of the rooms, when scripted people decide by chance."""

    n_rooms: int
    detected: float
    falsely_accused: float
    end_ms: int


def costs(records: Iterable[RoomRecord]) -> tuple[ModelCosts, ...]:
    """Sum the calls of every model that a real run has to pay for."""
    calls: dict[str, list[MachineCall]] = defaultdict(list)
    for call in _calls(records):
        calls[call.model.removeprefix("openai/")].append(call)
    return tuple(_summed(model, calls[model]) for model in sorted(calls))


def calls_by_outcome(records: Iterable[RoomRecord]) -> dict[str, int]:
    """How the calls to models went: `ok`, or the kind of failure, the most frequent first."""
    return dict(Counter(call.outcome for call in _calls(records)).most_common())


def _calls(records: Iterable[RoomRecord]) -> Iterator[MachineCall]:
    """The calls that ask a model; a script is asked for free."""
    for record in records:
        for event in record.events:
            if isinstance(call := event.body, MachineCall) and call.backend not in SCRIPTS:
                yield call


def _summed(model: str, calls: list[MachineCall]) -> ModelCosts:
    answered = [call for call in calls if call.tokens_out]
    known = [call.cost_usd for call in answered if call.cost_usd]
    tokens_in = sum(call.tokens_in or 0 for call in calls)
    tokens_out = sum(call.tokens_out or 0 for call in calls)
    listed = None if known else _listed(model, tokens_in=tokens_in, tokens_out=tokens_out)
    return ModelCosts(
        model=model,
        n_calls=len(calls),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost_usd=sum(known) if known and len(known) == len(answered) else listed,
    )


def _listed(model: str, *, tokens_in: int, tokens_out: int) -> float | None:
    """What so many tokens cost by litellm's price list; None for a model it does not list."""
    try:
        costs = library().cost_per_token(
            model=model, prompt_tokens=tokens_in, completion_tokens=tokens_out
        )
    except Exception:
        # It raises a bare Exception for a model without a price.
        return None
    return float(sum(costs)) or None


async def curve(own: Stage, study: str) -> CurveSummary | None:
    """The curve of the rehearsal's own export; None where no room went live."""
    import analysis as ta

    out = own.folder / "export"
    await own.manage("study", "export", study, "--out", str(out))
    rooms = ta.detections(ta.load(out))
    if rooms.empty:
        return None
    found = ta.cumulative_incidence(rooms["time"], rooms["cause"])
    last = found.table.groupby("cause")["incidence"].last()
    return CurveSummary(
        n_rooms=len(rooms),
        detected=float(last.get(1, 0.0)),
        falsely_accused=float(last.get(2, 0.0)),
        end_ms=int(rooms["time"].max()),
    )
