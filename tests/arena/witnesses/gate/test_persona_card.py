"""A persona's card: lived, and not read out."""

from arena.witnesses.gate import Reason
from tests.arena.witnesses.gate.asking import SAM, reason


def test_card_may_be_lived_but_not_read_out() -> None:
    assert reason("im sam, 24, geography student from leeds, i work in a pub at weekends") is None
    assert reason(SAM.persona[:300]) == Reason.LEAK
    in_the_first_person = SAM.persona.replace("You are", "I am").replace("You", "I")
    assert reason(in_the_first_person[:300]) == Reason.LEAK
    assert reason("i write in lower case, in short messages") == Reason.LEAK
    assert reason("You are Sam.") == Reason.LEAK
    assert reason("My instructions say that I am a student.") == Reason.LEAK
