"""Study files as commands are given them: read and checked, problems as the command's own error."""

from pathlib import Path

from django.core.management.base import CommandError

from arena.studies.design import StudyFile
from arena.studies.file import parse
from arena.studies.yaml import StudyFileError, format_problems


def read_text(file: Path) -> str:
    """The text of a study file."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} is not UTF-8 text; save it as UTF-8.") from None


def read_study(file: Path) -> StudyFile:
    """The design of a study file."""
    try:
        return parse(read_text(file))
    except StudyFileError as error:
        raise CommandError(format_problems(error.problems, str(file))) from None
