"""The kinds of event: one class each, the stored form that they keep, and what goes by them."""

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.dataset import chain
from analysis.dataset.schema import TABLES
from arena import event_kinds
from arena.event_kinds import BODIES, Body, BodyMisfit, Erasure, SeenBy, Verdict
from arena.rules import EventKind
from tests.arena.event_kinds.stored import STORED, kind_of
from tests.kit.paths import ROOT


def _leaves(of: type[Body]) -> set[type[Body]]:
    """The classes in the package's namespace, with a kind of their own."""
    return {
        each
        for each in vars(event_kinds).values()
        if isinstance(each, type) and issubclass(each, of) and "kind" in vars(each)
    }


def test_every_kind_has_exactly_one_class() -> None:
    assert set(BODIES) == set(EventKind)
    assert sorted(each.kind for each in _leaves(Body)) == sorted(EventKind)
    assert {body.kind for body, _ in STORED} == set(EventKind)


@pytest.mark.parametrize(("body", "stored"), STORED, ids=kind_of)
def test_stored_form_never_changes(body: Body, stored: str) -> None:
    assert chain.canonical(body.stored()).decode() == stored
    assert BODIES[body.kind].from_stored(stored) == body


@pytest.mark.parametrize("kind", EventKind)
def test_stored_forms_show_every_field(kind: EventKind) -> None:
    """A field that no example holds could be stored in any way."""
    bodies = [body for body, _ in STORED if body.kind == kind]
    for field in dataclasses.fields(bodies[0]):  # type: ignore[arg-type]
        held = [getattr(body, field.name) for body in bodies]
        assert any(value != field.default for value in held), field.name


@given(
    human=st.booleans() | st.sampled_from("AB"),
    confidence=st.floats(0, 1),
    reason=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_what_is_stored_reads_back(human: bool | str, confidence: float, reason: str) -> None:
    verdict = Verdict(human=human, confidence=confidence, reason=reason)
    text = chain.canonical(verdict.stored()).decode()
    again = Verdict.from_stored(text)
    assert again == verdict and type(again.human) is type(human)
    assert chain.canonical(again.stored()).decode() == text


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"human":"A","reason":""}', "confidence"),
        ('{"human":7,"confidence":1.0,"reason":""}', "human"),
        ('{"human":"A","confidence":"1","reason":""}', "confidence"),
        ("[]", "its whole"),
        ("{", "its whole"),
    ],
)
def test_body_that_does_not_fit_is_named(text: str, field: str) -> None:
    with pytest.raises(BodyMisfit, match=f"Verdict: {field}"):
        Verdict.from_stored(text)


def test_body_that_could_not_be_read_back_is_not_stored() -> None:
    wrong = Verdict(human=7, confidence=1.0, reason="")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="human"):
        wrong.stored()


# What goes by the classes, and what is kept equal to them


def test_chain_knows_what_may_be_erased() -> None:
    erasable = event_kinds.kinds(lambda body: body.erasure != Erasure.NOBODY)
    assert erasable == chain.ERASABLE
    assert event_kinds.ERASED_WITH_ANY == chain.REMEMBERED


@pytest.mark.parametrize("body", BODIES.values(), ids=lambda body: body.kind)
def test_what_a_seat_is_shown_is_there(body: type[Body]) -> None:
    names = {field.name for field in dataclasses.fields(body)}  # type: ignore[arg-type]
    assert set(body.shown_fields) <= names
    assert body.seen_by != SeenBy.NOBODY or not (body.shown_fields or body.shown_as)


def test_exports_have_the_tables_that_kinds_name() -> None:
    named = [body.exported_as for body in BODIES.values() if body.exported_as is not None]
    assert set(named) <= set(TABLES) and len(named) == len(set(named))
    assert set(TABLES) - set(named) == {"rooms", "seats", "visits"}  # of the whole log


def test_room_page_knows_every_kind_that_a_seat_is_shown() -> None:
    [store] = (ROOT / "arena" / "static").rglob("store.js")
    text = store.read_text("utf-8")
    cases = text.partition("switch (event.kind) {")[2].partition("}\n")[0]
    # A message is no case of the switch: it goes into its pane's list.
    handled = set(re.findall(r'case "(\w+)"', cases)) | {"message"}
    assert 'event.kind === "message"' in text or 'event.kind !== "message"' in text
    shown = event_kinds.kinds(lambda body: body.seen_by != SeenBy.NOBODY)
    assert handled == {str(BODIES[kind].shown_as or kind) for kind in shown}
