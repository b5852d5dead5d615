"""The host's pages: studies, rooms, and a host's actions. Blind while a room is live."""

import dataclasses
import functools
from collections.abc import Mapping

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from arena import clock, errors, queries, services
from arena.models import Room, Study
from arena.rules import Phase
from arena.studies.design import UnsealedRule
from arena.web import acts, news
from arena.web.forms import ReasonForm, RoomFilterForm, SureReasonForm
from arena.web.views.access import host_page, room_or_404, study_or_404

#: What a page shows at most; the rest is on the pages after it.
STUDIES_PER_PAGE = ROOMS_PER_PAGE = 50
LINES_PER_PAGE = 100
HELP_REQUESTS = 20


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
                "name, the time and your reason for ever, and the export shows them. The report "
                "names the room; the study's rule says whether the analysis leaves it out."
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
    """The studies on this site, with how far their rooms are."""
    page = Paginator(queries.studies(), STUDIES_PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.study_rows(page.object_list)
    context = {
        "page": page,
        "rows": rows,
        "version": news.version(rows, page.paginator.count),
    }
    return news.part_or_page(
        request, context, page="arena/host/studies.html", part="arena/host/_studies.html"
    )


@require_safe
@host_page
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """The rooms of a study, their state and the links still to be handed out."""
    found = study_or_404(slug)
    form = RoomFilterForm(request.GET or None)
    rooms = queries.rooms_of(found, **form.wanted())
    page = Paginator(rooms, ROOMS_PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.room_rows(page.object_list)
    n_waiting_for_help = queries.rooms_of(found, asked_for_help=True).count()
    machines = _machines_context(found)
    kept = request.GET.copy()
    for name in ("page", news.SINCE):
        kept.pop(name, None)
    context = {
        "study": found,
        "page": page,
        "rows": rows,
        "form": form,
        "n_waiting_for_help": n_waiting_for_help,
        "is_filtered": any(kept.values()),
        "query": kept.urlencode(),
        "join_root": _join_root(request),
        "has_attendance": queries.study_file(found).attendance is not None,
        # Asked for by the page alone, not by its news.
        "unanswering": functools.partial(queries.unanswering_machines, found),
        **machines,
        "version": news.version(rows, page.paginator.count, n_waiting_for_help),
    }
    return news.part_or_page(
        request, context, page="arena/host/study.html", part="arena/host/_rooms.html"
    )


@require_safe
@host_page
def machines(request: HttpRequest, slug: str) -> HttpResponse:
    """How the machines of a study fare, summed over its rooms."""
    found = study_or_404(slug)
    context = _machines_context(found)
    return news.part_or_page(
        request,
        {"study": found, "version": context["machines_version"], **context},
        page="arena/host/machines.html",
        part="arena/host/_machines_news.html",
    )


def _machines_context(found: Study) -> dict[str, object]:
    rows = queries.machine_rows(found, clock.now())
    return {"machines": rows, "machines_version": news.version(rows)}


def _join_root(request: HttpRequest) -> str:
    """The address before the token, so that a template can show whole invitation links."""
    return request.build_absolute_uri(reverse("arena:join", args=["x"]))[: -len("x/")]


@require_safe
@host_page
def room(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """One room as its interrogator sees it, and what the host can do about it."""
    found = room_or_404(slug, code)
    context = _room_context(request, found, before=request.GET.get("before", ""))
    return news.part_or_page(
        request, context, page="arena/host/room.html", part="arena/host/_room.html"
    )


def _room_context(
    request: HttpRequest, found: Room, *, before: str = "", bound: ReasonForm | None = None
) -> dict[str, object]:
    transcript = queries.host_transcript(found, limit=LINES_PER_PAGE, before=before)
    if transcript is None:
        raise Http404
    assignment = queries.assignment(found)
    state = {
        "row": queries.room_row(found),
        "attendance": queries.attendance_rows(found, unsealed=assignment is not None),
        "assignment": assignment,
        "unsealings": queries.unsealings(found),
        "help_requests": queries.help_requests(found, limit=HELP_REQUESTS),
    }
    n_erased = str(queries.n_erased(found))
    last = transcript.lines[-1].id if transcript.lines else ""
    done = {"unseal"} if state["unsealings"] else set()
    open_actions = [
        action
        for action in ACTIONS.values()
        if found.phase in action.phases and action.name not in done
    ]
    return {
        **state,
        "study": found.study,
        "room": found,
        "is_left_out": queries.study_file(found).unsealed == UnsealedRule.EXCLUDE,
        "version": ".".join((last, n_erased, news.version(state))),
        "before": before,
        "is_earlier": transcript.earlier,
        "lines": transcript.lines,
        "newer": _newer(request.GET.get(news.SINCE, ""), n_erased, transcript.lines),
        "actions": [(action, _form(action, bound)) for action in open_actions],
        "join_root": _join_root(request),
    }


def _newer(
    had: str, n_erased: str, lines: list[queries.TranscriptLine]
) -> list[queries.TranscriptLine] | None:
    """The lines that an open page of this version lacks; None if it must forget those it has."""
    last, erased, *_ = [*had.split("."), ""]
    ids = [line.id for line in lines]
    if erased != n_erased or last not in ids:
        return None
    return lines[ids.index(last) + 1 :]


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
        context = _room_context(request, found, bound=form)
        context["page_address"] = reverse("arena:host-room", args=[slug, code])
        return render(request, "arena/host/room.html", context, status=422)
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
