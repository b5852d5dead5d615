"""Studies, and the frozen designs they follow."""

import functools
import json
from dataclasses import dataclass

from django.db.models import Count, Sum

from arena.errors import StudyUnknown
from arena.events import LiveRoom
from arena.models import Event, Room, Study
from arena.rules import Phase
from arena.studies.design import StudyFile


@functools.lru_cache(maxsize=256)
def _study_file(study_id: int) -> StudyFile:
    return StudyFile.from_config(json.loads(Study.objects.get(id=study_id).config))


def study_file(room_or_study: Room | LiveRoom | Study) -> StudyFile:
    """The frozen design that a room follows (a study never changes, so it is read once)."""
    if isinstance(room_or_study, Study):
        return _study_file(room_or_study.id)
    return _study_file(room_or_study.study_id)


def study(slug: str) -> Study:
    try:
        return Study.objects.get(slug=slug)
    except Study.DoesNotExist:
        known = list(Study.objects.order_by("slug").values_list("slug", flat=True))
        raise StudyUnknown(slug, known) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What an export or a report of a study is made of, told apart without reading a log."""

    n_rooms: int
    n_ended: int
    n_events: int  # of the ended rooms
    n_erased: int  # of those


def material(study: Study) -> Material:
    """What there is now."""
    rooms = Room.objects.filter(study=study).order_by()
    ended = rooms.filter(phase=Phase.ENDED).aggregate(n=Count("id"), n_events=Sum("last_seq"))
    erased = Event.objects.filter(
        room__study=study, room__phase=Phase.ENDED, body__isnull=True
    ).order_by()
    return Material(
        n_rooms=rooms.count(),
        n_ended=ended["n"],
        n_events=ended["n_events"] or 0,
        n_erased=erased.count(),
    )
