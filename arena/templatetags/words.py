"""Values in words for people: durations, phases, why a room ended."""

from django import template

from arena.rules import EndReason, Format, Phase

register = template.Library()

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))

_FORMATS = {
    Format.TWO_PARTY: "Two-party: one witness, a person or a machine",
    Format.THREE_PARTY: "Three-party: a person and a machine side by side",
}

_PHASES = {
    Phase.LOBBY: "Lobby",
    Phase.LIVE: "Live",
    Phase.PAUSED: "Paused",
    Phase.ENDED: "Ended",
}

_BADGES = {
    Phase.LOBBY: "waiting",
    Phase.LIVE: "live",
    Phase.PAUSED: "paused",
    Phase.ENDED: "ended",
}

_END_REASONS = {
    EndReason.VERDICT: "The interrogator decided",
    EndReason.TIME_UP: "Time was up",
    EndReason.WITHDRAWN: "Somebody left",
    EndReason.DROPPED_OUT: "Somebody dropped out",
    EndReason.NO_SHOW: "Not everybody came",
    EndReason.TECHNICAL: "Ended for a technical reason",
}


_FAILURES = {
    "timeout": "no answer in time",
    "rate_limit": "too many requests",
    "quota": "no credit left",
    "refused": "refused by the provider",
    "empty": "empty replies",
    "unavailable": "provider not reached, or failing",
    "bad_request": "requests not accepted",
    "unknown_model": "no such model",
    "too_long": "more text than the model reads",
    "region": "not offered in this region",
    "no_key": "no valid key",
    "malformed": "unusable replies",
    "objected": "stopped by the gate",
    "error": "unexpected error",
    "gave_up": "given up",
    "provider_rests": "its provider failed others, and is left alone for a while",
}


@register.filter
def failure_words(kind: str) -> str:
    """A kind of failure; those of memory's calls begin with what the call was for."""
    purpose, _, outcome = kind.rpartition(" ")
    if kind in _FAILURES or not purpose:
        return _FAILURES.get(kind, kind)
    return f"{purpose}: {_FAILURES[outcome]}" if outcome in _FAILURES else kind


@register.filter
def seconds_words(milliseconds: int | None) -> str:
    """1234 as "1.2 s"."""
    return "" if milliseconds is None else f"{milliseconds / 1000:.1f}\N{NO-BREAK SPACE}s"


@register.filter
def duration(seconds: int) -> str:
    """One or two units: "5 minutes", "1 hour 30 minutes", "90 days"."""
    parts, rest = [], int(seconds)
    for unit, size in _UNITS:
        n, rest = divmod(rest, size)
        if n:
            parts.append(f"{n} {unit}{'s' if n > 1 else ''}")
    return " ".join(parts[:2]) or "0 seconds"


@register.filter
def format_words(value: str) -> str:
    """A room's format in words."""
    return _FORMATS[Format(value)]


@register.filter
def phase_words(value: str) -> str:
    """A phase in one word."""
    return _PHASES[Phase(value)]


@register.filter
def phase_badge(value: str) -> str:
    """The badge that goes with a phase."""
    return f"badge-{_BADGES[Phase(value)]}"


@register.filter
def end_words(value: str) -> str:
    """Why a room ended, in the same neutral words for everybody."""
    return _END_REASONS[EndReason(value)] if value else ""


@register.filter
def percent(proportion: float) -> str:
    """0.9 as "90 %"."""
    return f"{100 * proportion:.0f}\N{NO-BREAK SPACE}%"
