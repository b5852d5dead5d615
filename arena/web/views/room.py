"""A seat's own pages while its room lives: the room itself, help, leaving for good."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from arena import clock, services
from arena.models import Seat
from arena.protocol.frames import iso_s
from arena.queries import study_file
from arena.queries.attendance import last_words_at
from arena.services.debriefing import is_over
from arena.studies.design import StudyFile
from arena.studies.witness_input import Pasting, Recording
from arena.web import acts
from arena.web.forms import HelpForm, WithdrawForm
from arena.web.views.access import form_status, seat_page, sent


@require_safe
@seat_page
def room(request: HttpRequest, seat: Seat) -> HttpResponse:
    """The room page; everything that moves on it comes over the socket."""
    study = study_file(seat.room)
    config = room_config(seat, study)
    return render(request, "arena/room.html", {"room_config": config, "study": study})


def room_config(seat: Seat, study: StudyFile) -> dict[str, object]:
    """The configuration of the page's script: per room, only code and seal differ."""
    code = seat.room.code
    strategies = study.strategies if seat.is_interrogator else ()
    return {
        "code": code,
        "seat": seat.label,
        "format": study.format,
        "title": study.title,
        "duration_s": study.duration_s,
        "message_chars": study.message_chars,
        "belief_every_s": study.belief_every_s if seat.is_interrogator else None,
        "strategies": [
            {"id": each.id, "label": each.label, "meaning": each.meaning} for each in strategies
        ],
        "contact": study.contact,
        "simulated": study.simulated,
        "ws_path": f"/ws/room/{code}/",
        "debrief_path": reverse("arena:debrief", args=[code]),
        "help_path": reverse("arena:help", args=[code]),
        "withdraw_path": reverse("arena:withdraw", args=[code]),
        "seal": seat.room.seal,
        **_writing(seat, study),
        **_attendance(seat, study),
    }


def _writing(seat: Seat, study: StudyFile) -> dict[str, object]:
    """How a witness may write, and whether that is recorded; of an interrogator nothing ever is."""
    if seat.is_interrogator:
        return {}
    given = study.witness_input
    return {
        "may_paste": given.pasting == Pasting.ALLOW,
        "records_typing": given.typing == Recording.RECORD,
    }


def _attendance(seat: Seat, study: StudyFile) -> dict[str, object]:
    """What a long room asks of this seat, and its state; empty in other studies."""
    asked = study.attendance
    if asked is None:
        return {}
    away_until = seat.away_until
    is_away = away_until is not None and away_until > clock.now()
    said_at = last_words_at(seat.room, seat) if seat.room.started_at else None
    return {
        "settings_path": reverse("arena:settings", args=[seat.room.code]),
        "cadence_s": asked.cadence_s,
        "last_words_at": None if said_at is None else iso_s(said_at),
        "away_until": iso_s(away_until) if away_until and is_away else None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@seat_page
def ask_for_help(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Name the study's contact and take a request for help to the host."""
    form = HelpForm(sent(request))
    if form.is_valid():
        text = form.cleaned_data["text"]
        services.ask_for_help(seat, text=text, command_id=acts.command_id(request))
        return redirect(f"{request.path}?sent=yes")
    context = {
        "room": seat.room,
        "form": form,
        "contact": study_file(seat.room).contact,
        "sent": "sent" in request.GET,
    }
    return render(request, "arena/help.html", context, status=form_status(form))


@require_http_methods(["GET", "HEAD", "POST"])
@seat_page
def withdraw(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Leave for good, keeping or erasing one's words; after the end, erase them."""
    command_id = acts.command_id(request)
    # A room that this very form has ended is not over for it.
    has_ended = is_over(seat, seat.room) and not services.has_done(seat, command_id)
    form = WithdrawForm(sent(request), has_ended=has_ended)
    if form.is_valid():
        services.withdraw(seat, erase=form.wants_erasure, command_id=command_id)
        return redirect(f"{request.path}?done={form.cleaned_data['choice']}")
    context = {
        "room": seat.room,
        "form": form,
        "contact": study_file(seat.room).contact,
        "has_ended": has_ended,
        "done": request.GET.get("done", "") if has_ended else "",
    }
    return render(request, "arena/withdraw.html", context, status=form_status(form))
