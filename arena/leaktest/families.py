"""The families of channels: what beside the words might tell a machine from a person."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    FRAMES = "frames"
    ORDER = "order"
    SIZES = "sizes"
    IDS = "ids"
    GRAIN = "grain"
    ACKS = "acks"
    PONGS = "pongs"
    PAGES = "pages"
    MAILS = "mails"
    LOOKUPS = "lookups"
    ECHO = "echo"
    WAITS = "waits"
    BURSTS = "bursts"
    INITIATIVE = "initiative"
    SILENCE = "silence"
    FAULTS = "faults"
    RESTARTS = "restarts"
    HOURS = "hours"


class Play(StrEnum):
    """The plays of which a leak test consists: each fills some families."""

    TALK = "talk"
    PROBE = "probe"
    TROUBLE = "trouble"
    ECHO = "echo"
    LOOK = "look"
    SEASON = "season"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a family looks at, in which play; whether it is behaviour, and what a leak means."""

    play: Play
    looks_at: str
    means: str
    #: Behaviour is drawn like people's, so it may differ a little: up to .60 passes.
    timing: bool = False
    #: Nothing in it is left to chance: one string that tells is a leak.
    exact: bool = False


ABOUT: dict[Family, About] = {
    Family.FRAMES: About(
        play=Play.TALK,
        looks_at="names, order and types of the fields of event frames",
        means="a field, its place or its type depends on who wrote",
    ),
    Family.ORDER: About(
        play=Play.TALK,
        looks_at="which frames come before and after a message (without pacing, waits as well)",
        means="a message of one kind comes with other frames around it",
    ),
    Family.SIZES: About(
        play=Play.TALK,
        looks_at="bytes of a frame without its text",
        means="a frame of one kind is longer or shorter",
    ),
    Family.IDS: About(
        play=Play.TALK,
        looks_at="length, letters, order and growth of event ids",
        means="ids of one kind are made in another way or grow with time",
    ),
    Family.GRAIN: About(
        play=Play.TALK,
        looks_at="the fraction of the second in which a message arrives, and arrival minus `at`",
        means="messages of one kind are released on a tick, or are stamped earlier",
    ),
    Family.ACKS: About(
        play=Play.TALK,
        looks_at="how long the acknowledgement of a question takes, by pane",
        means="taking a question for one kind in is more work",
    ),
    Family.PONGS: About(
        play=Play.PROBE,
        looks_at="round trips of pings on a second socket in the two seconds after a question",
        means="the server works after a question to one kind",
    ),
    Family.PAGES: About(
        play=Play.LOOK,
        looks_at="status, headers, cookies and every line of the pages of both seats",
        means="a page or its headers depend on the assignment",
    ),
    Family.LOOKUPS: About(
        play=Play.LOOK,
        looks_at="every column and related column as a look-up of the repair pages, by a superuser",
        means="an account can ask who sits where while the room is live",
    ),
    Family.MAILS: About(
        play=Play.SEASON,
        looks_at="number, subject and lines of the mails of both seats",
        means="a mail depends on the assignment",
    ),
    Family.ECHO: About(
        play=Play.ECHO,
        looks_at="what is shown of strings to be typed exactly: the same, altered, silence",
        means="words that a person may say are altered or refused from a machine",
        exact=True,
    ),
    Family.WAITS: About(
        play=Play.TALK,
        looks_at="seconds from a question to its answer",
        means="the model's time, a floor or a queue shows in the waits",
        timing=True,
    ),
    Family.BURSTS: About(
        play=Play.TALK,
        looks_at="messages per answer, and the gaps between them",
        means="one kind cuts its answers otherwise",
        timing=True,
    ),
    Family.INITIATIVE: About(
        play=Play.TALK,
        looks_at="messages in a silence that the interrogator leaves",
        means="one kind never writes, or writes more, without being asked",
        timing=True,
    ),
    Family.SILENCE: About(
        play=Play.TALK,
        looks_at="messages and characters while the interrogator writes a line every half second",
        means="one kind cannot get a word in, or is not disturbed",
        timing=True,
    ),
    Family.FAULTS: About(
        play=Play.TROUBLE,
        looks_at="answers to a question asked while the provider fails for some seconds",
        means="a failing provider shows as lateness, silence or another frame",
        timing=True,
    ),
    Family.RESTARTS: About(
        play=Play.TROUBLE,
        looks_at="who answers when, after a server was killed and is back",
        means="one kind is there before a person can be",
        timing=True,
    ),
    Family.HOURS: About(
        play=Play.SEASON,
        looks_at="hours, weekdays and minutes of messages in a long room on a fast clock",
        means="one kind sleeps otherwise, or writes on the minute",
        timing=True,
    ),
}
#: What no leak test of this kind can see.
NOT_TESTED = (
    "The words: both kinds say the same here; telling them apart by words is what a study is for.",
    "Injections that make a model say its instructions in some cipher (docs/gate.md).",
    "Whoever is root on the server, or reads its database, its logs or its provider's account.",
    "How real people differ from the study's pacing rule: the person here draws waits from that "
    "rule (docs/pacing.md compares it with people).",
    "Anything between server and client beside time and bytes: TLS records, proxies, browsers.",
)
