"""When a client is back that lost its line to a server. Pure.

What a person sends while the line is down goes out when their page is back. A machine has no line
that breaks, so its messages of that time wait for the moment at which a page would be back: else
whoever writes in the first seconds of a server that was restarted would be the machine.
"""

import random

#: As the room page does it (`backoff` in arena/static/arena/js/net.js): the first wait (s), each
#: twice the last, the longest, and by what share each is more or less than that.
FIRST_S, LONGEST_S, JITTER = 0.5, 30.0, 0.3
#: How long (s) a server may stand still before a page takes its line for dead, and comes anew.
PATIENCE_S = 2.5


def back_s(down_s: float, *, rng: random.Random) -> float:
    """Return how long (s) after a server's return a page is back, which was down for `down_s`."""
    tries_at, wait_s = 0.0, FIRST_S
    while True:
        tries_at += wait_s * rng.uniform(1 - JITTER, 1 + JITTER)
        if tries_at >= down_s:
            return tries_at - down_s
        wait_s = min(2 * wait_s, LONGEST_S)
