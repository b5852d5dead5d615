"""Studies, and the frozen designs they follow."""

import functools
import json

from arena.errors import StudyUnknown
from arena.events import LiveRoom
from arena.models import Room, Study
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
