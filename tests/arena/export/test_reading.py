"""What a log is read for is what its kinds of event say of themselves."""

from analysis.dataset.derivation import ROW_OF
from arena.event_kinds import BODIES


def test_rows_are_made_of_the_kinds_that_are_exported() -> None:
    tables = {kind: body.exported_as for kind, body in BODIES.items() if body.exported_as}
    assert dict(ROW_OF) == tables
