"""The page after a room: who was who, what the other side saw, the seal, the exit questions."""

import dataclasses
import datetime as dt

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from arena import queries, services
from arena.models import Seat
from arena.rules import Format, panes
from arena.services.debriefing import is_over
from arena.web.forms import ExitForm
from arena.web.views.access import form_status, seat_page, sent

#: How many messages are shown at a time, of both panes together.
LINES_PER_PAGE = 200


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of a debrief's transcript, from its reader's point of view."""

    at: dt.datetime
    who: str
    text: str
    is_mine: bool


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PaneTranscript:
    """One witness's conversation, as that witness saw it."""

    heading: str
    lines: list[Said]


@require_http_methods(["GET", "HEAD", "POST"])
@seat_page
def debrief(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Explain a room that has ended; a room that has not is refused."""
    if not is_over(seat, seat.room):
        return render(request, "arena/not_yet.html", {"room": seat.room}, status=409)
    shown = queries.debrief(seat)
    form = ExitForm(sent(request), questions=shown.questions)
    if not shown.answered and form.is_valid():
        services.answer_exit(seat, answers=form.answers())
        return redirect(f"{request.path}#questions")
    page = Paginator(shown.other_side, LINES_PER_PAGE).get_page(request.GET.get("page"))
    lines = [queries.line(event) for event in page.object_list]
    context = {
        "room": seat.room,
        "page": page,
        "study": queries.study_file(seat.room),
        "shown": shown,
        "reveal": _reveal(shown, seat),
        "verdict": _verdict(shown),
        "panes": [
            _pane(shown, seat, name=name, said=[line for line in lines if line.pane == name])
            for name in panes(Format(shown.format))
        ],
        "form": form,
    }
    return render(request, "arena/debrief.html", context, status=form_status(form))


def _reveal(shown: queries.Debrief, seat: Seat) -> str:
    """Who was who in one sentence, from this seat's point of view; empty if not revealed."""
    if shown.human is None:
        return ""
    if isinstance(shown.human, bool):
        kind = "a human" if shown.human else "a machine"
        return f"The witness was {kind}." if seat.is_interrogator else f"You were {kind}."
    machine = "B" if shown.human == "A" else "A"
    if seat.is_interrogator:
        return f"{shown.human} was the human. {machine} was the machine."
    return f"You were witness {shown.human}. The machine was witness {machine}."


def _verdict(shown: queries.Debrief) -> str:
    """The interrogator's own verdict in one sentence."""
    if shown.my_verdict is None:
        return ""
    human = shown.my_verdict.human
    if isinstance(human, bool):
        return f"You decided that the witness was {'a human' if human else 'a machine'}"
    return f"You decided that {human} was the human"


def _pane(
    shown: queries.Debrief, seat: Seat, *, name: str, said: list[queries.TranscriptLine]
) -> PaneTranscript:
    kind = _kind(shown, name)
    lines = [_said(line, seat, kind=kind) for line in said]
    mine = not seat.is_interrogator and seat.name == name
    label = "The witness" if isinstance(shown.human, bool) else f"Witness {name}"
    return PaneTranscript(heading=f"{label}, {'you' if mine else f'the {kind}'}", lines=lines)


def _kind(shown: queries.Debrief, name: str) -> str:
    is_human = shown.human if isinstance(shown.human, bool) else shown.human == name
    return "human" if is_human else "machine"


def _said(line: queries.TranscriptLine, seat: Seat, *, kind: str) -> Said:
    is_mine = line.who == seat.name
    if is_mine:
        who = "You"
    elif line.who == "interrogator":
        who = "Interrogator"
    else:
        who = f"Witness {line.who}, the {kind}"
    return Said(at=line.at, who=who, text=line.text, is_mine=is_mine)
