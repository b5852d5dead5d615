import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.pacing import PacingRule
from arena.persona.life import Life
from arena.rules import Format
from arena.studies.design import (
    Answer,
    Attendance,
    Budget,
    CommitmentRule,
    CommitmentSettings,
    ExitQuestion,
    ForcedVerdictRule,
    HumanSilence,
    MachineDown,
    MemorySettings,
    Pacing,
    ProfileSpec,
    ReportRule,
    Reveal,
    StudyFile,
    UnansweredRule,
    UnsealedRule,
    WhenDown,
)
from arena.studies.file import parse
from arena.studies.taxonomy import Strategy
from arena.studies.witness_input import Pasting, Recording, RelayedRule, WitnessInput
from arena.studies.yaml import Problem, StudyFileError, format_problems
from tests.kit.paths import ROOT

#: The line of `machine_down` in the file below.
LAST = 52
SHIPPED = sorted((ROOT / "studies").glob("*.yaml"))

FULL = """\
study: every-key
title: Every key
simulated: true
format: two_party
human_share: 0.25
duration: 1.5 h
message_chars: 300
lobby_wait: 30 min
verdict_grace: 0 s
belief: {prompt_every: 90 s}
commitment: {rule: threshold, tau: 0.8, sensitivity: [0.7, 0.9], dwell: 5 min, dwell_messages: 3}
active_gap_cap: 120 s
reveal: withheld
contact: Ada, ada@example.org
consent: |
  Read “this”.

  Then agree. Do not paste.
debrief: Thanks.
exit_questions:
  - {id: why, ask: [interrogator], text: 'Why?', answer: text}
  - {id: which, ask: [witness], text: 'Which?', answer: choice, choices: [this, that]}
  - {id: how, ask: [witness], text: 'How?', answer: scale, low: no, high: yes, points: 5}
strategies:
  - {id: maths, label: Maths, meaning: Sums., category: Thinking}
  - {id: no, label: No, meaning: Says no.}
machines:
  - name: eliza-doctor
    weight: 2
    backend: eliza
    model: doctor
    persona: ""
    options: {}
    pacing: {rule: calibrated}
    life: none
    memory: none
    budget: {calls: 500, tokens: 200000, cost_usd: 0}
  - name: parrot
    weight: 0.5
    backend: scripted
    model: lines
    persona: ""
    options: {lines: [Hello, Bye], at_end: silence}
    pacing: {rule: none}
    life: none
    memory: none
    budget: {calls: 1, tokens: 1, cost_usd: 2.5}
rounds: none
attendance: none
paused_room: count
forced_verdict: exclude
machine_down: {after: 75 s, then: pause}
machine_failure: censor_at_first
human_silence: {after: 4 min, rule: exclude}
delay: 0 s
unsealed: exclude
witness_input: {pasting: forbid, typing: record, relayed: exclude, stated: Do not paste.}
reports: blinded
"""


def _problems(text: str) -> list[tuple[int, str, str, str]]:
    with pytest.raises(StudyFileError) as refused:
        parse(text)
    return [(each.line, each.where, each.value, each.expected) for each in refused.value.problems]


def _with(old: str, new: str) -> str:
    assert FULL.count(old) == 1
    return FULL.replace(old, new)


def test_parse_reads_every_key() -> None:
    assert parse(FULL) == StudyFile(
        slug="every-key",
        title="Every key",
        simulated=True,
        format=Format.TWO_PARTY,
        human_share=0.25,
        duration_s=5400,
        message_chars=300,
        lobby_wait_s=1800,
        verdict_grace_s=0,
        rounds_s=None,
        delay_s=0,
        attendance=None,
        machine_down=MachineDown(after_s=75, then=WhenDown.PAUSE),
        machine_failure=UnansweredRule.CENSOR_AT_FIRST,
        human_silence=HumanSilence(after_s=240, rule=UnansweredRule.EXCLUDE),
        paused_room=UnansweredRule.COUNT,
        forced_verdict=ForcedVerdictRule.EXCLUDE,
        unsealed=UnsealedRule.EXCLUDE,
        witness_input=WitnessInput(
            pasting=Pasting.FORBID,
            typing=Recording.RECORD,
            relayed=RelayedRule.EXCLUDE,
            stated="Do not paste.",
        ),
        reports=ReportRule.BLINDED,
        belief_every_s=90,
        commitment=CommitmentSettings(
            rule=CommitmentRule.THRESHOLD,
            tau=0.8,
            sensitivity=(0.7, 0.9),
            dwell_s=300,
            dwell_messages=3,
        ),
        active_gap_cap_s=120,
        reveal=Reveal.WITHHELD,
        contact="Ada, ada@example.org",
        consent="Read “this”.\n\nThen agree. Do not paste.",
        debrief="Thanks.",
        exit_questions=(
            ExitQuestion(id="why", ask=("interrogator",), text="Why?", answer=Answer.TEXT),
            ExitQuestion(
                id="which",
                ask=("witness",),
                text="Which?",
                answer=Answer.CHOICE,
                choices=("this", "that"),
            ),
            ExitQuestion(
                id="how",
                ask=("witness",),
                text="How?",
                answer=Answer.SCALE,
                low="no",
                high="yes",
                points=5,
            ),
        ),
        taxonomy="own",
        strategies=(
            Strategy(id="maths", label="Maths", meaning="Sums.", category="Thinking"),
            Strategy(id="no", label="No", meaning="Says no."),
        ),
        machines=(
            ProfileSpec(
                name="eliza-doctor",
                weight=2.0,
                backend="eliza",
                model="doctor",
                persona="",
                options={},
                pacing=Pacing(rule=PacingRule.CALIBRATED),
                life=None,
                memory=None,
                budget=Budget(calls=500, tokens=200_000, cost_usd=0.0),
            ),
            ProfileSpec(
                name="parrot",
                weight=0.5,
                backend="scripted",
                model="lines",
                persona="",
                options={"lines": ["Hello", "Bye"], "at_end": "silence"},
                pacing=Pacing(rule=PacingRule.NONE),
                life=None,
                memory=None,
                budget=Budget(calls=1, tokens=1, cost_usd=2.5),
            ),
        ),
    )


def test_three_party_with_the_least() -> None:
    text = _with("format: two_party\nhuman_share: 0.25", "format: three_party")
    text = text.replace("{prompt_every: 90 s}", "{prompt_every: never}")
    study = parse(re.sub(r"commitment: .*", "commitment: {rule: verdict_only}", text))
    assert study.human_share is None
    assert study.belief_every_s is None
    assert study.commitment == CommitmentSettings(
        rule=CommitmentRule.VERDICT_ONLY,
        tau=None,
        sensitivity=(),
        dwell_s=None,
        dwell_messages=None,
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_studies_are_sound(path: Path) -> None:
    study = parse(path.read_text("utf-8"))
    assert study.slug == path.stem
    assert study.simulated == path.stem.startswith("demo")
    backends = {"openai"} if study.slug == "models" else {"eliza"}
    assert {machine.backend for machine in study.machines} == backends
    assert StudyFile.from_config(json.loads(json.dumps(study.config()))) == study
    for promise in ("leave", "stored", "machine", "agree"):
        assert promise in study.consent


def test_shipped_studies_are_these() -> None:
    assert sorted(path.stem for path in SHIPPED) == [
        "demo",
        "demo-two-party",
        "expert-hour",
        "five-minute",
        "models",
        "ninety-days",
        "two-party",
    ]


@pytest.mark.parametrize("name", ["five-minute", "two-party", "expert-hour", "ninety-days"])
def test_examples_in_the_comments_of_shipped_studies_are_sound(name: str) -> None:
    text = (ROOT / "studies" / f"{name}.yaml").read_text("utf-8")
    head, machines = text.split("\nmachines:\n")
    uncommented = re.sub(r"(?m)^  # (?=- |  )", "  ", machines)
    study = parse(f"{head}\nmachines:\n{uncommented}")
    assert [machine.backend for machine in study.machines] == ["eliza", "openai", "litellm"]
    assert all(machine.persona for machine in study.machines[1:])


def test_five_minute_is_the_published_design() -> None:
    study = parse((ROOT / "studies" / "five-minute.yaml").read_text("utf-8"))
    assert (study.format, study.duration_s, study.message_chars) == (Format.THREE_PARTY, 300, 300)
    assert [machine.pacing.rule for machine in study.machines] == [PacingRule.PUBLISHED]
    assert study.taxonomy == "jones-bergen-2024"


def test_hashes_are_those_of_the_values() -> None:
    study = parse(FULL)
    other_layout = "# a comment\n" + FULL.replace("1.5 h", '"90 min"')
    assert parse(other_layout).sha256 == study.sha256
    assert parse(_with("message_chars: 300", "message_chars: 301")).sha256 != study.sha256
    canonical = json.dumps(
        study.config(), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert study.sha256 == hashlib.sha256(canonical.encode()).hexdigest()
    consent = "Read “this”.\n\nThen agree. Do not paste.".encode()
    assert study.consent_sha256 == hashlib.sha256(consent).hexdigest()
    assert len({machine.sha256 for machine in study.machines}) == 2


def test_config_has_every_value_by_its_unit() -> None:
    config = parse(FULL).config()
    assert set(config) == set(StudyFile.__dataclass_fields__)
    assert config["duration_s"] == 5400
    assert config["commitment"] == {
        "rule": "threshold",
        "tau": 0.8,
        "sensitivity": [0.7, 0.9],
        "dwell_s": 300,
        "dwell_messages": 3,
    }
    assert config["machines"][1] == parse(FULL).machines[1].config()


def test_defaults_of_a_backend_are_stored() -> None:
    study = parse(_with(", at_end: silence}", "}"))
    assert study.machines[1].options == {"at_end": "repeat", "lines": ["Hello", "Bye"]}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("study: every-key", "study: Every Key", (1, "study", '"Every Key"', "a name of small")),
        ("title: Every key", "title: 7", (2, "title", "7", "a text of 1 to 200")),
        ("simulated: true", "simulated: yes", (3, "simulated", '"yes"', "true or false")),
        ("format: two_party", "format: 2", (4, "format", "2", "two_party or three_party")),
        (": 0.25", ": 1.5", (5, "human_share", "1.5", "a number from 0 to 1")),
        ("1.5 h", "5", (6, "duration", "5", "a length of time from 1 min to 400 days")),
        ("1.5 h", "401 days", (6, "duration", '"401 days"', "a length of time from 1 min")),
        ("1.5 h", "60.5 s", (6, "duration", '"60.5 s"', "a length of time from 1 min")),
        ("chars: 300", "chars: 300.0", (7, "message_chars", "300.0", "a whole number from 1")),
        ("chars: 300", "chars: true", (7, "message_chars", "true", "a whole number from 1")),
        ("30 min", "soon", (8, "lobby_wait", '"soon"', "a length of time from 10 s")),
        ("grace: 0 s", "grace: 0", (9, "verdict_grace", "0", "a length of time from 0 s")),
        ("90 s", "9 s", (10, "belief.prompt_every", '"9 s"', '"never", or a length of time')),
        ("90 s", "2 h", (10, "belief.prompt_every", '"2 h"', "never, or a length of time less")),
        ("{prompt_every: 90 s}", "60 s", (10, "belief", '"60 s"', "a mapping")),
        ("tau: 0.8", "tau: 0.5", (11, "commitment.tau", "0.5", "a number above 0.5")),
        ("tau: 0.8", "tau: .nan", (11, "commitment.tau", '".nan"', "a number above 0.5")),
        ("[0.7, 0.9]", "[0.8]", (11, "commitment.sensitivity", "[0.8]", "values other than tau")),
        ("[0.7, 0.9]", "0.7", (11, "commitment.sensitivity", "0.7", "a list, perhaps empty")),
        ("dwell: 5 min", "dwell: 90 min", (11, "commitment.dwell", '"90 min"', "a length of time")),
        ("threshold", "verdict_only", (11, "commitment.tau", "0.8", "no such key, except")),
        ("withheld", "later", (13, "reveal", '"later"', "at_end or withheld")),
        ("Ada, ada@example.org", "", (14, "contact", "nothing", "a text of 1 to 500")),
        ("debrief: Thanks.", 'debrief: "a\\0b"', (19, "debrief", '"a\\u0000b"', "a text of 1")),
        ("debrief: Thanks.", 'debrief: "\\ud800"', (19, "debrief", '"\\ud800"', "a text of 1")),
        ("id: which", "id: why", (22, "exit_questions[1].id", '"why"', "a different id; line 21")),
        ("[interrogator]", "[host]", (21, "exit_questions[0].ask", '["host"]', "a list of one")),
        ("[this, that]", "[one]", (22, "exit_questions[1].choices", '["one"]', "a list of 2 to")),
        ("answer: text", "answer: long", (21, "exit_questions[0].answer", '"long"', "text or")),
        ("points: 5", "points: 1", (23, "exit_questions[2].points", "1", "a whole number from 2")),
        ("id: no,", "id: maths,", (26, "strategies[1].id", '"maths"', "a different id; line 25")),
        ("name: parrot", "name: eliza-doctor", (38, "machines[1].name", '"eliza-doctor"', "a")),
        ("weight: 2", "weight: 0", (29, "machines[0].weight", "0", "a number above 0")),
        ("backend: eliza", "backend: elisa", (30, "machines[0].backend", '"elisa"', "an inst")),
        ("model: doctor", "model: nurse", (31, "machines[0].model", "'nurse'", "one of doctor")),
        ("at_end: silence", "at_end: sing", (43, "machines[1].options.at_end", "'sing'", "one of")),
        ("at_end: silence", "end: sing", (43, "machines[1].options.end", "'sing'", "one of")),
        ("options: {}", "options: []", (33, "machines[0].options", "[]", "a mapping, {} where")),
        ("{rule: none}", "{rule: rounds}", (44, "machines[1].pacing.rule", '"rounds"', "another")),
        ("room: count", "room: drop", (LAST - 2, "paused_room", '"drop"', "exclude or censor")),
        ("verdict: ex", "verdict: in", (LAST - 1, "forced_verdict", '"include"', "separate or")),
        ("75 s", "9 s", (LAST, "machine_down.after", '"9 s"', "a length of time from 10 s")),
        ("75 s", "2 h", (LAST, "machine_down.after", '"2 h"', "a length of time less than the")),
        ("then: pause", "then: wait", (LAST, "machine_down.then", '"wait"', "pause or end")),
        ("censor_at_first", "drop", (LAST + 1, "machine_failure", '"drop"', "exclude or censor")),
        ("4 min", "90 min", (LAST + 2, "human_silence.after", '"90 min"', "a length of time less")),
        ("rule: exclude", "rule: 1", (LAST + 2, "human_silence.rule", "1", "exclude or censor")),
        ("calls: 500", "calls: 0", (37, "machines[0].budget.calls", "0", "a whole number from 1")),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_where_it_stands(
    old: str, new: str, problem: tuple[int, str, str, str]
) -> None:
    assert problem in [
        (line, where, value, expected[: len(problem[3])])
        for line, where, value, expected in _problems(_with(old, new))
    ]


@pytest.mark.parametrize("grace", ["1 s", "2 min", "30 days"])
def test_time_for_a_late_verdict_needs_a_word_on_what_it_counts_for(grace: str) -> None:
    text = _with("forced_verdict: exclude\n", "").replace("grace: 0 s", f"grace: {grace}")
    [(line, where, value, expected)] = _problems(text)
    assert (line, where, value) == (1, "forced_verdict", "missing")
    assert expected.startswith("separate or count or exclude: what a verdict given in the verdict")
    assert parse(text + "forced_verdict: separate\n").forced_verdict == "separate"


def test_without_that_time_the_word_may_be_left_out() -> None:
    assert parse(_with("forced_verdict: exclude\n", "")).forced_verdict is None


def test_a_study_stored_before_these_rules_is_read() -> None:
    study = parse(FULL)
    config = study.config()
    del config["forced_verdict"], config["paused_room"]
    stored = StudyFile.from_config(config)
    assert stored.forced_verdict is None and stored.paused_room is None
    assert stored == replace(study, forced_verdict=None, paused_room=None)


def test_pacing_without_waits_is_for_simulated_studies() -> None:
    assert [each[:3] for each in _problems(_with("simulated: true", "simulated: false"))] == [
        (44, "machines[1].pacing.rule", '"none"')
    ]


@pytest.mark.parametrize(
    ("rounds", "delay", "expected"),
    [
        ("60 s", "5 s", "0 s: with rounds, replies are shown together at the end of one"),
        ("none", "90 min", "a length of time from 0 s to 1 h"),
        ("none", "soon", "a length of time from 0 s to 1 h"),
    ],
)
def test_delay_is_short_and_none_with_rounds(rounds: str, delay: str, expected: str) -> None:
    text = _with("rounds: none", f"rounds: {rounds}").replace("delay: 0 s", f"delay: {delay}")
    [found] = [each for each in _problems(text) if each[1] == "delay"]
    assert found[2:] == (f'"{delay}"', found[3]) and found[3].startswith(expected)


def test_delay_is_shorter_than_the_room() -> None:
    text = _with("duration: 1.5 h", "duration: 5 min").replace("delay: 0 s", "delay: 5 min")
    [found] = [each for each in _problems(text) if each[1] == "delay"]
    assert found[3] == "less than the duration (5 min)"


def test_rounds_are_for_the_whole_study() -> None:
    problem = _problems(_with("{rule: none}", "{rule: rounds}"))[0]
    assert problem[3] == "another rule: the study has no rounds"
    found = _problems(_with("rounds: none", "rounds: 60 s"))
    assert [each[1] for each in found] == ["machines[0].pacing.rule", "machines[1].pacing.rule"]
    assert found[0][3] == "rounds, as the study has rounds"


def test_human_share_is_for_two_party_only() -> None:
    three = _with("two_party", "three_party")
    assert [each[1] for each in _problems(three)] == ["human_share"]
    assert [each[1:3] for each in _problems(_with("human_share: 0.25\n", ""))] == [
        ("human_share", "missing")
    ]


def test_a_persona_for_a_script_is_refused() -> None:
    text = FULL.replace('persona: ""', "persona: A pirate.", 1)
    assert [each[:3] for each in _problems(text)] == [(32, "machines[0].persona", '"A pirate."')]


def test_a_long_consent_in_bytes_is_refused() -> None:
    assert _problems(_with("Then agree.", "é" * 7000 + " "))[0][3] == "at most 12000 bytes in UTF-8"


def test_every_problem_comes_at_once_in_the_order_of_the_file() -> None:
    text = FULL.replace("weight: 2\n", "wieght: 2\n").replace("1.5 h", "5 mn")
    text = text.replace("backend: scripted", "backend: scriptd").replace("reveal: withheld\n", "")
    assert [each[:3] for each in _problems(text)] == [
        (1, "reveal", "missing"),
        (6, "duration", '"5 mn"'),
        (27, "machines[0].weight", "missing"),
        (28, "machines[0].wieght", "unknown key"),
        (39, "machines[1].backend", '"scriptd"'),
    ]


def test_a_key_close_to_a_known_one_is_suggested() -> None:
    text = _with("message_chars", "mesage_chars")
    assert (7, "mesage_chars", "unknown key", '"message_chars" (did you mean that?)') in _problems(
        text
    )


@pytest.mark.parametrize("line", FULL.splitlines()[1:14])
def test_no_key_has_a_silent_default(line: str) -> None:
    key = line.split(":")[0]
    missing = [each for each in _problems(_with(line + "\n", "")) if each[2] == "missing"]
    assert [where for _, where, _, _ in missing] == [key]


@pytest.mark.parametrize(
    ("text", "line", "value"),
    [
        ("", 1, "no keys"),
        ("- a\n- b\n", 1, "no keys"),
        ("study: [\n", 2, "while parsing"),
        ("study: a\n  title: b\n", 2, "mapping values"),
        ("study: a\x07\n", 1, "'\\x07'"),
        ("study: &name a\n", 1, "an anchor"),
        ("a: [b]\nc: *d\n", 2, "an anchor"),
        ("---\na: 1\n---\nb: 2\n", 3, "expected a single"),
        ("[" * 5000 + "]" * 5000, 1, "more than 20"),
        ('a: "\\UFFFFFFFF"\n', 1, "an escape"),
        ("a: " + "x" * 400_001, 1, "400004 characters"),
    ],
)
def test_text_that_is_no_tree_is_one_problem(text: str, line: int, value: str) -> None:
    found = _problems(text)
    assert len(found) == 1
    assert found[0][0] == line
    assert found[0][2].startswith(value)


def test_a_repeated_key_and_a_tag_are_problems() -> None:
    found = _problems(FULL + "title: Again\n")
    assert found == [(LAST + 7, "title", "a repeated key", "each key once; line 2 has it already")]
    tagged = _problems(_with("message_chars: 300", 'message_chars: !!int "300"'))
    assert tagged[0] == (7, "message_chars", "the tag tag:yaml.org,2002:int", "no tag")


def test_problems_are_laid_out_for_a_terminal() -> None:
    problems = [
        Problem(line=12, where="machines[0].wieght", value="unknown key", expected='"weight"'),
        Problem(line=4, where="duration", value='"5 mn"', expected="a length of time"),
    ]
    assert format_problems(problems, "x.yaml") == (
        "x.yaml has 2 problems:\n"
        '  line  4  duration: "5 mn"\n'
        "           expected a length of time\n"
        "  line 12  machines[0].wieght: unknown key\n"
        '           expected "weight"'
    )


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda text: text == text.strip()
)
SLUG = st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9}){0,2}", fullmatch=True)
SECONDS = st.integers(60, 400 * 86_400)
OPTIONS = st.dictionaries(
    SLUG, st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | TEXT, max_size=3
)
COMMITMENTS = st.builds(
    CommitmentSettings,
    rule=st.sampled_from(CommitmentRule),
    tau=st.none() | st.floats(0.5, 1),
    sensitivity=st.lists(st.floats(0.5, 1), max_size=3).map(tuple),
    dwell_s=st.none() | SECONDS,
    dwell_messages=st.none() | st.integers(1, 9),
)
STUDIES = st.builds(
    StudyFile,
    slug=SLUG,
    title=TEXT,
    simulated=st.booleans(),
    format=st.sampled_from(Format),
    human_share=st.none() | st.floats(0, 1),
    duration_s=SECONDS,
    message_chars=st.integers(1, 4000),
    lobby_wait_s=SECONDS,
    verdict_grace_s=SECONDS,
    rounds_s=st.none() | SECONDS,
    attendance=st.none()
    | st.builds(Attendance, reminders_s=st.lists(SECONDS, max_size=3).map(tuple)),
    machine_down=st.builds(MachineDown, after_s=SECONDS, then=st.sampled_from(WhenDown)),
    machine_failure=st.sampled_from(UnansweredRule),
    human_silence=st.builds(HumanSilence, after_s=SECONDS, rule=st.sampled_from(UnansweredRule)),
    paused_room=st.sampled_from(UnansweredRule),
    forced_verdict=st.none() | st.sampled_from(ForcedVerdictRule),
    unsealed=st.sampled_from(UnsealedRule),
    witness_input=st.builds(
        WitnessInput,
        pasting=st.sampled_from(Pasting),
        typing=st.sampled_from(Recording),
        relayed=st.sampled_from(RelayedRule),
        stated=st.none() | TEXT,
    ),
    reports=st.sampled_from(ReportRule),
    belief_every_s=st.none() | SECONDS,
    commitment=COMMITMENTS,
    active_gap_cap_s=SECONDS,
    reveal=st.sampled_from(Reveal),
    contact=TEXT,
    consent=TEXT,
    debrief=TEXT,
    exit_questions=st.lists(
        st.builds(
            ExitQuestion,
            id=SLUG,
            ask=st.sampled_from([("interrogator",), ("interrogator", "witness")]),
            text=TEXT,
            answer=st.sampled_from(Answer),
            choices=st.lists(TEXT, max_size=2).map(tuple),
            points=st.integers(0, 11),
        ),
        max_size=2,
    ).map(tuple),
    taxonomy=SLUG,
    strategies=st.lists(st.builds(Strategy, id=SLUG, label=TEXT, meaning=TEXT), max_size=2).map(
        tuple
    ),
    machines=st.lists(
        st.builds(
            ProfileSpec,
            name=SLUG,
            weight=st.floats(0.1, 9),
            backend=SLUG,
            model=TEXT,
            persona=TEXT,
            options=OPTIONS,
            pacing=st.builds(Pacing, rule=st.sampled_from(PacingRule)),
            life=st.none()
            | st.builds(
                Life,
                work_days=st.lists(TEXT, max_size=2).map(tuple),
                holidays=st.lists(TEXT, max_size=2).map(tuple),
                away_days=st.floats(0, 200),
                writes_first_per_day=st.floats(0, 20),
            ),
            memory=st.none() | st.builds(MemorySettings),
            budget=st.builds(
                Budget, calls=st.integers(1), tokens=st.integers(1), cost_usd=st.floats(0, 9)
            ),
        ),
        max_size=2,
    ).map(tuple),
)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(STUDIES)
def test_config_through_json_gives_the_same_study(study: StudyFile) -> None:
    again = StudyFile.from_config(json.loads(json.dumps(study.config())))
    assert again == study
    assert again.sha256 == study.sha256


NOISE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["rule", "id", "tau", "\ud800", "\x07"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
KEYS = [line.split(":")[0] for line in FULL.splitlines() if re.match(r"[a-z_]+:", line)]


@settings(max_examples=120, derandomize=True, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), NOISE, min_size=1, max_size=4))
def test_any_values_are_refused_with_their_lines(values: dict[str, object]) -> None:
    file = {**yaml.safe_load(FULL), **values}
    try:
        parse(json.dumps(file))
    except StudyFileError as refused:
        assert refused.problems
        assert all(each.line >= 1 and each.expected for each in refused.problems)
        format_problems(refused.problems, "x.yaml").encode()


def test_every_key_is_documented() -> None:
    page = (ROOT / "docs" / "study-files.md").read_text("utf-8")
    asked = re.sub(r"\{", "{zz-unknown: 1, ", FULL)
    asked = re.sub(r"(?m)^  - name", "  - zz-unknown: 1\n    name", "zz-unknown: 1\n" + asked)
    keys = set()
    for _, where, value, expected in _problems(asked):
        if where.endswith("zz-unknown") and value == "unknown key":
            keys |= set(expected.removeprefix("one of the keys ").split(", "))
    assert {"study", "prompt_every", "tau", "points", "category", "weight", "cost_usd"} <= keys
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
