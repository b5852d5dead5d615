"""What all results have in common besides their numbers."""

import numpy as np


class Result:
    """Base of results. Each also has a `source`: where its method is published.

    `n_clusters` is a number, one for each group, or None; results without it take rows as
    independent.
    """

    __slots__ = ()

    @property
    def clustering(self) -> str:
        """How rows were grouped, in words."""
        given = getattr(self, "n_clusters", None)
        counts = np.unique([] if given is None else given)
        if not counts.any():
            return "none"
        least, most = int(counts[0]), int(counts[-1])
        return f"{most} clusters" if least == most else f"{least} to {most} clusters in each group"
