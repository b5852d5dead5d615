"""The shipped taxonomies of what an interrogator may be trying in a message.

A study names one of these or brings its own list; either way the stored study holds every entry,
so that changing a taxonomy here never changes a study that exists.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """One thing an interrogator may be trying; a message may be several at once."""

    id: str
    label: str
    meaning: str
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taxonomy:
    name: str
    source: str
    strategies: tuple[Strategy, ...]


def names() -> tuple[str, ...]:
    """The names that a study file may give."""
    return tuple(_TAXONOMIES)


def get(name: str) -> Taxonomy:
    """The taxonomy of that name; KeyError if none is shipped under it."""
    return _TAXONOMIES[name]


def _under(category: str, *entries: tuple[str, str, str]) -> tuple[Strategy, ...]:
    return tuple(
        Strategy(id=id, label=label, meaning=meaning, category=category)
        for id, label, meaning in entries
    )


_JONES_BERGEN_2024 = Taxonomy(
    name="jones-bergen-2024",
    source=(
        "Categories and strategies after C. Jones and B. Bergen, Does GPT-4 pass the Turing test? "
        "(NAACL 2024, arXiv 2310.20216, appendix J), used again in People cannot distinguish GPT-4 "
        "from a human in a Turing test (arXiv 2405.08007). The meanings are our wording."
    ),
    strategies=(
        *_under(
            "Small talk",
            ("greeting", "How are you?", "Opens the talk or asks how the other is."),
            ("daily-activities", "Daily activities", "What they did, are doing or will do today."),
            ("personal-details", "Personal details", "Name, age, home, family, work, studies."),
        ),
        *_under(
            "Situational awareness",
            ("weather", "Weather", "What the weather is like where they are."),
            ("time", "Time", "The time, the date or the season where they are."),
            ("surroundings", "Surroundings", "What they see or hear around them now."),
            (
                "game",
                "This test",
                "How the test works, its rules, or what it is like to take part.",
            ),
            ("conversation", "Earlier messages", "Whether they remember what was said before."),
            ("source", "How they came here", "How they found or were invited to this study."),
        ),
        *_under(
            "Direct",
            ("are-you-a-bot", "Are you a bot?", "Asks outright whether they are a machine."),
            ("accusation", "Accusation", "Says that they are a machine, to see what they answer."),
        ),
        *_under(
            "Knowledge and reasoning",
            ("maths", "Maths", "Arithmetic or other mathematics."),
            ("logic", "Logic", "Riddles, inferences and puzzles."),
            ("current-events", "Current events", "News that a model may be too old to know."),
            ("strings", "Letters and strings", "Spelling, counting letters, writing backwards."),
            ("scenario", "Scenario", "An imagined situation to think or play through."),
            ("general-knowledge", "General knowledge", "Facts that many people know."),
            ("special-knowledge", "Special knowledge", "Facts of a trade, a place or a scene."),
            ("other-language", "Another language", "Writes or asks in a different language."),
        ),
        *_under(
            "Social and emotional",
            ("emotion", "Emotion", "Feelings, beliefs, wishes and aims."),
            ("human-experience", "Human experience", "What it is like to have a body and a life."),
            ("humour", "Humour", "Jokes: tells one, asks for one, or plays along."),
            ("bias", "Bias", "Tries for a prejudice or a one-sided answer."),
            ("opinions", "Opinions", "What they think of something, or which they prefer."),
            ("taboo", "Taboo", "Swearing, or topics that a machine may be told to avoid."),
        ),
        *_under(
            "Other",
            ("strange", "Strange", "Something odd or sudden, to see how they take it."),
            ("randomness", "Randomness", "Noise or nonsense: random words or keys."),
            (
                "jailbreak",
                "Jailbreak",
                "Orders to the machine, such as to ignore its instructions.",
            ),
            ("silence", "No messages", "Says nothing for a while and waits."),
        ),
    ),
)

_TAXONOMIES = {_JONES_BERGEN_2024.name: _JONES_BERGEN_2024}
