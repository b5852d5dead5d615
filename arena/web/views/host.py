"""The host's pages: studies, rooms, and a host's actions. Blind while a room is live."""

import dataclasses
from collections.abc import Mapping

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from arena import errors, queries, services
from arena.models import Room
from arena.rules import Phase
from arena.web import acts
from arena.web.forms import ReasonForm, RoomFilterForm, SureReasonForm
from arena.web.views.access import host_page, room_or_404, study_or_404

ROOMS_PER_PAGE = 50


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something a host can do to a room, and the words for it."""

    name: str
    label: str
    explanation: str
    done: str
    phases: frozenset[Phase]
    sure: bool = False

    def form(self, data: Mapping[str, object] | None = None) -> ReasonForm:
        kind = SureReasonForm if self.sure else ReasonForm
        return kind(data, prefix=self.name)


ACTIVE = frozenset({Phase.LOBBY, Phase.LIVE, Phase.PAUSED})
ACTIONS = {
    action.name: action
    for action in (
        Action(
            name="pause",
            label="Pause the room",
            explanation="Nobody can send anything until you resume it. The clock stops.",
            done="The room is paused.",
            phases=frozenset({Phase.LIVE}),
        ),
        Action(
            name="resume",
            label="Resume the room",
            explanation="The clock goes on where it stopped.",
            done="The room goes on.",
            phases=frozenset({Phase.PAUSED}),
        ),
        Action(
            name="end",
            label="End the room",
            explanation=(
                "The room ends for everybody, with the same neutral words on every side, and "
                "counts as a technical end. It cannot be opened again."
            ),
            done="The room has ended.",
            phases=ACTIVE,
            sure=True,
        ),
        Action(
            name="unseal",
            label="Unseal the assignment",
            explanation=(
                "You will see who is who while the room is still running. The log keeps your "
                "name, the time and your reason for ever, and the export shows them: a room "
                "unsealed early may have to be left out of the analysis."
            ),
            done="The assignment is unsealed. The log says so.",
            phases=ACTIVE,
            sure=True,
        ),
    )
}


@require_safe
@host_page
def studies(request: HttpRequest) -> HttpResponse:
    """Every study on this site, with how far its rooms are."""
    return render(request, "arena/host/studies.html", {"rows": queries.study_rows()})


@require_safe
@host_page
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """The rooms of a study, their state and the links still to be handed out."""
    found = study_or_404(slug)
    form = RoomFilterForm(request.GET or None)
    rows = _filtered(queries.room_rows(found), form)
    page = Paginator(rows, ROOMS_PER_PAGE).get_page(request.GET.get("page"))
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "study": found,
        "page": page,
        "form": form,
        "n_waiting_for_help": sum(row.help_at is not None for row in rows),
        "is_filtered": bool(form.is_bound and any(kept.values())),
        "query": kept.urlencode(),
        "join_root": _join_root(request),
        "has_attendance": queries.study_file(found).attendance is not None,
    }
    return render(request, "arena/host/study.html", context)


def _filtered(rows: list[queries.RoomRow], form: RoomFilterForm) -> list[queries.RoomRow]:
    if not form.is_bound or not form.is_valid():
        return rows
    text, phase = form.cleaned_data["q"].lower(), form.cleaned_data["phase"]
    return [row for row in rows if text in row.code.lower() and phase in ("", row.phase)]


def _join_root(request: HttpRequest) -> str:
    """The address before the token, so that a template can show whole invitation links."""
    return request.build_absolute_uri(reverse("arena:join", args=["x"]))[: -len("x/")]


@require_safe
@host_page
def room(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One room as its interrogator sees it, and what the host can do about it."""
    return _room_page(request, room_or_404(slug, code))


def _room_page(
    request: HttpRequest, found: Room, *, bound: ReasonForm | None = None, status: int = 200
) -> HttpResponse:
    open_actions = [action for action in ACTIONS.values() if found.phase in action.phases]
    assignment = queries.assignment(found)
    context = {
        "study": found.study,
        "room": found,
        "row": queries.room_row(found),
        "attendance": queries.attendance_rows(found, unsealed=assignment is not None),
        "lines": queries.host_transcript(found),
        "assignment": assignment,
        "help_requests": queries.help_requests(found),
        "actions": [(action, _form(action, bound)) for action in open_actions],
        "join_root": _join_root(request),
    }
    return render(request, "arena/host/room.html", context, status=status)


def _form(action: Action, bound: ReasonForm | None) -> ReasonForm:
    return bound if bound is not None and bound.prefix == action.name else action.form()


@require_POST
@host_page
def act(request: HttpRequest, *, slug: str, code: str, action: str) -> HttpResponse:
    """Pause, resume, end or unseal a room, with a reason for its log."""
    found = room_or_404(slug, code)
    if action not in ACTIONS:
        raise Http404
    form = ACTIONS[action].form(request.POST)
    if form.is_valid():
        # Whatever the phase: it may be this very form that brought the room there.
        _do(request, found, action=action, reason=form.cleaned_data["reason"])
    elif found.phase in ACTIONS[action].phases:
        return _room_page(request, found, bound=form, status=422)
    else:
        messages.error(request, _too_late(found))
    return redirect("arena:host-room", slug=slug, code=code)


def _do(request: HttpRequest, found: Room, *, action: str, reason: str) -> None:
    service = {
        "pause": services.pause,
        "resume": services.resume,
        "end": services.end,
        "unseal": services.unseal,
    }[action]
    try:
        service(found, host=request.user, reason=reason, command_id=acts.command_id(request))
    except errors.ArenaError as error:
        is_offered = found.phase in ACTIONS[action].phases
        messages.error(request, str(error) if is_offered else _too_late(found))
    else:
        messages.success(request, ACTIONS[action].done)


def _too_late(found: Room) -> str:
    return f"The room is {found.phase} by now, so nothing was changed."


@require_POST
@host_page
def reissue(request: HttpRequest, *, slug: str, code: str, seat: str) -> HttpResponse:
    """Make a new link for a seat; the old link and the browser that used it lose the seat."""
    found = room_or_404(slug, code)
    # By label, never by a number: in a three-party room the numbers of seats tell A from B.
    match = [each for each in found.seats.all() if each.label == seat and each.token_hash]
    if not match or found.phase == Phase.ENDED:
        raise Http404
    services.reissue(match[0], command_id=acts.command_id(request))
    messages.success(request, f"The {seat} has a new link. The old one no longer works.")
    return redirect("arena:host-room", slug=slug, code=code)
