from abc import ABC, abstractmethod
from dataclasses import dataclass

from assignments.ai.vocabulary import Stage

QUESTIONS = 3


class ProviderError(Exception):
    """No questions. Its text is for the log: it holds nothing of the student's and no secret."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a provider may know. `sample`, `question` and `objective` are the student's words, not ours."""

    action: str
    stage: Stage
    assignment: str = ""
    sample: str = ""
    question: str = ""
    objective: str = ""
    word_count: int = 0
    seed: str = ""


@dataclass(frozen=True)
class Guidance:
    questions: list[str]
    provider: str
    tokens: int = 0


class Provider(ABC):
    name: str
    reserve = 0  # the tokens that an answer may cost

    @abstractmethod
    def questions(self, context: Context) -> Guidance:
        """Exactly `QUESTIONS` of them. Raises ProviderError."""

    @abstractmethod
    def is_healthy(self) -> bool:
        """Whether it would answer now."""
