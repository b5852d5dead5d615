"""A seat's settings in a long room: reminders, time zone, quiet hours, and time away."""

import datetime as dt
import smtplib
from collections.abc import Mapping

from django.contrib import messages
from django.core.cache import cache
from django.core.mail import get_connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from arena import clock
from arena.errors import AwayRefused
from arena.mail import letters
from arena.models import Seat
from arena.queries import study_file
from arena.queries.attendance import last_words_at, quiet_hours_of, zone_of
from arena.rules import Phase
from arena.services import seat_settings
from arena.services.debriefing import is_over
from arena.studies.design import Attendance
from arena.web import acts
from arena.web.settings_forms import AwayForm, SettingsForm
from arena.web.views.access import form_status, seat_page, sent

#: One test mail to a seat in this time, for an address may be a stranger's.
TEST_MAIL_WAIT_S = 10 * 60


@require_http_methods(["GET", "HEAD", "POST"])
@seat_page
def settings_page(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show a person's settings; store them when they are sent."""
    _asked(seat)
    form = SettingsForm(sent(request), initial=_initial(seat))
    if form.is_valid():
        seat_settings.store_settings(
            seat,
            email=form.cleaned_data["email"],
            time_zone=form.cleaned_data["time_zone"],
            quiet_hours=_own_quiet_hours(form, seat),
        )
        messages.success(request, "Your settings are stored.")
        return redirect(request.path)
    return _page(request, seat, form=form)


@require_POST
@seat_page
def away(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Start a person's time away."""
    _asked(seat)
    form = _away_form(seat, request.POST)
    if not form.is_valid():
        return _page(request, seat, away_form=form)
    try:
        seat_settings.begin_away(
            seat, until=form.cleaned_data["until"], command_id=acts.command_id(request)
        )
    except AwayRefused as error:
        form.add_error("until", str(error))
        return _page(request, seat, away_form=form)
    messages.success(request, "You are away. Nobody else in the room learns of it.")
    return redirect("arena:settings", code=seat.room.code)


@require_POST
@seat_page
def back(request: HttpRequest, seat: Seat) -> HttpResponse:
    """End a person's time away early."""
    _asked(seat)
    seat_settings.end_away(seat)
    messages.success(request, "Welcome back. What is left of your time away is kept.")
    return redirect("arena:settings", code=seat.room.code)


@require_POST
@seat_page
def test_mail(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Send a mail to the stored address, so that a typing error shows now and not in a week."""
    _asked(seat)
    person = seat.participant
    if person is None or not person.email:
        messages.error(request, "No address is stored. Write one and store it first.")
    elif not cache.add(f"test-mail:{seat.id}", 1, timeout=TEST_MAIL_WAIT_S):
        messages.error(request, "A test mail went out a moment ago. Wait ten minutes for another.")
    else:
        _send_test(request, seat, to=person.email)
    return redirect("arena:settings", code=seat.room.code)


def _send_test(request: HttpRequest, seat: Seat, *, to: str) -> None:
    try:
        get_connection().send_messages([letters.test(seat.room, to=to)])
    except (OSError, smtplib.SMTPException):
        messages.error(request, "The mail could not be sent. Check the address, or try later.")
    else:
        messages.success(request, f"A test mail is on its way to {to}.")


def _asked(seat: Seat) -> Attendance:
    """What the study asks of people; a study that asks nothing has no such page."""
    asked = study_file(seat.room).attendance
    if asked is None:
        raise Http404
    return asked


def _initial(seat: Seat) -> dict[str, object]:
    person = seat.person
    begins, _, ends = quiet_hours_of(seat.room, person).partition("-")
    return {
        "email": person.email,
        "time_zone": person.time_zone,
        "quiet_from": dt.time.fromisoformat(begins),
        "quiet_to": dt.time.fromisoformat(ends),
    }


def _own_quiet_hours(form: SettingsForm, seat: Seat) -> str:
    """The person's quiet hours, or "" if they are the study's: then each study's own apply."""
    return "" if form.quiet_hours == _asked(seat).quiet_hours else form.quiet_hours


def _away_form(seat: Seat, data: Mapping[str, object] | None = None) -> AwayForm:
    now = clock.now()
    latest = now + dt.timedelta(milliseconds=max(0, seat_settings.away_left_ms(seat, now)))
    return AwayForm(data, zone=zone_of(seat.participant), now=now, latest=latest)


def _page(
    request: HttpRequest,
    seat: Seat,
    *,
    form: SettingsForm | None = None,
    away_form: AwayForm | None = None,
) -> HttpResponse:
    asked, now = _asked(seat), clock.now()
    room, is_live = seat.room, not is_over(seat, seat.room)
    context = {
        "room": room,
        "study": study_file(room),
        "asked": asked,
        "form": form or SettingsForm(initial=_initial(seat)),
        "away_form": away_form or _away_form(seat),
        "can_be_away": is_live and room.phase != Phase.LOBBY and asked.pause_s > 0,
        "is_live": is_live,
        "away_until": seat.away_until if seat.away_until and seat.away_until > now else None,
        "away_left_s": seat_settings.away_left_ms(seat, now) // 1000,
        "last_words_at": last_words_at(room, seat) if room.started_at else None,
        "has_address": bool(seat.participant and seat.participant.email),
        "zone": zone_of(seat.participant).key,
    }
    bound = away_form or form
    return render(
        request, "arena/settings.html", context, status=form_status(bound) if bound else 200
    )
