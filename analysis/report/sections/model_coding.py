"""The section of a report on strategies that a model coded, corrected by what people coded."""

import numpy as np
import pandas as pd

from analysis.classification.misclassification import CorrectedAccuracy, corrected_accuracy
from analysis.dataset.study import Study
from analysis.errors import ArgumentError
from analysis.numerics.limits import lacking_of
from analysis.report import wording
from analysis.report.page import ReportSection, ReportTable


def coded_section(study: Study) -> ReportSection | None:
    """Accuracy by strategy where a model coded; None where none did."""
    tags = study.strategies
    if not (tags["source"] == "model").any():
        return None
    title, key = "Strategies coded by a model", "strategies-model"
    intro = (
        "A model's codes are not used as if they were true: the rooms that people coded as well "
        "show its mistakes, and correct the shares for them.",
    )
    found = _corrected(study)
    if isinstance(found, str):
        return ReportSection(key=key, title=title, intro=intro, missing=(found,))
    return ReportSection(
        key=key,
        title=title,
        intro=intro,
        tables=(_coded_table(found),),
        assumes="The rooms coded by people were drawn at random, each with the same chance "
        f"({found.n_sampled} of {found.n}), and people code rightly. A room that the model left "
        "untagged counts as one without strategies. Errors are clustered by interrogator.",
        methods=(
            f"Accuracies by strategy coded by a model: {found.method} (Egami and others 2023).",
        ),
    )


def _corrected(study: Study) -> CorrectedAccuracy | str:
    verdicts = study.verdicts.sort_values("room", ignore_index=True)
    rooms = study.rooms.set_index("room")
    who = verdicts["room"].map(rooms["interrogator"])
    sent = study.messages.set_index("event")["seq"]
    tags = study.strategies
    tags = tags.assign(
        sent=tags["message"].map(sent), decided=tags["room"].map(verdicts.set_index("room")["seq"])
    )
    tags = tags[tags["sent"] < tags["decided"]]
    source = "coder" if (tags["source"] == "coder").any() else "interrogator"
    human, model = tags[tags["source"] == source], tags[tags["source"] == "model"]
    seen = verdicts["room"].isin(human["room"])
    missing = lacking_of(who[seen])
    if missing:
        return f"{missing} Only rooms that people have coded as well as the model count."
    names = sorted(set(model["strategy"]) | set(human["strategy"]))
    marks = {
        kind: {name: _used(verdicts, part, name) for name in names}
        for kind, part in (("model", model), ("human", human))
    }
    human_marks = {name: np.where(seen, mark, np.nan) for name, mark in marks["human"].items()}
    try:
        return corrected_accuracy(
            verdicts["correct"],
            marks["model"],
            human_marks,
            probability=float(seen.mean()),
            cluster=who.to_numpy(object),
        )
    except ArgumentError as error:
        return f"The correction cannot be made: {error}"


def _used(
    verdicts: pd.DataFrame, tags: pd.DataFrame, name: str
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    chosen = tags.loc[tags["strategy"] == name, "room"]
    return np.asarray(verdicts["room"].isin(chosen), dtype=np.float64)


def _coded_table(found: CorrectedAccuracy) -> ReportTable:
    rows = []
    for line in found.table.to_dict("records"):
        enough = line["n_human"] >= 5
        interval = wording.percent_range(float(line["low"]), float(line["high"]))
        share = wording.ranged(wording.percent(float(line["accuracy"])), interval)
        cells = (share if enough else wording.TOO_FEW, wording.percent(float(line["machine_only"])))
        rows.append((str(line["strategy"]), f"{line['n_machine']}", f"{line['n_human']}", *cells))
    return ReportTable(
        name="strategies-corrected",
        caption="Share of right verdicts by strategy, corrected, with 95 % intervals; beside it "
        "what the model's codes alone would say.",
        head=("Strategy", "Rooms (model)", "Rooms (people)", "Corrected share", "Uncorrected"),
        rows=tuple(rows),
        frame=found.table,
    )
