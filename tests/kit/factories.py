"""Studies and rooms for tests: small, simulated, and each under a name of its own."""

import secrets
from dataclasses import dataclass

from arena import services
from arena.event_kinds import Message
from arena.events import Decision, Draft, append_now
from arena.models import Room, Study

TEMPLATE = """\
study: {slug}
title: A study for tests
simulated: true
format: {format}
{human_share}duration: {duration}
message_chars: 300
lobby_wait: 30 min
verdict_grace: {grace}
rounds: {rounds}
delay: {delay}
attendance: {attendance}
machine_down: {machine_down}
machine_failure: count
human_silence: {{after: 30 s, rule: count}}
forced_verdict: separate
paused_room: count
unsealed: {unsealed}
witness_input: {witness_input}
reports: open
belief: {{prompt_every: never}}
commitment: {{rule: verdict_only}}
active_gap_cap: 120 s
reveal: {reveal}
contact: the person who sent you the link
consent: |
  You take part in a test of the software. Everything you write is stored.
debrief: |
  Thank you.
exit_questions:
  - {{id: cues, ask: [interrogator, witness], text: "What gave it away?", answer: text}}
strategies: jones-bergen-2024
machines:
{machines}
"""

UNRECORDED = "{pasting: allow, typing: none, relayed: count, stated: none}"
RECORDED = (
    "{pasting: forbid, typing: record, relayed: exclude, stated: Everything you write is stored.}"
)

ELIZA = """\
  - name: eliza
    weight: 1
    backend: eliza
    model: doctor
    persona: ""
    options: {}
    pacing: {rule: none}
    initiative: none
    life: none
    memory: none
    budget: {calls: 1000, tokens: 1000000, cost_usd: 5}
"""


def study_text(
    *,
    format: str = "three_party",
    human_share: float = 0.5,
    duration: str = "10 min",
    grace: str = "2 min",
    reveal: str = "at_end",
    rounds: str = "none",
    delay: str = "0 s",
    attendance: str = "none",
    machine_down: str = "{after: 30 s, then: end}",
    unsealed: str = "count",
    witness_input: str = UNRECORDED,
    machines: str = ELIZA,
) -> str:
    """A study file that is like no other."""
    share = f"human_share: {human_share}\n" if format == "two_party" else ""
    return TEMPLATE.format(
        slug=f"test-{secrets.token_hex(6)}",
        format=format,
        human_share=share,
        duration=duration,
        grace=grace,
        reveal=reveal,
        rounds=rounds,
        delay=delay,
        attendance=attendance,
        machine_down=machine_down,
        unsealed=unsealed,
        witness_input=witness_input,
        machines=machines,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRoom:
    """A room with the tokens of its links."""

    study: Study
    room: Room
    interrogator: str
    witness: str
    human_pane: str | None  # None where the one witness is the machine

    @property
    def machine_pane(self) -> str:
        return "B" if self.human_pane == "A" else "A"

    @property
    def code(self) -> str:
        return self.room.code


def make_rooms(n: int, **options: object) -> list[MadeRoom]:
    """`n` rooms of a new study."""
    study, made = services.create_rooms(study_text(**options), n)  # type: ignore[arg-type]
    return [
        MadeRoom(
            study=study,
            room=study.rooms.get(code=new.code),
            interrogator=new.interrogator,
            witness=new.witness,
            human_pane=_human_pane(study.rooms.get(code=new.code)),
        )
        for new in made
    ]


def _human_pane(room: Room) -> str | None:
    seats = room.seats.filter(kind="human", stand_in=False).exclude(name="interrogator")
    return seats.values_list("name", flat=True).first()


def make_room(**options: object) -> MadeRoom:
    """One room of a new study."""
    return make_rooms(1, **options)[0]


def append_message(room: Room, text: str) -> str:
    """Have witness A say something, whatever the room's phase; return the event's id."""
    draft = Draft(seat="A", pane="A", body=Message(text=text))
    return append_now(room.id, lambda r, n: Decision(events=(draft,))).event
