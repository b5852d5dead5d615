"""The people whose waits are fitted and compared with: tests/data/human_latencies."""

import hashlib
from pathlib import Path

import pandas as pd

CSV = Path(__file__).resolve().parents[2] / "tests/data/human_latencies/human_latencies.csv"


def messages() -> pd.DataFrame:
    """Every message after a dialogue's first, in order, with the number of its `turn`.

    A turn is a burst: one person's messages with neither the other's nor a game command between.
    `first` marks a person's first reply, `bursts` a message that is not all of its turn.
    """
    rows = pd.read_csv(CSV)
    rows["chatting"] = rows.n_other_actions_between == 0
    rows["reply"] = rows.kind == "reply"
    rows["turn"] = (rows.reply | ~rows.chatting | ~rows.dialogue.duplicated()).cumsum()
    rows["bursts"] = rows.groupby("turn").turn.transform("size") > 1
    rows["first"] = rows.index.isin(rows[rows.reply].drop_duplicates("person").index)
    return rows


def is_fitted(dialogue: str) -> bool:
    """Whether a dialogue is in the half that figures are fitted on."""
    return hashlib.sha256(dialogue.encode()).digest()[0] % 2 == 0


def halves() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The messages of the dialogues to fit on, and of those to verify on."""
    rows = messages()
    fitted = rows.dialogue.map(is_fitted)
    return rows[fitted].reset_index(drop=True), rows[~fitted].reset_index(drop=True)
