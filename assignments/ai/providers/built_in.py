"""Questions out of a bank: for the action, and one for what is known of the text and of the student's aim."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from assignments.ai.providers.base import QUESTIONS, Context, Guidance, Provider

BANK = json.loads(Path(__file__).with_name("bank.json").read_text(encoding="utf-8"))
LONG_TEXT = 150
LONGEST_OBJECTIVE = 150


@dataclass(frozen=True)
class Explanation:
    rationale: str
    outcome: str
    reflection: str


def explanation(action: str) -> Explanation:
    """Why such questions are asked; the same whoever asks them."""
    entry = BANK["actions"][action]
    return Explanation(entry["rationale"], entry["outcome"], entry["reflection"])


class BuiltInProvider(Provider):
    """Needs nothing, costs nothing, never fails; the same seed gives the same questions."""

    name = "built-in"

    def questions(self, context: Context) -> Guidance:
        random = Random(f"{context.seed}/{context.action}")  # noqa: S311 (variety, not secrecy)
        general = random.sample(BANK["actions"][context.action]["questions"], QUESTIONS - 1)
        fitting = random.choice(list(_fitting(context)))
        return Guidance([*general, fitting], self.name)

    def is_healthy(self) -> bool:
        return True


def _fitting(context: Context) -> Iterator[str]:
    bank = BANK["stages"][context.stage]
    yield from bank[_size(context.word_count)]
    if context.question:
        yield from bank["question"]
    if context.objective:
        objective = context.objective[:LONGEST_OBJECTIVE].rstrip()
        for question in bank["objective"]:
            yield question.replace("{objective}", objective)


def _size(word_count: int) -> str:
    if word_count == 0:
        return "empty"
    return "short" if word_count < LONG_TEXT else "long"
