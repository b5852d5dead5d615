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
    #: The first reply's thought is this many times as long, and that before a burst.
    first_thought: float
    burst_thought: float
    #: Between people, on every thought and finish of theirs; on pauses this share of it.
    mood_spread: float
    mood_in_pauses: float
    chars_per_s: float
    #: Typing speed between people, and between one person's messages.
    speed_spread: float
    typing_spread: float
    reading_s_per_char: float
    #: A reply of n characters was under way before the message came, with the probability
    #: under_way * (1 - exp(-n / under_way_chars)); what is left is part of its typing and a finish.
    under_way: float
    under_way_chars: float
    #: How much the logit of `under_way` falls with a mood that is one spread slower.
    under_way_by_mood: float
    #: How much it rises where other messages follow the first.
    under_way_in_bursts: float
    finish_s: float
    finish_spread: float
    #: Between two messages of one burst, besides the typing of the second.
    #: `pause_s` is before a second message of 19 characters; it grows with a power of their number.
    pause_s: float
    pause_by_length: float
    pause_spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstFigures:
    """How a turn of n characters is cut up: logits linear in ln n, moved by a person's habit."""

    two_or_more: tuple[float, float]
    #: After the second message and each that follows.
    another: tuple[float, float]
    #: Between people: standard deviation of the logit of the first, and how much of it the second
    #: shares.
    habit_spread: float
    habit_in_more: float


#: Fitted by `python -m bench.pacing.fit` to 646 replies and 391 follow-ups of 194 people in 98
#: dialogues of the MeetUp corpus (2018, free chat in a cooperative game, 1 s clock; BSD-3-Clause,
#: (c) 2018 davidschlangen; github.com/clp-research/meetup at d940f863). Log-likelihood -2998.4. How
#: typing varies from one of a person's messages to the next is not fitted but taken over (Dhakal et
#: al., CHI 2018). docs/pacing.md has the checks and the limits.
MEETUP = Figures(
    thought_s=3.303,
    thought_spread=0.693,
    first_thought=1.265,
    burst_thought=0.876,
    mood_spread=0.537,
    mood_in_pauses=0.68,
    chars_per_s=7.645,
    speed_spread=0.387,
    typing_spread=0.25,
    reading_s_per_char=0.04,
    under_way=0.495,
    under_way_chars=12.016,
    under_way_by_mood=0.512,
    under_way_in_bursts=1.592,
    finish_s=0.346,
    finish_spread=2.103,
    pause_s=3.678,
    pause_by_length=0.335,
    pause_spread=0.948,
)

#: From the same half: 73 % of turns are one message, 19 % two, 8 % three and more. The lines are
#: for texts that can be cut; `python -m bench.pacing.places` holds them against where people could.
MEETUP_BURSTS = BurstFigures(
    two_or_more=(-4.272, 1.194),
    another=(-5.171, 1.098),
    habit_spread=1.654,
    habit_in_more=0.742,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InitiativeFigures:
    """When people write unasked or leave a question: medians (s) of log-normals, and spreads."""

    #: From a room's beginning to a person's own first words, unless the other side comes first.
    opens_s: float
    opens_spread: float
    #: From 15 s of silence after a person's own last words to the next, unless the other writes.
    reopens_s: float
    reopens_spread: float
    reopens_habit_spread: float
    #: The share of messages that a person puts aside, and for how long.
    aside_share: float
    aside_s: float
    aside_spread: float


#: Fitted by `python -m bench.pacing.initiative` to the same half. Openings: 98 first messages after
#: the beginning of the game, each person's time ended by the other's first message. Reopenings: 214
#: silences of more than 15 s after own words, of 108 people; 91 were ended by the same person, the
#: others by the other one. Put aside: of 646 replies of people who were only chatting, those that
#: no mixture of reading, thinking and typing explains.
MEETUP_INITIATIVE = InitiativeFigures(
    opens_s=27.704,
    opens_spread=0.967,
    reopens_s=27.446,
    reopens_spread=1.407,
    reopens_habit_spread=0.166,
    aside_share=0.01,
    aside_s=34.533,
    aside_spread=0.207,
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
