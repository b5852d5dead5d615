"""What this package raises: full sentences, each with a stable code."""

from typing import ClassVar


class AnalysisError(Exception):
    """Base of everything this package raises on purpose."""

    code: ClassVar[str] = "analysis"


class ArgumentError(AnalysisError, ValueError):
    """An estimator was given data or options it must not accept."""

    code = "analysis.argument"


class DataError(AnalysisError):
    """An export does not hold what its format promises; every problem found is listed."""

    code = "analysis.data"

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        head = f"This export has {len(problems)} problem" + ("s:" if len(problems) != 1 else ":")
        super().__init__("\n".join([head, *(f"- {problem}" for problem in problems)]))
