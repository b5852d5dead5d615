"""Agreement on the strategies of a study, one question per strategy."""

from typing import TYPE_CHECKING

import numpy as np

from analysis.classification.agreement import krippendorff_alpha

if TYPE_CHECKING:
    import pandas as pd

    from analysis.dataset.study import Study


def agreement_by_strategy(
    study: "Study", *, level: float = 0.95, n_resamples: int = 2000, seed: int = 0
) -> "pd.DataFrame":
    """Alpha of each strategy (used or not), over the messages tagged by two coders or more.

    A message may have several strategies, so each is analysed separately. A coder counts for a
    message if he or she tagged it with anything: an export does not say who read a message and
    found nothing. The bootstrap draws rooms. Columns strategy, n_messages, n_tags, alpha, low,
    high, in the order of the alphabet.
    """
    import pandas as pd

    from analysis.outcomes.inclusion import included

    study = included(study)
    tags = study.strategies[["room", "message", "coder", "strategy"]].drop_duplicates()
    coded = tags.assign(seen=True).pivot_table(
        index="message", columns="coder", values="seen", aggfunc="any"
    )
    room = tags.drop_duplicates("message").set_index("message")["room"].reindex(coded.index)
    rows = []
    for strategy in sorted(tags["strategy"].unique()):
        chosen = tags[tags["strategy"] == strategy].assign(used=True)
        used = chosen.pivot_table(index="message", columns="coder", values="used", aggfunc="any")
        used = used.reindex(index=coded.index, columns=coded.columns)
        values = np.where(coded.isna(), None, np.where(used.isna(), "no", "yes"))  # type: ignore[call-overload]
        codings = {str(coder): values[:, k] for k, coder in enumerate(coded.columns)}
        if len(codings) < 2:
            rows.append((strategy, 0, len(chosen), np.nan, np.nan, np.nan))
            continue
        alpha = krippendorff_alpha(
            codings, cluster=room.to_numpy(object), level=level, n_resamples=n_resamples, seed=seed
        )
        rows.append((strategy, alpha.n, len(chosen), alpha.value, alpha.low, alpha.high))
    names = ["strategy", "n_messages", "n_tags", "alpha", "low", "high"]
    return pd.DataFrame(rows, columns=names)
