"""Where an export goes: built next to its target and moved there whole, as a directory or .zip."""

import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from arena.errors import ArenaError

#: The oldest moment a .zip can hold: the same study gives the same bytes on any day.
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class ExportTargetTaken(ArenaError):
    code = "export.target_taken"

    def __init__(self, out: Path) -> None:
        super().__init__(
            f"There is something at {out} already. An export never overwrites anything: give a new "
            "path, or move what is there out of the way."
        )


class ExportFailed(ArenaError):
    code = "export.failed"

    def __init__(self, out: Path, why: str) -> None:
        super().__init__(
            f"{out} could not be written ({why}), and nothing was left there. Check that the path "
            "is writable and that the disk has room, then export again."
        )


@contextmanager
def placed(out: Path) -> Iterator[Path]:
    """Give a folder to fill; if that succeeds, put it (or a .zip of it) at `out` in one move."""
    out = out.absolute()
    if _is_taken(out):
        raise ExportTargetTaken(out)
    scratch = out.parent / f".{out.name}.{secrets.token_hex(6)}"
    folder = scratch / "export"
    try:
        folder.mkdir(parents=True)
        yield folder
        _move(_packed(folder) if out.suffix.lower() == ".zip" else folder, out)
    except OSError as error:
        raise ExportFailed(out, error.strerror or str(error)) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _is_taken(out: Path) -> bool:
    if out.is_dir():
        return out.suffix.lower() == ".zip" or any(out.iterdir())
    return out.is_symlink() or (out.exists() and out.stat().st_size > 0)


def _move(made: Path, out: Path) -> None:
    # Checked again: an export may take an hour, and the path may have been used meanwhile.
    if _is_taken(out):
        raise ExportTargetTaken(out)
    if made.is_dir() and out.is_file():
        out.unlink()
    made.replace(out)


def _packed(folder: Path) -> Path:
    """A .zip of the folder's files next to it: sorted names, fixed times, one mode."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            info = zipfile.ZipInfo(file.name, date_time=_ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system, info.external_attr = 3, 0o644 << 16
            info.file_size = file.stat().st_size
            with file.open("rb") as source, archive.open(info, "w") as member:
                shutil.copyfileobj(source, member, 1 << 20)
    return path
