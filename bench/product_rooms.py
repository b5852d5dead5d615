"""Makes the product's rooms in the database that the environment names; prints a plan of each.

Runs in a process of its own, so that the benchmark itself needs neither Django nor a database.
"""

import json
import os
import sys
from pathlib import Path

import django

#: ELIZA takes the other seat; nobody speaks to it, so its work is not in the figures.
STUDY = """\
study: bench
title: Benchmark
simulated: true
format: three_party
duration: 1 h
message_chars: 300
lobby_wait: 30 min
verdict_grace: 0 s
rounds: none
delay: 0 s
attendance: none
machine_down: {after: 30 s, then: end}
machine_failure: count
human_silence: {after: 30 s, rule: count}
paused_room: count
unsealed: count
witness_input: {pasting: allow, typing: none, relayed: count, stated: none}
reports: open
belief: {prompt_every: never}
commitment: {rule: verdict_only}
active_gap_cap: 120 s
reveal: at_end
contact: nobody
consent: This room is played by a program.
debrief: This room was played by a program.
exit_questions: []
strategies: jones-bergen-2024
machines:
  - name: eliza
    weight: 1
    backend: eliza
    model: doctor
    persona: ""
    options: {}
    pacing: {rule: none}
    life: none
    memory: none
    budget: {calls: 1000, tokens: 1000000, cost_usd: 5}
"""


def main(n_rooms: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
    django.setup()
    from arena import services
    from arena.models import Seat

    _, made = services.create_rooms(STUDY, n_rooms)
    panes = dict(
        Seat.objects.filter(kind="human", stand_in=False)
        .exclude(name="interrogator")
        .values_list("room__code", "name")
    )
    plans = [
        {
            "path": f"/ws/room/{room.code}/",
            "tokens": [room.interrogator, room.witness],
            "pane": panes[room.code],
        }
        for room in made
    ]
    sys.stdout.write(json.dumps(plans))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main(int(sys.argv[1]))
