"""Study files: the one place where a design is read; one problem refuses the whole file.

`parse` reports every problem at once, each with its line; nothing has a silent default.
"""

from dataclasses import replace

from arena import backends, pacing
from arena.rules import Format
from arena.studies import (
    analysis_rules,
    beliefs,
    long_rooms,
    personas,
    taxonomy,
    witness_input,
)
from arena.studies.design import (
    Answer,
    Budget,
    ExitQuestion,
    HumanSilence,
    JudgeSettings,
    MachineDown,
    Pacing,
    ProfileSpec,
    ReportRule,
    Reveal,
    StudyFile,
    UnansweredRule,
    UnsealedRule,
    WhenDown,
)
from arena.studies.fields import DAY_S, MAX_DURATION_S, FieldReader, format_duration
from arena.studies.taxonomy import Strategy
from arena.studies.yaml import Located, Problem, StudyFileError, format_problems, load, unlocated

__all__ = [
    "Answer",
    "Budget",
    "ExitQuestion",
    "HumanSilence",
    "MachineDown",
    "Pacing",
    "Problem",
    "ProfileSpec",
    "Reveal",
    "StudyFile",
    "StudyFileError",
    "UnansweredRule",
    "WhenDown",
    "format_problems",
    "parse",
]

MIN_DURATION_S = 60
MAX_MESSAGE_CHARS = 4000
MAX_DELAY_S = 3600
#: The consent text travels in one frame of at most 16 KiB, with the rest of the room's state.
MAX_CONSENT_BYTES = 12_000
MAX_STRATEGIES = 64
OWN_TAXONOMY = "own"
_SEATS = ("interrogator", "witness")


def parse(text: str) -> StudyFile:
    """Read a study file; raise StudyFileError with every problem it has."""
    tree, problems = load(text)
    study = _study(FieldReader(tree, problems))
    if problems:
        raise StudyFileError(problems)
    return study


def _study(file: FieldReader) -> StudyFile:
    format, named = file.choice("format", Format), _taxonomy(file)
    rounds_s = long_rooms.rounds_s(file)
    duration_s = file.duration_s("duration", low_s=MIN_DURATION_S, high_s=MAX_DURATION_S)
    grace_s = file.duration_s("verdict_grace", low_s=0, high_s=30 * DAY_S)
    silence = file.section("human_silence")
    study = StudyFile(
        slug=file.slug("study", max_length=80),
        title=file.text("title", max_length=200),
        simulated=file.boolean("simulated"),
        format=format,
        human_share=_human_share(file, format),
        duration_s=duration_s,
        message_chars=file.integer("message_chars", low=1, high=MAX_MESSAGE_CHARS),
        lobby_wait_s=file.duration_s("lobby_wait", low_s=10, high_s=MAX_DURATION_S),
        verdict_grace_s=grace_s,
        rounds_s=rounds_s,
        delay_s=_delay_s(file, duration_s=duration_s, rounds=rounds_s is not None),
        attendance=long_rooms.attendance(file, duration_s=duration_s),
        machine_down=_machine_down(file.section("machine_down")),
        machine_failure=file.choice("machine_failure", UnansweredRule),
        human_silence=analysis_rules.human_silence(silence, low_s=10, high_s=MAX_DURATION_S),
        paused_room=file.choice("paused_room", UnansweredRule),
        forced_verdict=analysis_rules.forced_verdict(file, grace_s=grace_s),
        unsealed=file.choice("unsealed", UnsealedRule),
        witness_input=witness_input.read(file.section("witness_input")),
        reports=file.choice("reports", ReportRule),
        belief_every_s=beliefs.every_s(file.section("belief")),
        commitment=beliefs.commitment(file.section("commitment")),
        active_gap_cap_s=file.duration_s("active_gap_cap", low_s=1, high_s=DAY_S),
        reveal=file.choice("reveal", Reveal),
        contact=file.text("contact", max_length=500),
        consent=file.text("consent", max_length=MAX_CONSENT_BYTES),
        debrief=file.text("debrief", max_length=20_000),
        exit_questions=_exit_questions(file),
        taxonomy=named,
        strategies=_strategies(file, named),
        machines=_machines(file, rounds=rounds_s is not None),
    )
    file.close()
    _check_together(file, study)
    return study


def _human_share(file: FieldReader, format: Format) -> float | None:
    if format == Format.TWO_PARTY:
        return file.number("human_share", low=0, high=1)
    if format == Format.THREE_PARTY and file.has("human_share"):
        file.refuse("human_share", "no such key, except with format two_party")
    file.allow("human_share")
    return None


def _delay_s(file: FieldReader, *, duration_s: int, rounds: bool) -> int:
    """How long after it was written a witness's message is shown to the interrogator."""
    delay_s = file.duration_s("delay", low_s=0, high_s=MAX_DELAY_S)
    if file.valid("delay") and rounds and delay_s:
        file.refuse("delay", "0 s: with rounds, replies are shown together at the end of one")
    if file.valid("delay", "duration") and delay_s >= duration_s:
        file.refuse("delay", f"less than the duration ({format_duration(duration_s)})")
    return delay_s


def _machine_down(part: FieldReader) -> MachineDown:
    down = MachineDown(
        after_s=part.duration_s("after", low_s=10, high_s=MAX_DURATION_S),
        then=part.choice("then", WhenDown),
    )
    part.close()
    return down


def _exit_questions(file: FieldReader) -> tuple[ExitQuestion, ...]:
    parts = list(file.sections("exit_questions"))
    questions = tuple(_exit_question(part) for part in parts)
    _refuse_repeats(parts, "id")
    return questions


def _exit_question(part: FieldReader) -> ExitQuestion:
    id = part.slug("id", max_length=40)
    ask = part.choices("ask", among=_SEATS)
    text = part.text("text", max_length=1000)
    answer = part.choice("answer", Answer)
    choices: tuple[str, ...] = ()
    low, high, points = "", "", 0
    if answer == Answer.CHOICE:
        choices = part.texts("choices", min_length=2, max_length=20, chars=200)
    if answer == Answer.SCALE:
        low, high = part.text("low", max_length=100), part.text("high", max_length=100)
        points = part.integer("points", low=2, high=11)
    if answer is not None:
        part.close()
    return ExitQuestion(
        id=id, ask=ask, text=text, answer=answer, choices=choices, low=low, high=high, points=points
    )


def _taxonomy(file: FieldReader) -> str:
    known = " or ".join(taxonomy.names())
    expected = f"{known}, or a list, perhaps empty, of id, label and meaning"
    place = file.raw("strategies", expected=expected)
    if place is None or isinstance(place.value, list):
        return OWN_TAXONOMY
    if place.value not in taxonomy.names():
        file.refuse("strategies", expected)
    return str(place.value)


def _strategies(file: FieldReader, name: str) -> tuple[Strategy, ...]:
    if not file.valid("strategies"):
        return ()
    if name != OWN_TAXONOMY:
        return taxonomy.get(name).strategies
    parts = list(file.sections("strategies"))
    if len(parts) > MAX_STRATEGIES:
        file.refuse("strategies", f"at most {MAX_STRATEGIES} strategies, not {len(parts)}")
    strategies = tuple(_strategy(part) for part in parts)
    _refuse_repeats(parts, "id")
    return strategies


def _strategy(part: FieldReader) -> Strategy:
    strategy = Strategy(
        id=part.slug("id"),
        label=part.text("label", max_length=60),
        meaning=part.text("meaning", max_length=500),
        category=part.text("category", max_length=60) if part.has("category") else "",
    )
    part.close()
    return strategy


def _machines(file: FieldReader, *, rounds: bool) -> tuple[ProfileSpec, ...]:
    parts = list(file.sections("machines", min_length=1))
    simulated = isinstance(file.place.value, dict) and _says_true(file.place.value, "simulated")
    machines = tuple(_machine(part, simulated=simulated, rounds=rounds) for part in parts)
    _refuse_repeats(parts, "name")
    return machines


def _says_true(entries: dict[str, Located], key: str) -> bool:
    return key in entries and entries[key].value is True


def _machine(part: FieldReader, *, simulated: bool, rounds: bool) -> ProfileSpec:
    machine = ProfileSpec(
        name=part.slug("name", max_length=80),
        weight=part.number("weight", low=0, high=1000, above_low=True),
        backend=part.text("backend", max_length=80),
        model=part.text("model", max_length=200),
        persona=part.text("persona", min_length=0, max_length=100_000),
        options=_options(part),
        pacing=_pacing(part.section("pacing"), simulated=simulated, rounds=rounds),
        life=long_rooms.life(part),
        memory=long_rooms.memory(part),
        budget=_budget(part.section("budget")),
        draws=personas.draws(part),
        notes=personas.notes(part),
        typing=personas.typing(part),
    )
    machine = replace(machine, initiative=personas.initiative(part, machine, in_rounds=rounds))
    judge = _judge(part, machine)
    part.close()
    personas.check_places(part, machine)
    return replace(_checked(part, machine), judge=judge)


def _checked(part: FieldReader, machine: ProfileSpec) -> ProfileSpec:
    """The profile with the backend's default options filled in, once the backend accepts it."""
    by_script = part.valid("backend") and machine.is_script
    if by_script and machine.notes:
        part.refuse("notes", f"no such key: the backend {machine.backend} follows its script alone")
    if by_script and machine.persona:
        part.refuse("persona", f'"": the backend {machine.backend} follows its script alone')
    return _with_backend(part, machine)


def _with_backend(part: FieldReader, machine: ProfileSpec) -> ProfileSpec:
    if part.valid("backend") and machine.backend not in backends.names():
        part.refuse("backend", f"an installed backend: {', '.join(backends.names())}")
    if part.valid("backend", "model", "options") and _suits_backend(part, machine):
        return replace(machine, options=_in_full(machine))
    return machine


def _judge(profile: FieldReader, machine: ProfileSpec) -> JudgeSettings | None:
    """The model that judges what the machine would say; None where the rules alone do."""
    if not profile.has("judge"):
        profile.allow("judge")
        return None
    part = profile.section_or("judge", "none")
    if part is None:
        return None
    read = replace(
        machine,
        backend=part.text("backend", max_length=80),
        model=part.text("model", max_length=200),
        options=_options(part),
    )
    part.close()
    if part.valid("backend") and read.is_script:
        part.refuse("backend", f"one that asks a model: {read.backend} follows a script")
        return None
    asked = _with_backend(part, read)
    return JudgeSettings(backend=asked.backend, model=asked.model, options=asked.options)


def _options(part: FieldReader) -> dict[str, object]:
    expected = "a mapping, {} where the backend needs no options"
    place = part.raw("options", expected=expected)
    if place is None:
        return {}
    if not isinstance(place.value, dict):
        part.refuse("options", expected)
        return {}
    bare = unlocated(place)
    return bare if isinstance(bare, dict) else {}


def _suits_backend(part: FieldReader, machine: ProfileSpec) -> bool:
    try:
        problems = backends.check(machine)
    except backends.BackendError as error:
        part.refuse("backend", f"a backend that can be loaded: {error}")
        return False
    for problem in problems:
        part.refuse_inside(problem.where, value=problem.value, expected=problem.expected)
    return not problems


def _in_full(machine: ProfileSpec) -> dict[str, object]:
    """The options with the backend's own defaults, so that the stored study has every value."""
    own = {
        name: option.default
        for name, option in backends.options(machine.backend).items()
        if isinstance(option.default, str | int) and option.problem(option.default) is None
    }
    return {**own, **machine.options}


def _pacing(part: FieldReader, *, simulated: bool, rounds: bool) -> Pacing:
    rule = part.choice("rule", pacing.PacingRule)
    if rule == pacing.PacingRule.NONE and not simulated:
        paced = "calibrated, matched or published"
        why = "none gives machines away, so only simulated studies may have it"
        part.refuse("rule", f"{paced}; {why}")
    if rule is not None and rounds != (rule == pacing.PacingRule.ROUNDS):
        needed = "rounds, as the study has" if rounds else "another rule: the study has no"
        part.refuse("rule", f"{needed} rounds")
    part.close()
    return Pacing(rule=rule)


def _budget(part: FieldReader) -> Budget:
    budget = Budget(
        calls=part.integer("calls", low=1, high=10_000_000),
        tokens=part.integer("tokens", low=1, high=10_000_000_000),
        cost_usd=part.number("cost_usd", low=0, high=100_000),
    )
    part.close()
    return budget


def _refuse_repeats(parts: list[FieldReader], key: str) -> None:
    seen: dict[object, int] = {}
    for part in parts:
        if not part.valid(key) or not isinstance(part.place.value, dict):
            continue
        value = part.place.value[key].value
        if value in seen:
            part.refuse(key, f"a different {key}; line {seen[value]} has this one already")
        else:
            seen[value] = part.place.value[key].line


def _check_together(file: FieldReader, study: StudyFile) -> None:
    """Refuse values that are valid alone but not together."""
    if file.valid("witness_input", "consent"):
        witness_input.check_stated(file, study.witness_input, study.consent)
    if file.valid("consent") and len(study.consent.encode()) > MAX_CONSENT_BYTES:
        file.refuse("consent", f"at most {MAX_CONSENT_BYTES} bytes in UTF-8")
    if not file.valid("duration"):
        return
    length = f"less than the duration ({format_duration(study.duration_s)})"
    every_s, dwell_s = study.belief_every_s, study.commitment.dwell_s
    if every_s is not None and every_s >= study.duration_s:
        _refuse_deep(file, "belief.prompt_every", f"never, or a length of time {length}")
    if dwell_s is not None and dwell_s >= study.duration_s:
        _refuse_deep(file, "commitment.dwell", f"a length of time {length}")
    for key, after_s in (
        ("machine_down.after", study.machine_down.after_s),
        ("human_silence.after", study.human_silence.after_s),
    ):
        if after_s is not None and after_s >= study.duration_s:
            _refuse_deep(file, key, f"a length of time {length}")


def _refuse_deep(file: FieldReader, path: str, expected: str) -> None:
    outer, inner = path.split(".")
    file.section(outer).refuse(inner, expected)
