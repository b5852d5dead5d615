"""What goes wrong while a crowd talks: each step does it some times, and says what it did."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.client import connect

from arena.rehearsal.faults import Fault, Finding
from tests.faults.laboratory import conditions
from tests.faults.laboratory.commit_proxy import CommitProxy
from tests.faults.laboratory.crowd import Crowd
from tests.faults.laboratory.house import SPEED, House
from tests.faults.laboratory.network import Network, network
from tests.faults.laboratory.person import Way
from tests.faults.nursery import Server

#: Acknowledgements for each who talks, at least, between two blows.
N_ACKS = 1.0
#: How long (s) nobody hears anything before that is called silence.
SILENCE_S = 6.0
#: The share of COMMITs whose reply is lost, while replies are.
LOST_SHARE = 0.1


@dataclass(slots=True, kw_only=True)
class Scene:
    """A house, its crowd, and what was done to them so far."""

    house: House
    crowd: Crowd
    rng: random.Random
    done: Counter[str] = field(default_factory=Counter)

    async def recover(self) -> None:
        """Wait until what runs no more runs again, and people get answers."""
        await self.house.is_served()
        await self.crowd.progress(round(N_ACKS * len(self.crowd.talking)) + 1)


async def calm(scene: Scene, n: int) -> None:
    """Nothing but talk, for so many seconds: what is faulty without a fault shows then."""
    await asyncio.sleep(n)
    await scene.recover()
    scene.done["seconds of calm"] += n


async def kills(scene: Scene, n: int) -> None:
    """SIGKILL, at any moment, of what serves people; now and then of what serves that."""
    for _ in range(n):
        blow = scene.rng.choices(_BLOWS, [share for _, share in _SHARES])[0]
        await asyncio.sleep(scene.rng.uniform(0, 0.3))
        scene.done[f"kills of {await blow(scene)}"] += 1
        await scene.recover()


async def _kill_web(scene: Scene) -> str:
    await scene.house.any_web(scene.rng).restart()
    return "a server"


async def _kill_all(scene: Scene) -> str:
    await scene.house.restart_webs()
    await scene.house.kill_worker()
    return "all servers at once"


async def _kill_worker(scene: Scene) -> str:
    if scene.house.worker is None:
        return await _kill_web(scene)
    await scene.house.kill_worker()
    return "a worker"


async def _kill_backend(scene: Scene) -> str:
    if scene.house.postgres is None:
        return await _kill_web(scene)
    await asyncio.to_thread(scene.house.postgres.kill_backend, scene.rng.randrange(100))
    return "a database connection"


async def _kill_database(scene: Scene) -> str:
    if scene.house.postgres is None:
        return await _kill_web(scene)
    await scene.house.postgres.restart(signal.SIGQUIT)  # "immediate": it writes nothing more
    return "the database"


async def _kill_redis(scene: Scene) -> str:
    if scene.house.redis is None:
        return await _kill_web(scene)
    await scene.house.redis.restart()
    return "the bus"


_SHARES: list[tuple[Callable[[Scene], Awaitable[str]], float]] = [
    (_kill_web, 0.7),
    (_kill_all, 0.1),
    (_kill_worker, 0.06),
    (_kill_backend, 0.06),
    (_kill_database, 0.04),
    (_kill_redis, 0.04),
]
_BLOWS = [blow for blow, _ in _SHARES]


async def stops(scene: Scene, n: int) -> None:
    """SIGSTOP and, after a while, SIGCONT: a process that misses seconds and does not know."""
    for _ in range(n):
        pid = scene.house.any_web(scene.rng).pid
        if scene.house.worker is not None and scene.rng.random() < 0.3:
            pid = scene.house.worker
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(scene.rng.uniform(0.2, 3.0))
        finally:
            os.kill(pid, signal.SIGCONT)
        scene.done["stops"] += 1
        await scene.recover()


async def full_disk(scene: Scene, n: int) -> None:
    """The disk of the database takes nothing more for a while: nobody is told that it did."""
    for _ in range(n):
        filler = scene.house.disk / "filler"
        filling = asyncio.create_task(_keep_full(filler))
        try:
            await _silence(scene)
        finally:
            filling.cancel()
            await asyncio.gather(filling, return_exceptions=True)
            filler.unlink(missing_ok=True)
        scene.done["full disks"] += 1
        await scene.recover()


async def _silence(scene: Scene) -> None:
    """Wait until somebody hears that nothing can be stored, or nobody hears anything."""
    n_busy, n_acks, since = scene.crowd.n_put_off, scene.crowd.n_acks, time.monotonic()

    def is_silent() -> bool:
        nonlocal n_acks, since
        if scene.crowd.n_acks != n_acks:
            n_acks, since = scene.crowd.n_acks, time.monotonic()
        return scene.crowd.n_put_off > n_busy or time.monotonic() - since > SILENCE_S

    await scene.crowd.wait(is_silent, what="a full disk to take nothing more")


async def _keep_full(filler: Path) -> None:
    """Take whatever room there is, and again when a database has given some back."""
    while True:
        with filler.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with contextlib.suppress(OSError):
                    while file.write(b"\0" * size):
                        await asyncio.sleep(0)
        await asyncio.sleep(0.1)


async def lost_replies(scene: Scene, n: int) -> None:
    """COMMITs of which the database never hears, or is not heard to have done them."""
    if scene.house.postgres is None:
        await _lose_in_process(scene, n)
        return
    async with CommitProxy(scene.house.postgres.port, rng=scene.rng) as proxy:
        await _restart_with(scene, {conditions.DATABASE_PORT: str(proxy.port)})
        proxy.share = LOST_SHARE
        while proxy.n_lost < n:
            await scene.recover()
        proxy.share = 0.0
        await _restart_with(scene, {})
    scene.done["COMMITs that the database did not hear"] += proxy.n_lost_requests
    scene.done["COMMITs whose reply was lost"] += proxy.n_lost_replies


async def _lose_in_process(scene: Scene, n: int) -> None:
    """On SQLite there is no line that could break: the process is told that its COMMIT failed."""
    lost = scene.house.folder / conditions.N_LOST_REPLIES
    await _restart_with(scene, {conditions.LOST_REPLIES: str(LOST_SHARE)})
    while not lost.exists() or lost.stat().st_size < n:
        await scene.recover()
    await _restart_with(scene, {})
    scene.done["COMMITs whose reply was lost"] += lost.stat().st_size


async def _restart_with(scene: Scene, environment: dict[str, str]) -> None:
    for web in scene.house.webs:
        web.environment = environment
    await scene.house.restart_webs()
    await scene.recover()


async def half_open(scene: Scene, n: int) -> None:
    """Lines on which nothing moves any more and which nobody closed; later all arrives at once."""
    with network() as own:
        for web in scene.house.webs:
            web.host = own.address
        await _restart_with(scene, {})
        for person in scene.crowd.people:
            person.deadline_s = 1.5
        for _ in range(n):
            await _pull(scene, own)
        scene.crowd.way = None
        for web in scene.house.webs:
            web.host = "127.0.0.1"
        for person in scene.crowd.people:
            person.deadline_s = 5.0
        await _restart_with(scene, {})


async def _pull(scene: Scene, own: Network) -> None:
    """Have all dial from the other network; pull its cable; they come back another way."""
    scene.crowd.way = lambda code: _over(scene.house.any_web(scene.rng), own, code)
    for person in scene.crowd.people:
        person.drop()
    await scene.recover()
    given_up = sum(len(person.given_up) for person in scene.crowd.people)
    in_flight = [person for person in scene.crowd.talking if person.waiting]
    own.pull()
    scene.crowd.way = None
    await scene.crowd.wait(
        lambda: all(person.given_up or not person.waiting for person in in_flight),
        what="people to give up lines that are dead",
    )
    await scene.recover()
    own.plug_in()  # What was under way reaches the server now, after it was sent again.
    await scene.recover()
    now = sum(len(person.given_up) for person in scene.crowd.people)
    scene.done["half-open sockets"] += now - given_up


def _over(web: Server, own: Network, code: str) -> Way:
    return Way(url=web.ws(code), dial=lambda: own.dial(web.port))


async def lying_clocks(scene: Scene, n: int) -> None:
    """The system clocks of the servers are set forth and back by minutes all the time."""
    await _restart_with(scene, {conditions.LYING_CLOCK: str(scene.rng.randrange(1, 10**6))})
    for _ in range(n):
        scene.crowd.findings += await _told_time(scene)
        scene.done["seconds under lying clocks"] += _LOOK_S
    await _restart_with(scene, {})


_LOOK_S = 3
_RATES = (0.95, 1.05)


async def _told_time(scene: Scene) -> list[Finding]:
    """Ask a server for the time again and again: it passes as ever, whatever clocks are set."""
    person = scene.rng.choice(scene.crowd.people)
    told: list[float] = []
    moments: list[tuple[float, float]] = []
    async with connect(
        person.way().url,
        additional_headers=person.headers,
        compression=None,
        proxy=None,
        open_timeout=None,
    ) as line:
        while not moments or time.monotonic() - moments[0][0] < _LOOK_S:
            asked = time.monotonic()
            await line.send(json.dumps({"do": "ping"}))
            while (frame := json.loads(await line.recv()))["is"] != "pong":
                pass
            moments.append((asked, time.monotonic()))
            told.append(dt.datetime.fromisoformat(frame["now"]).timestamp() / SPEED)
            await asyncio.sleep(0.05)
    passed = told[-1] - told[0]
    longest, shortest = moments[-1][1] - moments[0][0], moments[-1][0] - moments[0][1]
    findings = []
    if told != sorted(told):
        findings.append("the time that a server tells goes back")
    # A moment was told some time between question and answer: so the bounds are exact.
    if not _RATES[0] * shortest - 0.001 <= passed <= _RATES[1] * longest + 0.001:
        findings.append(f"a server told {passed:.2f} s in {shortest:.2f} to {longest:.2f} s")
    return [Finding(fault=Fault.EARLY, room="(all)", what=what) for what in findings]


async def dropped_sockets(scene: Scene, n: int) -> None:
    """So many sockets more, all dropped at once, and all coming back."""
    await scene.crowd.invite_quiet(n // 2)
    await scene.crowd.come_live()
    people = scene.crowd.people
    before = {id(person): person.n_connections for person in people}
    for person in people:
        person.drop()
    await scene.crowd.wait(
        lambda: all(person.n_connections > before[id(person)] for person in people),
        what="all sockets to come back",
    )
    await scene.recover()
    scene.done["sockets dropped at once"] += len(people)


Step = Callable[[Scene, int], Awaitable[None]]
STEPS: dict[str, Step] = {
    "calm": calm,
    "kills": kills,
    "stops": stops,
    "full_disk": full_disk,
    "lost_replies": lost_replies,
    "half_open": half_open,
    "lying_clocks": lying_clocks,
    "dropped_sockets": dropped_sockets,
}
