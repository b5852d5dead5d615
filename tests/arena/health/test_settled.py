"""Nothing is passed over that commits after an event with a later id."""

import threading

import pytest
from django.db import connection, transaction

from arena.health import Counter, MachineFigures
from arena.models import Event, MachineHealth
from tests.kit.calls import call, log
from tests.kit.factories import MadeRoom, make_rooms
from tests.kit.pages import machine


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_what_commits_after_a_later_id_is_counted_too() -> None:
    slow, fast = make_rooms(2)
    counter = Counter()
    counter.count_all()
    log(slow, call())
    [late] = Event.objects.filter(room=slow.room, kind="machine_call").values()
    began, may_commit = threading.Event(), threading.Event()
    writer = threading.Thread(target=_copy_slowly, args=(late, slow, began, may_commit))
    writer.start()
    assert began.wait(60)
    log(fast, call())  # a later id, committed first
    for _ in range(3):
        counter.count_all()
    may_commit.set()
    writer.join()
    counter.count_all()
    counter.count_all()  # the first look after the other transaction ended takes a new mark
    found = MachineHealth.objects.get(profile=machine(slow).profile)
    assert MachineFigures.from_json(found.all_rooms).n_calls == 3


def _copy_slowly(
    late: dict[str, object], made: MadeRoom, began: threading.Event, go: threading.Event
) -> None:
    """Store one more call of a room in a transaction that takes its time."""
    copied = {**late, "seq": 9_000, "public_id": f"late-{made.code}", "command_id": None}
    del copied["id"]
    with transaction.atomic():
        Event.objects.bulk_create([Event(**copied)])
        began.set()
        assert go.wait(60)
    connection.close()
