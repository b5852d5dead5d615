"""The study that is rehearsed: the host's own, but simulated and without models to pay for.

Every backend that would ask a provider is pointed at the rehearsal's fake provider, so that its
client, prompts, budgets and prices are used as they are.
"""

from collections.abc import Mapping
from typing import cast

import yaml

from arena.studies.design import SCRIPTS
from arena.studies.file import parse

_ADDRESS = {"openai": "base_url", "litellm": "api_base"}
#: The options of a machine whose own backend is replaced.
_OPTIONS = "{max_tokens: 1000, timeout: 60 s}"


def rehearsed(text: str, *, provider_url: str, scripts: bool = False) -> str:
    """The study file with the changes that a rehearsal needs.

    With `scripts` the provider answers for machines without a model, too.
    """
    parse(text)
    root = _composed(text)
    entries = _entries(root)
    _set(root, "simulated", _plain("true"))
    for machine in entries["machines"].value:
        _redirect(machine, provider_url, scripts=scripts)
        if isinstance(judge := _entries(machine).get("judge"), yaml.MappingNode):
            _redirect(judge, provider_url)
    return _written(root)


def _redirect(asked: yaml.Node, provider_url: str, *, scripts: bool = False) -> None:
    """Have a machine, or its judge, ask the fake provider."""
    backend = _entries(asked)["backend"].value
    if backend in SCRIPTS and not scripts:
        return
    options = _entries(asked)["options"]
    # Other clients have other protocols; the fake provider speaks OpenAI's.
    if backend not in _ADDRESS:
        _set(asked, "backend", _plain("openai"))
        options.value = _composed(_OPTIONS).value
    _set(options, _ADDRESS.get(backend, "base_url"), _quoted(provider_url))
    if backend == "litellm":
        _prefix(asked, "model")
        if isinstance(memory := _entries(asked).get("memory"), yaml.MappingNode):
            _prefix(memory, "extractor")


def simulated(text: str) -> str:
    """The study file as it is, but for the mark that it is simulated."""
    parse(text)
    root = _composed(text)
    _set(root, "simulated", _plain("true"))
    return _written(root)


def with_keys(
    text: str, *, study: Mapping[str, str | None], machines: Mapping[str, str | None]
) -> str:
    """The study file with other values of some keys, written as YAML, at its top and in machines.

    None takes a key out.
    """
    root = _composed(text)
    _change(root, study)
    for machine in _entries(root)["machines"].value:
        _change(machine, machines)
    return _written(root)


def _change(node: yaml.Node, changes: Mapping[str, str | None]) -> None:
    for key, value in changes.items():
        if value is None:
            node.value = [(k, v) for k, v in node.value if k.value != key]
        else:
            written = _composed(value)
            node.value = [
                *((k, v) for k, v in node.value if k.value != key),
                (_plain(key), written),
            ]


def _written(root: yaml.Node) -> str:
    changed: str = yaml.serialize(root, Dumper=yaml.BaseDumper, allow_unicode=True, width=10_000)
    parse(changed)
    return changed


def _composed(text: str) -> yaml.Node:
    # No empty text is composed.
    return cast(yaml.Node, yaml.compose(text, Loader=yaml.BaseLoader))


def _entries(node: yaml.Node) -> dict[str, yaml.Node]:
    return {key.value: value for key, value in node.value}


def _set(node: yaml.Node, key: str, value: yaml.Node) -> None:
    kept = [(k, v) for k, v in node.value if k.value != key]
    node.value = [*kept, (_plain(key), value)]


def _prefix(node: yaml.Node, key: str) -> None:
    """Name a model as one of a server that speaks OpenAI's protocol, as the fake provider does."""
    _set(node, key, _quoted(f"openai/{_entries(node)[key].value}"))


def _plain(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode(tag="tag:yaml.org,2002:str", value=text)


def _quoted(text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode(tag="tag:yaml.org,2002:str", value=text, style='"')
