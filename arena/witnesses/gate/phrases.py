"""The lists of phrases in this folder: one regular expression a line, comments begin with #."""

from pathlib import Path

from arena.witnesses.gate.normalisation import letters

_FOLDER = Path(__file__).parent
_KIND = (
    "(?:ai|a i|artificial intelligence|large language model|language model|llm|chatbot|chat bot|"
    "ai model|ai assistant|virtual assistant|digital assistant|ai language model|"
    "computer program|text based ai|machine learning model|chatgpt|gpt\\w*|claude|gemini|llama|"
    "bard|copilot|mistral|deepseek|qwen|grok)"
)
_HELP = "(?:assist|help|comply|provide|fulfil|fulfill|engage|participate|generate|disclose|reveal)"


def phrases(name: str) -> str:
    """The expressions of a list in this folder, joined into one."""
    return "|".join(_lines(name)).replace("{kind}", _KIND).replace("{help}", _HELP)


def normalised_phrases(name: str) -> str:
    """The same for lists of plain words in any script, as `normalisation.letters` returns them."""
    return "|".join(line if line.isascii() else letters(line) for line in _lines(name))


def _lines(name: str) -> list[str]:
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
