"""A wait as the product comes to it: listening, a model that takes its time, and a delay line.

What an interrogator sees is the wait that was drawn, unless the words came too late for that. The
line, by which the words of both kinds come later, gives the model its time.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from arena.pacing import typed_s
from arena.pacing.calibrated import USUAL_CHARS

#: As in arena/services/replies.py and arena/witnesses/listening.py, which need a database.
LISTEN_S, LISTENS_S = 0.7, (2.0, 4.0)
#: A wait (s) for so many characters of reply, with draws of its own.
Draw = Callable[[int, random.Random], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """How long (s) the model takes, at the median, and how long the line holds both kinds."""

    model_s: float
    model_spread: float = 0.3
    line_s: float

    def shown_s(self, draw: Draw, *, rule: str, n_out: int, seed: int, rng: random.Random) -> float:
        """The wait that is seen, less the line that people's words pass, too."""
        # As in the product: how long it listens is drawn with the very draws of the wait.
        own = rng.getrandbits(32)
        wait_s, drawn = draw(n_out, random.Random(own)), random.Random(own)
        usual_s = draw(USUAL_CHARS, drawn)
        listens_s = min(drawn.uniform(*LISTENS_S), usual_s / 2)
        model_s = self.model_s * rng.lognormvariate(0, self.model_spread)
        ready_s = max(LISTEN_S, listens_s) + model_s - self.line_s
        typing_s = typed_s(rule, n_out=n_out, persona_seed=seed, rng=rng)
        return ready_s + typing_s if ready_s - wait_s > typing_s else max(wait_s, ready_s)


#: A model of 3 s behind a line that hides it, and without one.
HIDDEN = Pipeline(model_s=3.0, line_s=12.0)
IN_SIGHT = Pipeline(model_s=3.0, line_s=0.0)
