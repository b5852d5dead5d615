"""A host is told that a machine fails, and nothing that grows with its answers in a live room."""

import datetime as dt

import pytest

from arena import clock, queries
from arena.health import MachineState, alarms
from arena.queries import MachineRow, ServerMachineRow
from tests.kit.calls import call, count, failed, forget_others, log, silence
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.pages import decide, make_ready
from tests.kit.people import openai


def row(made: MadeRoom) -> MachineRow:
    """What the host is shown of the study's machine, after a look at the log."""
    count()
    alarms.update(clock.now())
    [found] = queries.machine_rows(made.study, clock.now())
    return found


def server_row(made: MadeRoom, *, after: dt.timedelta = dt.timedelta(0)) -> ServerMachineRow:
    count()
    rows = queries.machines_in_use(clock.now() + after)
    [found] = [each for each in rows if each.study == made.study.slug]
    return found


def test_nothing_that_a_machine_does_well_in_a_live_room_is_shown() -> None:
    made = make_room()
    make_ready(made)
    before = row(made)
    for _ in range(3):
        log(made, call(), failed(), call(), call("objected"), call())
        assert row(made) == before
    decide(made, "A")
    assert row(made).figures.n_calls == 15


def test_of_a_failing_machine_a_host_is_shown_what_to_do_to_the_minute() -> None:
    calm, troubled = make_rooms(2)
    for made in (calm, troubled):
        make_ready(made)
    log(troubled, failed(), failed("no_key", "The variable X is not set. Set it."))
    shown = row(calm)
    assert (shown.state, shown.failure) == (MachineState.FAILING, "no_key")
    assert shown.sentence == "The variable X is not set. Set it."
    for moment in (shown.since, shown.last_at):
        assert moment is not None and moment.second == moment.microsecond == 0
    # A good call does not show: what came next in a pane would be the machine's.
    log(troubled, call())
    assert row(calm) == shown


def test_a_missing_key_is_known_before_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    made = make_room(machines=openai("some-model"))
    [found] = queries.machine_rows(made.study, clock.now())
    assert (found.state, found.missing_key) == (MachineState.NEVER_CALLED, "OPENAI_API_KEY")
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    assert queries.machine_rows(made.study, clock.now())[0].missing_key is None


def test_studies_with_a_failing_machine_are_marked() -> None:
    well, ill = make_room(), make_room()
    for made in (well, ill):
        make_ready(made)
    log(well, call())
    log(ill, failed(), failed())
    row(ill)
    assert queries.failing_studies([well.study, ill.study]) == {ill.study.id}
    marked = {each.slug: each.machine_fails for each in queries.study_rows([well.study, ill.study])}
    assert marked == {well.study.slug: False, ill.study.slug: True}
    forget_others()


def test_an_administrator_is_told_everything_of_studies_in_use() -> None:
    made = make_room()
    assert server_row(made).state == MachineState.NEVER_CALLED
    make_ready(made)
    log(made, call(), failed("timeout"), silence("timeout"), call())
    found = server_row(made)
    assert (found.figures.n_calls, found.figures.n_unanswered) == (3, 1)
    assert found.unanswered_at is not None
    decide(made, "A")
    assert made.study.slug not in {each.study for each in queries.machines_in_use(clock.now())}


def test_an_administrator_is_told_though_no_server_runs() -> None:
    made = make_room()
    make_ready(made)
    log(made, failed())
    assert server_row(made).since is None
    log(made, failed())
    found = server_row(made, after=dt.timedelta(hours=3))
    assert (found.state, found.failure) == (MachineState.DOWN, "unavailable")
