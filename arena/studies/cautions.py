"""What a sound study file may still fail by, as far as that is known without asking any model."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from arena import backends
from arena.studies.design import ProfileSpec, StudyFile
from arena.studies.fields import format_duration

#: A token is hardly more than so many characters of plain English, and fewer of anything else.
_CHARS_A_TOKEN = 4
#: Reasoning often takes more than this.
_REASONING_TOKENS = 1_000
_NONE: Mapping[str, int] = MappingProxyType({})


def cautions(design: StudyFile, needs_delay_s: Mapping[str, int] = _NONE) -> tuple[str, ...]:
    """Each in a sentence that names its machine and what to do.

    `needs_delay_s` is, by machine, the delay that its last trial asks for.
    """
    return tuple(
        f"{machine.name}: {caution}"
        for machine in design.machines
        if not machine.is_script
        for caution in (*_of(machine, design), *_delay(machine, design, needs_delay_s))
    )


def _of(machine: ProfileSpec, design: StudyFile) -> Iterator[str]:
    yield from _key(machine)
    yield from _money(machine)
    yield from _time(machine, design)
    yield from _combinations(machine, design)
    if (judge := machine.of_judge) is not None:
        yield from (f"of its judge, {caution}" for caution in (*_key(judge), *_price(judge)))


def _key(machine: ProfileSpec) -> Iterator[str]:
    if (variable := backends.missing_key(machine)) is not None:
        yield (
            f"the environment variable {variable} is not set here. It has to hold the provider's "
            "key where the server starts; for a server that needs no key, any word."
        )


def _has_price(machine: ProfileSpec) -> bool:
    return {"price_in", "price_out"} <= machine.options.keys()


def _delay(
    machine: ProfileSpec, design: StudyFile, needs_delay_s: Mapping[str, int]
) -> Iterator[str]:
    if design.rounds_s is not None:
        return
    has, needs = format_duration(design.delay_s), needs_delay_s.get(machine.name)
    if needs is not None and needs > design.delay_s:
        yield (
            f"when it was last tried it needed a delay of {format_duration(needs)}, and the "
            f"study's is {has}: its quickest replies come later than people's, by which it can be "
            "told. "
            f"Write delay: {format_duration(needs)}, or more."
        )
    elif needs is None and design.delay_s == 0:
        yield (
            "the delay is 0 s, so that no reply is ever quicker than the model, as people's are: "
            "by its waits it can be told. `manage.py machine try` says which delay it needs; 0 s "
            "is for replications, and for models that answer at once."
        )


def _money(machine: ProfileSpec) -> Iterator[str]:
    if _has_price(machine) and machine.budget.cost_usd == 0:
        yield (
            "its budget is 0 US dollars and its calls have a price: machine_down stops its rooms "
            "after the first reply. Raise cost_usd."
        )
    yield from _price(machine)


def _price(machine: ProfileSpec) -> Iterator[str]:
    dollars = machine.budget.cost_usd
    if machine.backend == "openai" and not _has_price(machine) and dollars > 0:
        yield (
            f"no price is known, so that its budget of {dollars:g} US dollars never ends; only "
            f"calls ({machine.budget.calls}) and tokens ({machine.budget.tokens}) limit it. Give "
            "price_in and price_out among its options."
        )


def _time(machine: ProfileSpec, design: StudyFile) -> Iterator[str]:
    option = backends.options(machine.backend).get("timeout")
    timeout_s = option.read(machine.options, "timeout") if option is not None else None
    if timeout_s is None:
        return
    shown, down_s = machine.options["timeout"], design.machine_down.after_s
    if timeout_s >= design.duration_s:
        yield (
            f"its timeout ({shown}) is as long as the room ({format_duration(design.duration_s)}): "
            "one call that hangs is a silent witness. Lower it."
        )
    elif timeout_s > down_s:
        yield (
            f"its timeout ({shown}) is longer than machine_down.after ({format_duration(down_s)}): "
            "the room's rule comes into force while the first call still waits. Lower the timeout, "
            "or raise machine_down.after."
        )


def _combinations(machine: ProfileSpec, design: StudyFile) -> Iterator[str]:
    options = machine.options
    if {"temperature", "top_p"} <= options.keys():
        yield (
            "temperature and top_p are both given: some providers refuse the two together, and "
            "most advise to give one."
        )
    max_tokens = options.get("max_tokens")
    reasons = options.get("reasoning_effort") not in (None, "none")
    if reasons and isinstance(max_tokens, int) and max_tokens < _REASONING_TOKENS:
        yield (
            f"max_tokens ({max_tokens}) count the reasoning too, for which reasoning_effort asks: "
            "there may be nothing left for the reply. Raise it."
        )
    if isinstance(max_tokens, int) and max_tokens * _CHARS_A_TOKEN < design.message_chars:
        yield (
            f"max_tokens ({max_tokens}) is less than a message may have ({design.message_chars} "
            f"characters, about {design.message_chars // _CHARS_A_TOKEN} tokens of English and "
            "more in other languages): longer replies are cut off. Raise it."
        )
