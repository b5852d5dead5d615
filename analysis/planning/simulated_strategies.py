"""Interrogators who switch strategies within a room, some of which raise the rate of decisions."""

import random
from dataclasses import dataclass

import numpy as np

from analysis.errors import ArgumentError
from analysis.numerics.arrays import Floats

#: Nodes at which the pace of interrogators is integrated out.
NODES = 40

#: Where in a room a strategy begins, in milliseconds, and its name.
Course = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyEffect:
    """A strategy: its share of switches, and the factor by which it multiplies the hazard."""

    name: str
    share: float = 1.0
    speed: float = 1.0

    def __post_init__(self) -> None:
        if not (self.share > 0 and self.speed > 0):
            raise ArgumentError(
                f"`share` and `speed` of strategy {self.name!r} must be above 0 "
                f"(got {self.share:g} and {self.speed:g})."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Switching:
    """Which strategies there are, and how often an interrogator changes to another."""

    effects: tuple[StrategyEffect, ...]
    per_ms: float

    @property
    def shares(self) -> Floats:
        """Share of each strategy, adding to 1."""
        given = np.array([effect.share for effect in self.effects])
        return np.asarray(given / given.sum())

    @property
    def speeds(self) -> Floats:
        """Speed of each strategy."""
        return np.array([effect.speed for effect in self.effects])

    def play(self, rng: random.Random, effort: float, until_ms: int) -> tuple[float, Course]:
        """When `effort` milliseconds at speed 1 have been spent, and the strategies up to then."""
        shares, at, course = list(self.shares), 0.0, []
        while at < until_ms:
            effect = rng.choices(self.effects, shares)[0]
            course.append((int(at), effect.name))
            length = rng.expovariate(self.per_ms) if self.per_ms else float("inf")
            if effect.speed * length >= effort:
                return at + effort / effect.speed, tuple(course)
            effort, at = effort - effect.speed * length, at + length
        return at + effort, tuple(course)

    def spend(self, rng: np.random.Generator, effort: Floats) -> Floats:
        """The same times for many rooms at once."""
        left, at, done = effort.copy(), np.zeros(len(effort)), np.zeros(len(effort), dtype=bool)
        while not done.all():
            speed = rng.choice(self.speeds, size=len(effort), p=self.shares)
            scale = 1 / self.per_ms if self.per_ms else np.inf
            length = rng.exponential(1, len(effort)) * scale
            last = ~done & (speed * length >= left)
            at = np.where(done, at, at + np.where(last, left / speed, length))
            left = np.where(done | last, 0.0, left - speed * np.where(last, 0.0, length))
            done |= last
        return np.asarray(at)

    def undecided(self, time_ms: float, *, rate_per_ms: float, pace_shape: float) -> float:
        """Share of rooms without a decision by `time_ms`, over gamma paces of mean 1."""
        from scipy import linalg, special

        node, weight = special.roots_genlaguerre(NODES, pace_shape - 1)
        n = len(self.effects)
        switching = self.per_ms * (np.outer(np.ones(n), self.shares) - np.eye(n))
        leaving = rate_per_ms * np.diag(self.speeds)
        paces = (node / pace_shape)[:, None, None]
        alive = linalg.expm((switching - paces * leaving) * time_ms)
        each = (self.shares @ alive).sum(axis=1)
        return float(weight @ each / weight.sum())


def in_force(course: Course, at_ms: int) -> str:
    """The strategy of a course at a moment."""
    return [name for start, name in course if start <= at_ms][-1]
