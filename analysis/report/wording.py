"""How numbers are written in a report: shares, times, ratios, p-values and evidence."""

import math

from analysis.numerics.estimate import Estimate
from analysis.outcomes.clocks import Clock
from analysis.plots.axis import NBSP, TimeUnit, words

NOT_KNOWN = "not known"
TOO_FEW = f"too{NBSP}few"

_POWERS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def count(n: int, one: str) -> str:
    """A number of things, in words."""
    several = {"person": "people"}.get(one, f"{one}s")
    return f"{n} {one if n == 1 else several}"


def signed(value: float, digits: int = 0) -> str:
    """A number with a real minus sign."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def listed(names: list[str]) -> str:
    """Names in a sentence."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def percent(value: float, *, digits: int = 1) -> str:
    """A proportion in per cent."""
    return NOT_KNOWN if math.isnan(value) else f"{signed(100 * value, digits)}{NBSP}%"


def percent_range(low: float, high: float) -> str:
    """An interval of proportions; empty if it is not known."""
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"{signed(100 * low, 1)} to {signed(100 * high, 1)}{NBSP}%"


def share(estimate: Estimate) -> str:
    """An estimated proportion with its interval."""
    return ranged(percent(estimate.value), percent_range(estimate.low, estimate.high))


def number(value: float, low: float = math.nan, high: float = math.nan, *, digits: int = 2) -> str:
    """A number with its interval, if that is known."""
    if math.isnan(value):
        return NOT_KNOWN
    if math.isnan(low) or math.isnan(high):
        return _plain(value, digits)
    return ranged(_plain(value, digits), f"{_plain(low, digits)} to {_plain(high, digits)}")


def estimated(estimate: Estimate, *, digits: int = 2) -> str:
    """An estimated number with its interval."""
    return number(estimate.value, estimate.low, estimate.high, digits=digits)


def ranged(value: str, interval: str) -> str:
    """A value with its interval, if there is one."""
    return f"{value} ({interval})" if interval else value


def p_value(p: float) -> str:
    """A p-value: never 0, and no more digits than it has."""
    if math.isnan(p):
        return NOT_KNOWN
    if p < 0.001:
        return f"<{NBSP}0.001"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def evidence(log_e: float) -> str:
    """An e-value from its logarithm."""
    if math.isnan(log_e):
        return NOT_KNOWN
    log10 = log_e / math.log(10)
    if -3 <= log10 < 5:
        value = math.exp(log_e)
        return f"{value:.3g}" if value < 100 else f"{value:.0f}"
    power = math.floor(log10)
    return f"{10 ** (log10 - power):.1f}{NBSP}×{NBSP}10{str(power).translate(_POWERS)}"


def moment(estimate: Estimate, clock: Clock, unit: TimeUnit) -> str:
    """An estimated time with its interval."""
    return ranged(words(estimate.value, clock, unit=unit), time_range(estimate, clock, unit))


def time_range(estimate: Estimate, clock: Clock, unit: TimeUnit) -> str:
    """The interval of an estimated time; empty if it is not known."""
    known = not (math.isnan(estimate.low) or math.isnan(estimate.high))
    if not known or math.isinf(estimate.low):
        return ""
    low, high = (words(end, clock, unit=unit) for end in (estimate.low, estimate.high))
    if math.isinf(estimate.high):
        return f"{low} to {high}"
    return f"{low.removesuffix(NBSP + unit.short)} to {high}"


def _plain(value: float, digits: int) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= 1000:
        return f"{value:.3g}".replace("-", "−")
    return signed(value, digits)
