"""How little data is too little to show a number."""

#: Below these a curve is only hinted at, and no number is printed from it.
FEW_ROOMS = 10
FEW_INTERROGATORS = 5


def lacking(n_rooms: int, n_interrogators: int) -> str:
    """What is missing, as a sentence; empty if there is enough."""
    if n_rooms >= FEW_ROOMS and n_interrogators >= FEW_INTERROGATORS:
        return ""
    needs = []
    if n_rooms < FEW_ROOMS:
        needs.append(f"{FEW_ROOMS} rooms ({n_rooms} so far)")
    if n_interrogators < FEW_INTERROGATORS:
        needs.append(f"{FEW_INTERROGATORS} interrogators ({n_interrogators} so far)")
    return f"Not enough data for a number here: it needs at least {' and '.join(needs)}."
