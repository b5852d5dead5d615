"""What leaves a study: its report and its export, made of ended rooms by processes of their own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from arena import queries, results
from arena.web import news
from arena.web.views.access import host_page, study_or_404

CHUNK = 256 * 1024
#: Where the page of a report has its report.
_HERE = b"<!-- the report -->"


@require_http_methods(["GET", "HEAD", "POST"])
@host_page
def report(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The study's report and the way to its export; POST has the report made."""
    if request.method == "POST":
        return _start(slug, results.ResultKind.REPORT)
    study = study_or_404(slug)
    material = queries.material(study)
    of_rooms = (results.ResultKind.REPORT, results.ResultKind.EXPORT)
    made = {kind: results.state(study, kind, material) for kind in of_rooms}
    shown = made[results.ResultKind.REPORT].result
    name = shown.path.stem if shown is not None else ""
    context = {
        "study": study,
        "material": material,
        "n_open": material.n_rooms - material.n_ended,
        "report": made[results.ResultKind.REPORT],
        "export": made[results.ResultKind.EXPORT],
        "here": _HERE.decode(),
        # An open page has the report that its version names.
        "is_other_report": request.GET.get(news.SINCE, name).partition(".")[0] != name,
        "version": f"{name}.{news.version(material, made)}",
    }
    page = news.part_or_page(
        request, context, page="arena/host/report.html", part="arena/host/_results.html"
    )
    if shown is None or news.SINCE in request.GET:
        return page
    return _with_report(request, page, shown)


@require_http_methods(["GET", "HEAD", "POST"])
@host_page
def export(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The kept export as one .zip, streamed; POST has it made."""
    if request.method == "POST":
        return _start(slug, results.ResultKind.EXPORT)
    study = study_or_404(slug)
    kept = results.state(study, results.ResultKind.EXPORT, queries.material(study)).result
    file = _opened(kept)
    if kept is None or file is None:
        # Pruned since the page was opened, which says so.
        return redirect("arena:host-report", slug=slug)
    response = StreamingHttpResponse(
        _streamed(request, file),
        content_type="application/zip",
        headers={"Content-Length": kept.n_bytes},
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{study.slug}.zip"'
    return response


def _start(slug: str, kind: results.ResultKind) -> HttpResponse:
    study = study_or_404(slug)
    if queries.material(study).n_ended:
        results.start(study, kind)
    return redirect("arena:host-report", slug=slug)


def _opened(kept: results.KeptFile | None) -> BinaryIO | None:
    try:
        return None if kept is None else kept.path.open("rb")
    except FileNotFoundError:
        return None


def _with_report(
    request: HttpRequest, page: HttpResponse, kept: results.KeptFile
) -> HttpResponseBase:
    """The page with the report in its place, which is never in memory as a whole."""
    file = _opened(kept)
    if file is None:
        return page
    before, _, after = page.content.partition(_HERE)
    return StreamingHttpResponse(_streamed(request, file, before=before, after=after))


def _streamed(
    request: HttpRequest, file: BinaryIO, *, before: bytes = b"", after: bytes = b""
) -> Iterator[bytes] | AsyncIterator[bytes]:
    # An ASGI server would first gather a plain iterator in memory.
    parts = _read_async if hasattr(request, "scope") else _read
    return parts(file, before, after)


def _read(file: BinaryIO, before: bytes, after: bytes) -> Iterator[bytes]:
    with file:
        yield before
        while chunk := file.read(CHUNK):
            yield chunk
        yield after


async def _read_async(file: BinaryIO, before: bytes, after: bytes) -> AsyncIterator[bytes]:
    with file:
        yield before
        # The loop of this process holds the sockets: it does not wait for a disk.
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
        yield after
