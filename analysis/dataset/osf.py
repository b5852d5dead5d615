"""The published three-party data (osf.io/jk7bw, Jones and Bergen) in the frames of a study.

Nothing is left out unless asked for, and what is left out is counted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.dataset import osf_frames
from analysis.dataset.osf_tables import Released, read_release, truthy
from analysis.dataset.study import Study, contradictions
from analysis.errors import DataError

#: Time limits: of the games released with a table of verdicts, and of those without one.
DURATION_S, LONG_DURATION_S = 300, 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclude:
    """Which games are left out, in this order. The values are those the authors describe.

    Applied to the release they leave other numbers than the paper's 1,023 games, which come from
    the authors' notebooks: quote the flow table, not the paper.
    """

    unprofiled: bool = True  # the interrogator has no row in tt_profile
    aware: bool = True  # the interrogator knew of the experiment
    min_messages: int = 2  # in each of the two conversations
    max_duration_s: float | None = None  # from the start to the verdict


#: Leaves out test games and nothing else.
NOTHING = Exclude(unprofiled=False, aware=False, min_messages=0)


def load_osf(
    path: str | Path, *, exclude: Exclude = NOTHING, duration_s: int | None = None
) -> Study:
    """Read a folder of the published three-party data into the same frames as `load`.

    A participant is the person (`user_id`), not the seat of one game; the human witness of each
    room is a person too, who often interrogates elsewhere, so rows are clustered twice.

    Parameters
    ----------
    path : str or Path
        The folder with the ``tt_*.csv`` tables: ``data`` (5-minute games), or ``15_mins``, whose
        verdicts are taken from the transcripts.
    exclude : Exclude
        Games to leave out; none but test games by default. ``exclusions_osf(study)`` counts them.
    duration_s : int, optional
        The time limit; 300, or 900 in a folder without a table of verdicts.

    Returns
    -------
    Study
        Rooms start when the game was made (or with its first message, if that is earlier) and end
        with the verdict. Confidence is released from -100 (surely A) to 100 (surely B), and becomes
        the probability of the choice, ``0.5 + abs(c) / 200``. Of two verdicts on a game the one
        with the lower id counts. There are no beliefs and no tags of messages in the release, so
        those frames are empty; hidden messages, which nobody saw, are left out.

    Raises
    ------
    DataError
        Missing tables or columns, games without two conversations, a verdict that contradicts the
        assignment: every problem, with its games.

    References
    ----------
    Jones and Bergen, PNAS 123 (2026) e2524472123.
    """
    tables = read_release(Path(path))
    games, steps = _kept(tables, osf_frames.games(tables), exclude)
    limit = duration_s or (DURATION_S if tables.has_verdicts else LONG_DURATION_S)
    source = osf_frames.Source(games=games, tables=tables, duration_s=limit, sha256=_digest(tables))
    frames = osf_frames.frames(source)
    problems = tuple(contradictions(frames, len(games)))
    if problems:
        raise DataError(problems)
    return Study(
        slug=osf_frames.SLUG,
        title="Three-party Turing test (osf.io/jk7bw)",
        sha256=source.sha256,
        config=_config(limit, frames["rooms"], steps),
        simulated=False,
        exported_at=games["ended_at"].max().isoformat() if len(games) else "",
        software="osf.io/jk7bw",
        n_rooms_not_ended=0,
        path=Path(path),
        **frames,
    )


def exclusions_osf(study: Study) -> pd.DataFrame:
    """Count the games from the release to the study: columns step, n_rooms."""
    steps = study.config.get("exclusions")
    if not isinstance(steps, list):
        raise DataError(("This study was not read by `load_osf`; use `exclusions`.",))
    return pd.DataFrame(steps, columns=["step", "n_rooms"])


def _kept(
    tables: Released, games: pd.DataFrame, exclude: Exclude
) -> tuple[pd.DataFrame, list[tuple[str, int]]]:
    """The games that stay, and the steps to them."""
    profiles = tables["tt_profile"]
    aware = profiles["user_id"][truthy(profiles["expt_aware"])]
    longest = np.inf if exclude.max_duration_s is None else exclude.max_duration_s * 1000
    known = games["user_id"].isin(profiles["user_id"])
    rules = (
        ("Test games", games["is_test"], True),
        ("The interrogator has no profile", ~known, exclude.unprofiled),
        ("The interrogator knew of the experiment", games["user_id"].isin(aware), exclude.aware),
        (
            f"A conversation with fewer than {exclude.min_messages} messages",
            games["fewest"] < exclude.min_messages,
            exclude.min_messages > 0,
        ),
        (
            f"Longer than {longest / 1000:g} s",
            games["elapsed_ms"] > longest,
            np.isfinite(longest),
        ),
    )
    steps, stay = [("Games released", len(games))], pd.Series(True, index=games.index)
    for step, out, used in rules:
        if used:
            steps.append((step, -int((stay & out).sum())))
            stay &= ~out
    steps.append(("Games read", int(stay.sum())))
    return games[stay].reset_index(drop=True), steps


def _config(
    duration_s: int, rooms: pd.DataFrame, steps: list[tuple[str, int]]
) -> Mapping[str, object]:
    return {
        "study": osf_frames.SLUG,
        "format": "three_party",
        "duration_s": duration_s,
        "commitment": {"rule": "verdict_only"},
        "active_gap_cap_s": 120,
        "belief_every_s": None,
        "machines": [{"name": name} for name in sorted(rooms["profile"].unique())],
        "strategies": [],
        "exclusions": steps,
    }


def _digest(tables: Released) -> str:
    """One number for the files that were read."""
    digest = hashlib.sha256()
    for name in sorted(tables.tables):
        data = (tables.path / f"{name}.csv").read_bytes()
        digest.update(f"{name} {hashlib.sha256(data).hexdigest()}\n".encode())
    return digest.hexdigest()
