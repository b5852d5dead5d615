"""The files of an export, whether it is a directory or a .zip of one. Reads, never writes."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from analysis.errors import DataError

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An export at a path; `names` are its files, without the folder a .zip may put them in."""

    path: Path
    names: frozenset[str]
    folder: str | None  # inside the .zip; None for a directory

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open one file for reading bytes."""
        if self.folder is None:
            with (self.path / name).open("rb") as stream:
                yield stream
            return
        with (
            zipfile.ZipFile(self.path) as archive,
            archive.open(self.folder + name) as member,
            # Text readers and checksums want a real buffer; members of a .zip are not.
            io.BufferedReader(member, _CHUNK) as buffer,  # type: ignore[type-var]
        ):
            yield buffer

    def read(self, name: str) -> bytes:
        """Read one file whole."""
        with self.open(name) as stream:
            return stream.read()


def open_package(path: Path) -> Package:
    """Find the files of an export; DataError if there is none at `path`."""
    if path.is_dir():
        files = (file for file in path.rglob("*") if file.is_file())
        names = frozenset(file.relative_to(path).as_posix() for file in files)
        package = Package(path=path, names=names, folder=None)
    elif path.is_file() and zipfile.is_zipfile(path):
        package = _open_zip(path)
    else:
        raise DataError(
            (f"{path} is neither a directory nor a .zip file; give the path of an export.",)
        )
    if "study.json" not in package.names:
        raise DataError(
            (f"{path} holds no study.json; give the directory or .zip that an export wrote.",)
        )
    return package


def _open_zip(path: Path) -> Package:
    with zipfile.ZipFile(path) as archive:
        files = [name for name in archive.namelist() if not name.endswith("/")]
    homes = [name.removesuffix("study.json") for name in files if name.endswith("study.json")]
    folder = min(homes, key=len, default="")
    names = frozenset(name.removeprefix(folder) for name in files if name.startswith(folder))
    return Package(path=path, names=names, folder=folder)
