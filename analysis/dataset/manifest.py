"""MANIFEST.json: what an export holds, each file with its size and SHA-256."""

import hashlib
import json
from pathlib import Path

from analysis.dataset.schema import FORMAT_VERSION


def write_manifest(out: Path) -> None:
    """Write MANIFEST.json: SHA-256 and size of every other file."""
    files = {
        file.relative_to(out).as_posix(): {
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "bytes": file.stat().st_size,
        }
        for file in sorted(out.rglob("*"))
        if file.is_file() and file.name != "MANIFEST.json"
    }
    write_json(out / "MANIFEST.json", {"format_version": FORMAT_VERSION, "files": files})


def write_json(path: Path, value: object) -> None:
    """Write a value as the JSON files of an export are written."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
