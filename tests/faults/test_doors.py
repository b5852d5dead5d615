"""A door that is passed, and whose answer is lost: on the way, or between database and server."""

from collections.abc import Callable

import pytest

from tests.kit.doors import DOORS, Door, said
from tests.kit.lost_commits import lost_commit_reply


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_lost_commit_reply_of_a_form_is_made_up_for(door: Callable[[], Door]) -> None:
    here, undisturbed = door(), door()
    with lost_commit_reply():
        answer = here.send(here.filled_in())
    assert here.n_done() == 1
    like = undisturbed.send(undisturbed.filled_in())
    assert [text.replace(here.made.code, "CODE") for text in said(answer)] == [
        text.replace(undisturbed.made.code, "CODE") for text in said(like)
    ]
