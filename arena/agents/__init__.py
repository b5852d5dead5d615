"""Programs in people's places, marked as what they are: a model as the interrogator of a room."""

from arena.agents.interrogator import Played
from arena.agents.minds import AgentSpending, Mind, MindProfile
from arena.agents.rooms import PLAYS, Plays, interrogate, rooms_to_play

__all__ = [
    "PLAYS",
    "AgentSpending",
    "Mind",
    "MindProfile",
    "Played",
    "Plays",
    "interrogate",
    "rooms_to_play",
]
