"""One row per room: when it was decided, rightly or wrongly, on the clock of your choice.

The rule is the study's own unless another is given. Nothing here looks past the moment at which
an event is dated.
"""

from pathlib import Path

import pandas as pd

from analysis.dataset.study import Study
from analysis.numerics.arrays import choice
from analysis.outcomes.clocks import Clock
from analysis.outcomes.commitment import Rule
from analysis.outcomes.dating import WitnessKind, date
from analysis.outcomes.inclusion import include, read_inclusion
from analysis.outcomes.partitioned import DatingTask, reduce_all


def detections(
    study: Study | str | Path,
    clock: str = "wall",
    rule: Rule | None = None,
    *,
    witness: str = "machine",
    machine_failure: str | None = None,
    human_silence: str | None = None,
    paused_room: str | None = None,
    forced_verdict: str | None = None,
    agents: str = "without",
    relayed: str | None = None,
    unsealed: str | None = None,
    scheduler: str | None = None,
) -> pd.DataFrame:
    """Date the decision of every room that went live.

    Parameters
    ----------
    study : Study, str or Path
        From `load`; or the path of an export, of which one part at a time is read if it is
        partitioned by room.
    clock : {"wall", "active", "messages"}
        Live milliseconds without pauses; the same with each silence counted up to the study's
        cap; or messages the interrogator had sent.
    rule : Rule, optional
        When a room counts as decided; the study's own rule by default.
    witness : {"machine", "human"}
        In a ``two_party`` study, which rooms: those with a machine (a right decision detects it)
        or those with a human (a wrong one is a false accusation). In a ``three_party`` study
        every room has both, and this changes nothing.
    machine_failure, human_silence : {"exclude", "censor_at_first", "count"}, optional
        What to make of a room whose machine, or whose human witness, left a question unanswered
        (`unanswered`): leave it out, censor it at the moment that question was asked, or take it as
        it is. The study's own rules by default, and ``count`` where it states none.
    paused_room : {"exclude", "censor_at_first", "count"}, optional
        The same for a room that was paused, which is then censored at the last act before that.
    forced_verdict : {"separate", "count", "exclude"}, optional
        What to make of a verdict given after time was up. ``separate``: the room is censored at its
        planned end, and `at_end` says what the verdict was; ``exclude``: the same, as if no verdict
        had been given; ``count``: an event at the time at which it was given, when nothing could be
        asked any more. The study's own rule by default, and ``separate`` where it states none.
    agents : {"without", "only", "with"}
        Rooms in which a program took a person's seat.
    relayed : {"count", "exclude"}, optional
        Rooms in which a text of the human witness looks relayed; see `included`.
    unsealed : {"count", "exclude"}, optional
        Rooms whose host saw before their end who is who; see `included`.
    scheduler : str, optional
        Address of a dask scheduler, as ``"tcp://10.0.0.1:8786"``. The parts of a partitioned
        export are then read and reduced by its workers, who must see the same path. The frame is
        the same to the last bit.

    Returns
    -------
    DataFrame
        One row per room, in the order of the export: room, interrogator, profile, witness_kind,
        time (whole numbers), cause (1 right, 2 wrong, 0 censored), decided_by (verdict,
        commitment or empty), at_end (right, wrong or nothing, said by a room that was undecided
        when its time was up; empty for the others), end_reason (``unanswered`` or ``paused`` where
        a rule censored the room, ``time_up`` where it was undecided at its planned end),
        n_messages, simulated. Rooms that never went live, and rooms whose verdict was erased, are
        left out; `exclusions` counts them.

    Raises
    ------
    ArgumentError
        Unknown clocks, witnesses or rules; a rule for silence in a study that does not say how long
        one is.

    Examples
    --------
    >>> import tempfile, analysis as ta
    >>> folder = tempfile.mkdtemp()
    >>> truth = ta.simulate(folder, n_rooms=3, n_interrogators=2, seed=1)
    >>> list(ta.detections(ta.load(folder), clock="messages")["cause"].isin([0, 1, 2]))
    [True, True, True]
    """
    on, kind = choice(Clock, clock, "clock"), choice(WitnessKind, witness, "witness")
    asked = read_inclusion(
        machine_failure=machine_failure,
        human_silence=human_silence,
        paused_room=paused_room,
        forced_verdict=forced_verdict,
        agents=agents,
        relayed=relayed,
        unsealed=unsealed,
    )
    if not isinstance(study, Study) or scheduler is not None:
        path = study.path if isinstance(study, Study) else Path(study)
        task = DatingTask(path=path, clock=on, rule=rule, witness=kind, inclusion=asked)
        return reduce_all(task, scheduler)
    return date(include(study, asked), on, rule, kind=kind)
