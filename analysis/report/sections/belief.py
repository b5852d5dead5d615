"""The sections of a report on belief: its course, its score, and calibrated confidence."""

from functools import partial

import numpy as np
import pandas as pd

from analysis.classification.belief_scores import BeliefScore, belief_score
from analysis.classification.calibration import Calibration, calibration
from analysis.dataset.study import Study
from analysis.numerics import columns
from analysis.numerics.clustering import clustering
from analysis.numerics.estimate import Estimate
from analysis.numerics.limits import lacking_of
from analysis.outcomes.belief_paths import belief_trajectories
from analysis.outcomes.clocks import Clock
from analysis.outcomes.clusters import room_clusters
from analysis.outcomes.detection import detections
from analysis.plots import axis
from analysis.plots.beliefs import plot_beliefs
from analysis.plots.calibration import plot_calibration
from analysis.report import wording
from analysis.report.curves import drawing
from analysis.report.page import ReportSection, ReportTable
from analysis.report.sections.verdict import who_decided

#: Draws of the bootstrap of the calibration band.
RESAMPLES = 1000

_ASSUMES = (
    "The last report holds until the next, and belief is one half before the first. Reports of one "
    "room are one unit. At later times fewer and harder rooms are still open, so a falling middle "
    "is no loss of belief. Errors are clustered by interrogator."
)
_NAMES = {
    "brier": "Brier score (0 the best, 0.25 for always saying one half)",
    "miscalibration": "of it miscalibration",
    "discrimination": "less discrimination",
    "uncertainty": "plus uncertainty of the outcome",
    "log_score": "Log score (0 the best)",
    "slope": "Calibration slope (1 if calibrated, below 1 if overconfident)",
    "intercept": "Calibration intercept (0 if calibrated)",
    "calibration_in_the_large": "In the large (0 if calibrated, below 0 if overconfident)",
}


def belief_section(study: Study) -> ReportSection:
    """How belief in the truth went, and how good it was over the whole of each room."""
    title = "Belief in the truth"
    intro = (
        "What interrogators reported while their rooms were open, as belief in what was true. The "
        "score of a room is (1 − belief)² averaged over its time: 0 for somebody who knew all "
        "along, 0.25 for somebody who never moved from one half.",
    )
    paths = belief_trajectories(study)
    if not len(study.beliefs) or not len(paths):
        missing = (
            "Not enough data for a number here: it needs reports of belief, and there are none."
        )
        return ReportSection(key="beliefs", title=title, intro=intro, missing=(missing,))
    missing = lacking_of(paths.drop_duplicates("room")["interrogator"])
    score = belief_score(study)
    end = float(max(study.duration_ms, paths["time"].max()))
    draw = partial(
        plot_beliefs,
        paths["room"],
        paths["time"],
        paths["p_true"],
        decided=_decided(study),
        horizon=end,
    )
    caption = (
        "Belief in the truth: thin steps are rooms (at most 80, evenly chosen), the line their "
        "median and the ribbon their middle half while open, all rooms counted."
    )
    tables = () if missing else (_landmarks(study, end), _scores(study, score))
    return ReportSection(
        key="beliefs",
        title=title,
        intro=intro,
        missing=(missing,) if missing else (),
        drawings=(drawing(draw, study, name="beliefs", caption=caption),),
        tables=tables,
        assumes=_ASSUMES,
        data=(("belief-steps", paths), ("belief-scores", score.table)),
        methods=() if missing else (f"Belief in the truth: {score.method}.",),
    )


def calibration_section(study: Study) -> ReportSection:
    """Whether people are as right as they are confident."""
    title, verdicts = "Calibration of the final confidence", study.verdicts
    intro = (
        "With the verdict interrogators state how confident they are, from 50 to 100 %. On the "
        "diagonal they are exactly as right as they are confident.",
    )
    who = who_decided(study)
    missing = lacking_of(who)
    if missing:
        return ReportSection(key="calibration", title=title, intro=intro, missing=(missing,))
    found = calibration(
        verdicts["confidence"],
        verdicts["correct"],
        cluster=room_clusters(study, verdicts["room"]),
        n_resamples=RESAMPLES,
    )
    draw = partial(
        plot_calibration,
        found.confidence,
        found.calibrated,
        n=found.n_stated,
        low=found.low,
        high=found.high,
    )
    caption = (
        "Share of right verdicts at each stated confidence (isotonic regression), with a pointwise "
        "95 % band; below, how often each confidence was stated."
    )
    return ReportSection(
        key="calibration",
        title=title,
        intro=intro,
        drawings=(drawing(draw, study, name="calibration", caption=caption),),
        tables=(_calibrated(found),),
        assumes="Being right is assumed not to fall as confidence rises. The band is a bootstrap "
        "of interrogators and rough where few stated a value. For logarithms a confidence nearer "
        f"than {found.clip:g} to 1 counts as {1 - found.clip:g}.",
        data=(("calibration-curve", found.table),),
        methods=(
            f"Final confidence: {found.brier.method}; {found.log_score.method}; "
            f"{found.slope.method}; curve by {found.method} ({RESAMPLES} draws, fixed seed). There "
            "is no binning.",
        ),
    )


def _decided(study: Study) -> dict[str, int]:
    found: dict[str, int] = {}
    kinds = ("machine", "human") if study.format == "two_party" else ("machine",)
    for kind in kinds:
        rooms = detections(study, Clock.WALL, witness=kind)
        found |= dict(zip(rooms["room"].astype(str), rooms["cause"].astype(int), strict=True))
    return found


def _landmarks(study: Study, end: float) -> ReportTable:
    unit = axis.unit_of(Clock.WALL, end)
    places = [place for place in axis.ticks(unit, end, 6) if place > 0]
    at = belief_trajectories(study, at=places)
    rows, frame = [], []
    for place, part in at.groupby("time", sort=True):
        mean = _mean(part["p_true"], part["interrogator"])
        middle = part["p_true"].quantile([0.25, 0.5, 0.75]).to_list()
        name = axis.words(float(str(place)), Clock.WALL, unit=unit)
        few = bool(lacking_of(part["interrogator"]))
        cells = [wording.TOO_FEW, ""] if few else [wording.share(mean), _middle(middle)]
        rows.append((name, f"{len(part)}", *cells))
        frame.append(
            {
                "time": place,
                "n_rooms": len(part),
                "mean": mean.value,
                "low": mean.low,
                "high": mean.high,
                "quartile_1": middle[0],
                "median": middle[1],
                "quartile_3": middle[2],
            }
        )
    return ReportTable(
        name="belief-landmarks",
        caption="Belief in the truth among rooms still open: mean with its 95 % interval, median "
        "and middle half.",
        head=("At", "Rooms open", "Mean", "Median"),
        rows=tuple(rows),
        frame=pd.DataFrame(frame),
    )


def _middle(quartiles: list[float]) -> str:
    low, middle, high = quartiles
    return wording.ranged(wording.percent(middle, digits=0), f"{100 * low:.0f} to {100 * high:.0f}")


def _scores(study: Study, score: BeliefScore) -> ReportTable:
    rooms = study.rooms.set_index("room")
    table = score.table.dropna(subset=["score"])
    profile = table["room"].map(rooms["profile"]).replace("", "(human)")
    parts = [("All rooms", score.mean, table["cluster"])]
    for name, part in table.groupby(profile, sort=True):
        parts.append((str(name), _mean(part["score"], part["cluster"]), part["cluster"]))
    rows = tuple(
        (
            name,
            f"{len(who)} ({wording.count(who.nunique(), 'person')})",
            wording.TOO_FEW if lacking_of(who) else wording.estimated(mean, digits=3),
        )
        for name, mean, who in parts
    )
    frame = pd.DataFrame(
        [
            {
                "group": name,
                "n_rooms": len(who),
                "n_interrogators": who.nunique(),
                "score": mean.value,
                "std_error": mean.std_error,
                "low": mean.low,
                "high": mean.high,
            }
            for name, mean, who in parts
        ]
    )
    return ReportTable(
        name="belief-score",
        caption="Time-integrated Brier score with 95 % intervals; low is good.",
        head=("Machine profile", "Rooms", "Score"),
        rows=rows,
        frame=frame,
    )


def _mean(values: "pd.Series", cluster: "pd.Series") -> Estimate:
    clusters = clustering(cluster.to_numpy(object), name="cluster", n=len(values))
    return columns.mean(values.to_numpy(np.float64), clusters, level=0.95, method="mean")


def _calibrated(found: Calibration) -> ReportTable:
    scores = found.scores.set_index("measure")
    rows = []
    for key, name in _NAMES.items():
        value, low, high = (float(scores[part][key]) for part in ("value", "low", "high"))
        rows.append((name, wording.number(value, low, high, digits=3)))
    return ReportTable(
        name="calibration",
        caption=f"Scores of {found.n} verdicts, with 95 % intervals clustered by interrogator.",
        head=("Measure", "Value"),
        rows=tuple(rows),
        frame=found.scores,
    )
