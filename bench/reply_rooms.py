"""Makes live rooms whose witness is a model, in the database that the environment names.

Arguments: how many, the provider's address, the pacing. Prints where each room's interrogator
connects. In a process of its own, like `product_rooms`.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import django

PERSONA = (
    "You are Kim, 24, a student of nursing. You write in lower case, short and relaxed, and you "
    "like cats, cycling and bad films. You never explain yourself."
)
STUDY = """\
study: replies
title: Replies
simulated: true
format: two_party
human_share: 0
duration: 2 h
message_chars: 500
lobby_wait: 30 min
verdict_grace: 0 s
rounds: none
delay: 0 s
attendance: none
machine_down: {{after: 30 s, then: end}}
machine_failure: count
human_silence: {{after: 30 s, rule: count}}
paused_room: count
unsealed: count
witness_input: {{pasting: allow, typing: none, relayed: count, stated: none}}
reports: open
belief: {{prompt_every: never}}
commitment: {{rule: verdict_only}}
active_gap_cap: 120 s
reveal: at_end
contact: nobody
consent: This room is played by a program.
debrief: This room was played by a program.
exit_questions: []
strategies: jones-bergen-2024
machines:
  - name: model
    weight: 1
    backend: openai
    model: slow
    persona: {persona}
    options: {{temperature: 1.0, max_tokens: 200, timeout: 120 s, base_url: "{url}"}}
    pacing: {{rule: {pacing}}}
    life: none
    memory: none
    budget: {{calls: 100000, tokens: 1000000000, cost_usd: 5}}
"""


def main(n_rooms: int, url: str, pacing: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
    django.setup()
    from arena import events, services

    study = STUDY.format(persona=json.dumps(PERSONA), url=url, pacing=pacing)
    _, made = services.create_rooms(study, n_rooms)
    asyncio.run(_open(made))
    events.stop()
    plans = [{"path": f"/ws/room/{room.code}/", "token": room.interrogator} for room in made]
    sys.stdout.write(json.dumps(plans))


async def _open(made: list) -> None:  # type: ignore[type-arg]
    """Have everybody of every room agree."""
    from arena import database, services
    from arena.services import playing

    async def ready(code: str, token: str) -> None:
        seat = await database.run(services.seat_by_token, code, token)
        await playing.ready(seat, command_id="ready", consent=seat.room.consent_sha256)

    await asyncio.gather(
        *(ready(room.code, token) for room in made for token in (room.interrogator, room.witness))
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
