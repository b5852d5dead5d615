"""A study's machines asked a few questions, by a process of its own, before people are invited."""

import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from arena import queries, results
from arena.web import news
from arena.web.views.access import host_page, study_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@host_page
def trial(request: HttpRequest, slug: str) -> HttpResponse:
    """What the machines answered last; POST has them asked again."""
    study = study_or_404(slug)
    if request.method == "POST":
        results.start(study, results.ResultKind.TRIAL)
        return redirect("arena:host-trial", slug=slug)
    state = results.state(study, results.ResultKind.TRIAL, queries.material(study))
    machines = queries.tried_machines(study)
    context = {
        "study": study,
        "state": state,
        "machines": machines,
        "is_tried": any(machine.last for machine in machines),
        "version": news.version(state.running, state.failed, machines),
    }
    return news.part_or_page(
        request, context, page="arena/host/trial.html", part="arena/host/_trial.html"
    )


@require_safe
@host_page
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that was sent and answered, as `machine try --json` prints it."""
    machines = queries.tried_machines(study_or_404(slug))
    profiles = [json.loads(machine.report) for machine in machines if machine.report]
    ok = all(profile["ok"] for profile in profiles)
    found = {"format": queries.TRIAL_FORMAT, "ok": ok, "profiles": profiles}
    name = f'attachment; filename="{slug}-trial.json"'
    return JsonResponse(
        found, json_dumps_params={"indent": 2}, headers={"Content-Disposition": name}
    )
