"""A whole rehearsal: rooms of a study played by scripted people through a real server."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from arena.clock import Rate
from arena.event_kinds import AS_PEOPLE, Withheld
from arena.rehearsal.connection import SeatConnection
from arena.rehearsal.design import rehearsed, simulated
from arena.rehearsal.faults import Fault, Finding, Patience
from arena.rehearsal.findings import findings
from arena.rehearsal.outcome import CurveSummary, ModelCosts, calls_by_outcome, costs, curve
from arena.rehearsal.people import Person, ScriptedInterrogator, ScriptedWitness, Temperament
from arena.rehearsal.provider import provider
from arena.rehearsal.record import RoomRecord, read_record
from arena.rehearsal.spending import SpendingLimit, used_up
from arena.rehearsal.stage import RehearsalBroken, ServerCommand, Stage, stage
from arena.rules import EventKind
from arena.studies.design import StudyFile
from arena.studies.file import parse

MAX_SPEED = 100_000.0
#: A rehearsal takes about this long (s) unless a speed is asked for.
USUAL_LENGTH_S = 60.0
#: With real models, which take real time to answer, so long.
REAL_LENGTH_S = 600.0
#: How long (real s) the server may take to end a room after its time, and to say late things.
PATIENCE_S = 5.0
#: How long (real s) the last deadlines and frames are waited for.
AFTERWARDS_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a rehearsal came to."""

    n_rooms: int
    n_messages: int
    n_acknowledged: int
    n_kills: int
    speed: float
    length_s: float
    findings: tuple[Finding, ...]
    costs: tuple[ModelCosts, ...]
    curve: CurveSummary | None
    end_reasons: dict[str, int]
    calls: dict[str, int]  # of models, by how they went
    n_withheld: int  # questions that a machine left unanswered
    is_real: bool  # whether the models were the real ones
    stopped: str = ""  # why before its time


@dataclass(slots=True, kw_only=True)
class _Cast:
    """The two people of a room."""

    code: str
    asker: ScriptedInterrogator
    witness: ScriptedWitness
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


def usual_speed(design: StudyFile, *, real_models: bool = False) -> float:
    """A speed at which the rehearsal takes about a minute, and never slower than real time.

    With real models ten minutes: their seconds are longer on a faster clock.
    """
    length_s = REAL_LENGTH_S if real_models else USUAL_LENGTH_S
    return min(MAX_SPEED, max(1.0, _horizon_s(design) / length_s))


async def rehearse(
    text: str,
    *,
    n_rooms: int,
    speed: float | None = None,
    n_kills: int = 0,
    patience_s: float = PATIENCE_S,
    seed: int = 0,
    server: ServerCommand | None = None,
    real_models: SpendingLimit | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Rehearsal:
    """Play `n_rooms` rooms of a study file; compare what everybody saw with what is stored.

    With `real_models` the study's own models answer and are paid, as far as that allows.
    """
    design = parse(text)
    is_real = real_models is not None
    rate = _rate(speed or usual_speed(design, real_models=is_real))
    began = time.monotonic()
    rng = random.Random(seed)
    async with (
        provider(random.Random(seed)) as address,
        stage(
            simulated(text) if is_real else rehearsed(text, provider_url=address),
            n_rooms=n_rooms,
            rate=rate,
            server=server,
            real_models=is_real,
        ) as (own, made),
    ):
        casts = [_cast(own, room, n=n, design=design) for n, room in enumerate(made["rooms"])]
        tell(
            f"{n_rooms} rooms are open; {_horizon_s(design) / rate.speed:.0f} s at {rate.speed:g}x"
        )
        kills = asyncio.create_task(_kill(own, n_kills, design=design, rng=rng, tell=tell))
        limit_s = _horizon_s(design) / rate.speed + AFTERWARDS_S
        stopped = await _play(
            own, casts, limit_s=limit_s, patience_s=patience_s, spending=real_models
        )
        await _stop(kills)
        records = [_record(own, cast) for cast in casts]
        found = [
            # Who is stopped in the middle has not kept all that it promised.
            *([] if stopped else _found(own, records, design=design, patience_s=patience_s)),
            *await _verified(own, made["study"]),
        ]
        n_messages = sum(1 for each in records for _ in each.all_of(EventKind.MESSAGE))
        return Rehearsal(
            n_rooms=n_rooms,
            n_messages=n_messages,
            n_acknowledged=sum(len(line.acked) for cast in casts for line in _lines(cast)),
            n_kills=len(own.downs),
            speed=rate.speed,
            length_s=time.monotonic() - began,
            findings=tuple(found),
            costs=costs(records),
            curve=None if stopped else await curve(own, made["study"]),
            end_reasons=_end_reasons(own),
            calls=calls_by_outcome(records),
            n_withheld=_n_withheld(records),
            is_real=is_real,
            stopped=stopped,
        )


def _found(
    own: Stage, records: list[RoomRecord], *, design: StudyFile, patience_s: float
) -> list[Finding]:
    """Every fault that the accounts of the rooms show."""
    rate = own.rate
    patience = Patience(
        late_s=patience_s,
        speed=rate.speed,
        downs=[(rate.simulated(down), rate.simulated(up)) for down, up in own.downs],
    )
    return [f for each in records for f in findings(each, design=design, patience=patience)]


def _rate(speed: float) -> Rate:
    now = time.time()
    return Rate(speed=speed, real_start=now, simulated_start=now)


def _horizon_s(design: StudyFile) -> float:
    """How long (simulated s) a room can last."""
    return design.duration_s + design.verdict_grace_s


_Person = TypeVar("_Person", bound=Person)


def _cast(own: Stage, room: dict[str, Any], *, n: int, design: StudyFile) -> _Cast:
    """Two people of this room's temperaments; in time each temperament plays both parts."""
    kinds = tuple(Temperament)
    links = {seat: link.rstrip("/").rsplit("/", 1)[1] for seat, link in room["links"].items()}
    asked = design.attendance
    cadence_s = float(design.duration_s if asked is None else asked.cadence_s)

    def play(person: type[_Person], seat: str, *, temperament: int, seed: str) -> _Person:
        return person(
            SeatConnection(own.ws(room["code"]), links[seat]),
            temperament=kinds[temperament % len(kinds)],
            seed=seed,
            duration_s=float(design.duration_s),
            cadence_s=cadence_s,
            rate=own.rate,
        )

    asker = play(ScriptedInterrogator, "interrogator", temperament=n, seed=f"asker-{n}")
    other = n + 1 + n // len(kinds)
    witness = play(ScriptedWitness, "witness", temperament=other, seed=f"witness-{n}")
    return _Cast(code=room["code"], asker=asker, witness=witness)


def _lines(cast: _Cast) -> tuple[SeatConnection, SeatConnection]:
    return cast.asker.line, cast.witness.line


async def _play(
    own: Stage,
    casts: list[_Cast],
    *,
    limit_s: float,
    patience_s: float,
    spending: SpendingLimit | None,
) -> str:
    """Play every room to its end, or as long as it can last; say why if not so long."""
    acting = [
        asyncio.create_task(act()) for cast in casts for act in (cast.asker.play, cast.witness.play)
    ]
    running = [asyncio.create_task(line.run()) for cast in casts for line in _lines(cast)]
    stopped = await _until_ended(own, limit_s=limit_s, spending=spending)
    if stopped:
        await own.stop()
    for cast in casts if not stopped else ():
        for line in _lines(cast):
            line.reconnect()  # Who dropped out looks once more, for the record.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0 if stopped else patience_s):
            await asyncio.gather(*running)
    for task in (*acting, *running):
        task.cancel()
    ends = await asyncio.gather(*acting, *running, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not stopped:
            raise end
    return stopped


async def _until_ended(own: Stage, *, limit_s: float, spending: SpendingLimit | None) -> str:
    """Wait until every room has ended or cannot last longer; say why if it is stopped before."""
    ended = asyncio.create_task(_all_ended(own))
    spent = asyncio.create_task(used_up(own, spending)) if spending is not None else None
    tasks = {task for task in (ended, spent) if task is not None}
    done, _ = await asyncio.wait(tasks, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks - done:
        await _stop(task)
    for task in done:
        task.result()
    return spent.result() if spent in done and spent is not None and ended not in done else ""


async def _all_ended(own: Stage) -> None:
    """Wait until every room has ended, whether or not anybody is there to see it."""
    while "not ended" in _end_reasons(own):
        await asyncio.sleep(0.1)


async def _kill(
    own: Stage,
    n_kills: int,
    *,
    design: StudyFile,
    rng: random.Random,
    tell: Callable[[str], None],
) -> None:
    """Kill the server at random moments, never so often that it is mostly down."""
    moments = sorted(
        rng.uniform(0.02, 0.98) * design.duration_s / own.rate.speed for _ in range(n_kills)
    )
    began = time.monotonic()
    for n, moment in enumerate(moments, 1):
        await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
        await own.kill()
        tell(f"killed and started again: {n} of {n_kills}")


async def _stop(task: "asyncio.Task[Any]") -> None:
    if not task.done():
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _record(own: Stage, cast: _Cast) -> RoomRecord:
    return read_record(own, cast.code, interrogator=cast.asker.line, witness=cast.witness.line)


async def _verified(own: Stage, study: str) -> list[Finding]:
    """The chains and seals, as `study verify` sees them."""
    try:
        await own.manage("study", "verify", study)
    except RehearsalBroken as broken:
        return [Finding(fault=Fault.LOST, room="of all", what=str(broken))]
    return []


def _n_withheld(records: list[RoomRecord]) -> int:
    """Questions that a machine left through a failure of its own."""
    bodies = (event.body for each in records for event in each.all_of(EventKind.WITHHELD))
    return sum(1 for body in bodies if isinstance(body, Withheld) and body.why != AS_PEOPLE)


def _end_reasons(own: Stage) -> dict[str, int]:
    rows = own.rows(
        "SELECT end_reason, count(*) AS n FROM arena_room GROUP BY end_reason ORDER BY end_reason"
    )
    return {str(row["end_reason"] or "not ended"): int(row["n"]) for row in rows}
