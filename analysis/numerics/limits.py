"""How little data is too little to show a number."""

from numpy.typing import ArrayLike

from analysis.numerics.clustering import effective_of

#: Below these a curve is only hinted at, and no number is printed from it.
FEW_ROOMS = 10
FEW_INTERROGATORS = 5

#: Interrogators of equally many rooms that those who came must be worth. Below it an interval has
#: fewer than about 3 degrees of freedom: it says little, and covers more than it claims.
FEW_EFFECTIVE = 4.0

#: A decision that is open for no more than this share of rooms cannot move a curve by more.
SETTLED_SHARE = 0.05


def lacking(n_rooms: int, n_interrogators: int, effective: float) -> str:
    """What is missing, as a sentence; empty if there is enough.

    `effective` is the number of interrogators of equally many rooms that these are worth.
    """
    needs = []
    if n_rooms < FEW_ROOMS:
        needs.append(f"{FEW_ROOMS} rooms ({n_rooms} so far)")
    if n_interrogators < FEW_INTERROGATORS:
        needs.append(f"{FEW_INTERROGATORS} interrogators ({n_interrogators} so far)")
    elif effective < FEW_EFFECTIVE:
        needs.append(
            f"interrogators worth {FEW_EFFECTIVE:g} of equally many rooms (these "
            f"{n_interrogators} are worth {effective:.1f})"
        )
    if not needs:
        return ""
    return f"Not enough data for a number here: it needs at least {' and '.join(needs)}."


def lacking_of(who: ArrayLike) -> str:
    """The same for rooms of these interrogators, one label per room."""
    labels = list(map(str, who))  # type: ignore[arg-type]
    return lacking(len(labels), len(set(labels)), effective_of(labels))
