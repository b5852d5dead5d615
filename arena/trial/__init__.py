"""Trials: a machine profile asked a few questions, outside any room, before anybody is invited.

What answers is the real model, through the code that rooms use: prompt, options, backend, gate and
pacing. A trial needs no room and appends no event.
"""

from arena.trial.estimate import RoomEstimate
from arena.trial.keeping import keep, keep_where_possible, needed_delays_s, untried
from arena.trial.outcome import ProfileTrial, ShownPart, TriedCall, TriedQuestion, as_json
from arena.trial.report_text import format_trial, one_line
from arena.trial.setting import QUESTIONS, TrialSetting, default_profile
from arena.trial.trying import try_machines

__all__ = [
    "QUESTIONS",
    "ProfileTrial",
    "RoomEstimate",
    "ShownPart",
    "TrialSetting",
    "TriedCall",
    "TriedQuestion",
    "as_json",
    "default_profile",
    "format_trial",
    "keep",
    "keep_where_possible",
    "needed_delays_s",
    "one_line",
    "try_machines",
    "untried",
]
