"""A small release in the layout of the published data, with every trap that is in the real one."""

import csv
from pathlib import Path

Rows = list[dict[str, object]]

SECRET = "remarks by which somebody could be known"
GAMES = (  # id, interrogator's user, human witness's user, pane of the human, model, verdict
    ("9", 7, 21, "A", 71, "A"),
    ("10", 7, 22, "B", 71, "A"),
    ("11", 8, 7, "B", 80, "B"),
    ("12", 23, 8, "A", 80, "A"),
    ("13", 24, 21, "A", 71, "B"),
    ("14", 8, 22, "A", 80, "A"),
)
CONFIDENCE = {"9": "-80", "10": "-45", "11": "100.0", "12": "0", "13": "60", "14": "-10"}
MODELS = {71: "gpt-4.5_minimal", 80: "eliza"}
SPOKEN = {  # per game: seconds since it was made, pane, role, text
    "9": ((1, "A", "I", "hi"), (5, "A", "W", "hey"), (8, "B", "I", "yo"), (9, "B", "W", "Hello!")),
    "10": ((2, "A", "I", "hi"), (6, "A", "W", "Hello."), (7, "B", "I", "so"), (70, "B", "W", "k")),
    "11": ((3, "A", "I", "you there?"), (9, "A", "W", "ELIZA here")),  # pane B stays empty
    "12": (),
    "13": ((-2, "A", "I", "early"), (4, "A", "W", ""), (5, "B", "I", "x"), (6, "B", "W", "y")),
    "14": ((1, "A", "I", "a"), (2, "A", "W", "b"), (3, "B", "I", "c"), (4, "B", "W", "d")),
}


def write_release(folder: Path, *, long: bool = False) -> Path:
    """Write the tables; `long` is the layout of the 15-minute games."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = _tables()
    if long:
        tables["tt_verdict"] = []
        for name, columns in (("tt_witness", ("id", "user_id", "ai_model_id")),):
            for row in tables[name]:
                row.update({c: f"{row[c]}.0" if row[c] != "" else "" for c in columns})
        for row in tables["tt_game"]:
            row["human_witness_id"], row["ai_witness_id"] = (
                f"{row['human_witness_id']}.0",
                f"{row['ai_witness_id']}.0",
            )
    for name, rows in tables.items():
        if rows:
            _write(folder / f"{name}.csv", rows)
    return folder


def _write(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _clock(game: int, second: float) -> str:
    total = 60 * 60 * 18 + 600 * game + second
    whole = int(total)
    hours, rest = divmod(whole, 3600)
    return f"2025-03-06T{hours:02d}:{rest // 60:02d}:{rest % 60:02d}.250Z"


def _tables() -> dict[str, Rows]:
    out: dict[str, Rows] = {name: [] for name in _NAMES}
    for n, (game, user, human, pane, model, verdict) in enumerate(GAMES):
        _game(out, n, game, user)
        for label in "AB":
            _side(out, n, label, {"game": game, "human": human, "pane": pane, "model": model})
        _verdict(out, n, {"game": game, "pane": pane, "verdict": verdict})
    # Two verdicts on one game; the one with the lower id stands later in the file.
    twin = next(row for row in out["tt_verdict"] if row["game_id"] == "10")
    out["tt_verdict"].insert(0, {**twin, "id": "900", "confidence": "-100"})
    for label in "AB":
        first = next(
            row
            for row in out["tt_transcripts"]
            if (row["game_id"], row["conversation_label"]) == ("10", label)
        )
        out["tt_transcripts"].append({**first, "confidence": "-100"})
    for user in (7, 8, 23, 21, 22):  # 24 has no profile
        aware = "TRUE" if user == 23 else "FALSE"
        out["tt_profile"].append(
            {"id": user + 1000, "user_id": user, "expt_aware": aware, "other": SECRET}
        )
    out["tt_aimodel"] = [{"id": id, "name": f"{name}_v2"} for id, name in MODELS.items()]
    return out


_NAMES = (
    "tt_game", "tt_conversation", "tt_witness", "tt_interrogator", "tt_message_anonymized",
    "tt_verdict", "tt_transcripts", "tt_profile", "tt_aimodel",
)  # fmt: skip


def _game(out: dict[str, Rows], n: int, game: str, user: int) -> None:
    out["tt_game"].append(
        {
            "id": game,
            "interrogator_id": 500 + n,
            "human_witness_id": 600 + n,
            "ai_witness_id": 700 + n,
            "status": "verdict",
            "created_at": _clock(n, 0),
            "finished_at": _clock(n, 61),
            "verdict_at": _clock(n, 64),
            "last_updated": _clock(n, 65),
            "is_test": "TRUE" if game == "14" else "FALSE",
        }
    )
    out["tt_interrogator"].append({"id": 500 + n, "user_id": user, "lobby_wait_id": 1})


def _side(out: dict[str, Rows], n: int, label: str, about: dict[str, object]) -> None:
    human = label == about["pane"]
    seat = (600 if human else 700) + n
    talk = f"{800 + n}{'1' if label == 'A' else '2'}"
    out["tt_witness"].append(
        {
            "id": seat,
            "witness_type": "H" if human else "A",
            "user_id": about["human"] if human else "",
            "ai_model_id": "" if human else about["model"],
            "prompt": "You are a witness",
        }
    )
    out["tt_conversation"].append(
        {"id": talk, "game_id": about["game"], "witness_id": seat, "label": label}
    )
    for second, pane, role, text in SPOKEN[str(about["game"])]:
        if pane == label:
            out["tt_message_anonymized"].append(
                {
                    "id": f"{len(out['tt_message_anonymized']) + 1}",
                    "conversation_id": talk,
                    "sender_role": role,
                    "timestamp": _clock(n, second),
                    "hidden": "FALSE",
                    "content": text,
                }
            )


def _verdict(out: dict[str, Rows], n: int, about: dict[str, object]) -> None:
    game = str(about["game"])
    said: dict[str, object] = {
        "verdict": about["verdict"],
        "confidence": CONFIDENCE[game],
        "reason": f"a feeling about {game}",
        "is_correct": "TRUE" if about["verdict"] == about["pane"] else "FALSE",
    }
    out["tt_verdict"].append({"id": f"{30 + n}", "game_id": game, **said})
    model = next(model for id, *_, model, _ in GAMES if id == game)
    for label in "AB":
        witness = "human" if label == about["pane"] else MODELS[model]
        out["tt_transcripts"].append(
            {"game_id": game, "conversation_label": label, "witness": witness, **said}
        )
