"""What was measured on people who chat, and how it came about."""

from collections.abc import Mapping
from dataclasses import dataclass

from arena.event_kinds import SlipKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How long people read, think, type and pause; medians of log-normals, spreads in logarithms.

    A spread is the standard deviation of the logarithm.
    """

    thought_s: float
    thought_spread: float
    #: The first reply's thought is this many times as long.
    first_thought: float
    #: Between people, on every thought, finish and pause of theirs.
    mood_spread: float
    chars_per_s: float
    #: Typing speed between people, and between one person's messages.
    speed_spread: float
    typing_spread: float
    reading_s_per_char: float
    #: A reply of n characters was under way before the message came, with the probability
    #: under_way * (1 - exp(-n / under_way_chars)); what is left is part of its typing and a finish.
    under_way: float
    under_way_chars: float
    finish_s: float
    finish_spread: float
    #: Between two messages of one burst, besides the typing of the second.
    pause_s: float
    pause_spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstFigures:
    """How a turn of n characters is cut up: logits linear in ln n."""

    two_or_more: tuple[float, float]
    three_or_more_of_those: tuple[float, float]


#: Fitted by `python -m bench.pacing.fit` to 646 replies and 391 follow-ups of 194 people in 98
#: dialogues of the MeetUp corpus (2018, free chat in a cooperative game, 1 s clock; BSD-3-Clause,
#: (c) 2018 davidschlangen; github.com/clp-research/meetup at d940f863). Log-likelihood -3028.0; on
#: the 95 dialogues left out -2848.6. The two spreads of typing are not fitted but taken
#: over (Dhakal et al., CHI 2018). docs/pacing.md has the checks and the limits.
MEETUP = Figures(
    thought_s=3.205,
    thought_spread=0.774,
    first_thought=1.274,
    mood_spread=0.534,
    chars_per_s=6.027,
    speed_spread=0.21,
    typing_spread=0.25,
    reading_s_per_char=0.041,
    under_way=0.664,
    under_way_chars=14.927,
    finish_s=0.197,
    finish_spread=2.119,
    pause_s=2.812,
    pause_spread=1.127,
)

#: From the same half: 73 % of turns are one message, 19 % two, 8 % three and more.
MEETUP_BURSTS = BurstFigures(
    two_or_more=(-5.976, 1.489),
    three_or_more_of_those=(-8.029, 1.798),
)

#: How often a turn of several lines and n characters is one message with line breaks, not a message
#: a line: its logit, linear in ln n. Fitted by `python -m bench.pacing.line_breaks` to 8 428 turns
#: of people in public channels of Slack about programming, where Enter sends and Shift+Enter breaks
#: the line (Chatterjee et al., 2020; docs/pacing.md has the files, the counts and the limits).
#: No message of the MeetUp corpus has a line break.
KEPT_IN_ONE = (-9.642, 1.465)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingFigures:
    """How people's typing errors differ by kind and by person."""

    letters_per_word: float
    kinds: Mapping[SlipKind, float]
    #: Between people, of the share of errors: the standard deviation of its logarithm.
    error_spread: float
    #: How alike a person's messages are in a habit: a and b of a beta distribution come to this.
    capital_habit: float
    apostrophe_habit: float
    #: The share of corrections that have their star in front.
    star_before: float


#: Counted in 2 280 chat messages (11 932 words) of 326 people of the same corpus, both halves: 55
#: typing errors by the kinds below, read one by one among the words that no list of English words
#: has, and 7 messages that put one right, 5 of them with the star in front. Of 227 people with five
#: messages and more 41 % began nearly all with a small letter and 15 % nearly none; of 30 people
#: 17 % left nearly all apostrophes out and 67 % nearly none. How much people differ in errors is
#: taken over: mean 1.17 %, standard deviation 1.43 of characters (Dhakal et al., CHI 2018).
#: docs/personas.md has the counts and the limits.
MEETUP_TYPING = TypingFigures(
    letters_per_word=3.74,
    kinds={
        SlipKind.TRANSPOSITION: 15,
        SlipKind.OMISSION: 13,
        SlipKind.INSERTION: 11,
        SlipKind.SUBSTITUTION: 10,
        SlipKind.DOUBLING: 6,
    },
    error_spread=0.956,
    capital_habit=0.7,
    apostrophe_habit=0.3,
    star_before=0.71,
)
