"""Which key a machine profile needs and does not find, without loading any provider's library."""

import os

from arena.backends.base import Profile

_DEFAULT = {"openai": "OPENAI_API_KEY"}
#: Providers of litellm whose key is expected under their own name.
_NAMED = frozenset(
    {
        *("anthropic", "cohere", "deepseek", "gemini", "groq", "mistral", "openai", "openrouter"),
        *("xai",),
    }
)


def missing_key(profile: Profile) -> str | None:
    """Return the environment variable that a profile needs and that is not set.

    None as well where only the provider's library could tell.
    """
    variable = profile.options.get("key_env") or _usual(profile)
    if not isinstance(variable, str) or os.environ.get(variable, "").strip():
        return None
    return variable


def _usual(profile: Profile) -> str | None:
    if profile.backend != "litellm":
        return _DEFAULT.get(profile.backend)
    maker, slash, _ = profile.model.partition("/")
    return f"{maker.upper()}_API_KEY" if slash and maker in _NAMED else None
