"""What leaves a study: the report page and the export, both of ended rooms only."""

import logging
import pathlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST, require_safe

from arena.models import Study
from arena.rules import Phase
from arena.web.views.access import host_page, study_or_404

logger = logging.getLogger(__name__)

CHUNK = 64 * 1024


@require_safe
@host_page
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """The study's report and the way to its export, over the rooms that have ended."""
    study = study_or_404(slug)
    n_ended = _n_ended(study)
    context = {"study": study, "n_ended": n_ended, "n_open": study.rooms.count() - n_ended}
    if n_ended:
        context["report"] = _report(study)
    return render(request, "arena/host/report.html", context)


def _n_ended(study: Study) -> int:
    return study.rooms.filter(phase=Phase.ENDED).count()


def _report(study: Study) -> str:
    """The report as a piece of this page; empty where the rooms do not allow one."""
    # pandas and matplotlib: seconds that no other page should pay for.
    import analysis.errors
    from analysis.report.render import render
    from arena import export

    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory) / study.slug
        export.write(study, out)
        try:
            # Made from an export and escaped by its own template.
            return mark_safe(render(out, embedded=True))
        except analysis.errors.DataError:
            logger.exception("The report of study %s could not be made.", study.slug)
            return ""


@require_POST
@host_page
def download(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The export as one .zip, streamed."""
    from arena import export

    study = study_or_404(slug)
    if not _n_ended(study):
        return redirect("arena:host-report", slug=slug)
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory) / study.slug
        export.write(study, out)
        archive = shutil.make_archive(str(out), "zip", root_dir=directory, base_dir=study.slug)
        file = open(archive, "rb")  # noqa: SIM115 -- outlives its directory, closed when sent
    response = StreamingHttpResponse(_chunks(request, file), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{study.slug}.zip"'
    return response


def _chunks(request: HttpRequest, file: BinaryIO) -> Iterator[bytes] | AsyncIterator[bytes]:
    # An ASGI server would first gather a plain iterator in memory.
    return _read_async(file) if hasattr(request, "scope") else _read(file)


def _read(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk


async def _read_async(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
