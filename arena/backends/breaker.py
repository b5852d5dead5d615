"""A circuit breaker: a provider that fails is left alone, then tried by one call at a time.

Closed, it lets every call through. Failures in a row, or a request not to be asked for a while,
open it: nobody calls. When that time is over one call is let through as a probe, and each success
lets more through at once, until it is closed again. Pure: it is told the time, in seconds of a
clock that never goes back.
"""

import random
from dataclasses import dataclass, field

from arena.backends.failure import ErrorKind

#: So many failures in a row open it.
N_FAILURES = 5
#: How long (s) it stays open at first, and at most unless the provider asks for more. Each time in
#: a row is twice as long.
FIRST_S, LONGEST_S = 2.0, 15.0
#: A request not to be asked is believed up to here (s).
MOST_S = 86_400.0
#: With so many calls at once and no failure, it is closed again.
N_RECOVERED = 32
#: Those who wait come back spread over this share of the time that it was open, within bounds (s).
_SPREAD, _LEAST_SPREAD_S, _MOST_SPREAD_S = 0.5, 1.0, 30.0
#: How long (s) those wait who find all places of a recovering provider taken.
_TURN_S = (1.0, 6.0)


@dataclass(slots=True, kw_only=True)
class Breaker:
    """A provider's health as a process knows it. Whatever enters is ended once."""

    rng: random.Random = field(default_factory=random.Random)
    cause: ErrorKind = ErrorKind.UNAVAILABLE  # of the last failure
    _n_failed: int = 0
    _n_opened: int = 0  # in a row, without having been closed
    _until: float = 0.0  # until when it is open
    _spread_s: float = 0.0
    _places: int | None = None  # while not closed: how many calls may be in flight
    _in_flight: set[int] = field(default_factory=set)  # of those let through since it last opened
    _n_entered: int = 0

    def wait_s(self, now: float) -> float:
        """How long to wait before asking again; 0 if a call is let through now."""
        if self._places is None:
            return 0.0
        if now < self._until:
            return self._until - now + self.rng.uniform(0.0, self._spread_s)
        return self.rng.uniform(*_TURN_S) if len(self._in_flight) >= self._places else 0.0

    def enter(self) -> int:
        """Begin a call, which `wait_s` lets through; return its number."""
        self._n_entered += 1
        if self._places is not None:
            self._in_flight.add(self._n_entered)
        return self._n_entered

    def succeed(self, call: int) -> None:
        """End a call that the provider answered, be it with a refusal."""
        if self._places is None:
            self._n_failed = 0
        elif call in self._in_flight:  # What began before it opened says nothing of now.
            self._in_flight.remove(call)
            self._places += 1
            if self._places >= N_RECOVERED:
                self._close()

    def fail(self, call: int, now: float, *, cause: ErrorKind, rest_s: float | None = None) -> None:
        """End a call that the provider failed; `rest_s` is how long it asks to be left alone."""
        self.cause = cause
        if self._places is None:
            self._n_failed += 1
            if rest_s or self._n_failed >= N_FAILURES:
                self._open(now, rest_s)
        elif call in self._in_flight:
            self._open(now, rest_s)
        elif rest_s:
            self._until = max(self._until, now + min(rest_s, MOST_S))

    def abandon(self, call: int) -> None:
        """End a call that was given up before its outcome was known."""
        self._in_flight.discard(call)

    def _open(self, now: float, rest_s: float | None) -> None:
        open_s = min(LONGEST_S, FIRST_S * 2.0**self._n_opened) * self.rng.uniform(0.75, 1.0)
        # A provider that says when to come back knows better than a guess.
        open_s = min(rest_s, MOST_S) if rest_s else open_s
        self._until = now + open_s
        self._spread_s = min(max(_SPREAD * open_s, _LEAST_SPREAD_S), _MOST_SPREAD_S)
        self._n_opened = min(self._n_opened + 1, 30)
        self._places = 1
        self._in_flight.clear()

    def _close(self) -> None:
        self._places, self._n_failed, self._n_opened = None, 0, 0
        self._in_flight.clear()
