"""What a student can do without the coach."""

from typing import NamedTuple

from assignments.ai.vocabulary import Stage

INDEPENDENT_ACTIONS = {
    Stage.BRAINSTORMING: (
        "Write without stopping for five minutes, then underline what surprised you.",
        "Tell someone your topic in two sentences and note what they ask.",
    ),
    Stage.DRAFTING: (
        "Say the point of your next paragraph aloud before you write it.",
        "List what a reader must know first, and order your paragraphs by it.",
    ),
    Stage.REVISING: (
        "Write the point of each paragraph in the margin and read only those.",
        "Argue against your main claim for ten minutes, in writing.",
    ),
    Stage.EDITING: (
        "Read your text aloud and mark where you stumble.",
        "Read it from the last sentence to the first, one sentence at a time.",
    ),
}
RESOURCES = (
    "The instructions and criteria of this assignment",
    "Your educator, a classmate, or the writing centre",
)
REFLECTION_QUESTIONS = (
    "What exactly did you hope to get from the coach?",
    "Which part of that can you find out by yourself, and how?",
)
DEFAULT_OBJECTIVE = "Finding your own way through a writing problem"


class Alternatives(NamedTuple):
    independent_actions: list[str]
    resource_suggestions: list[str]
    reflection_questions: list[str]
    learning_objective: str


def alternatives(*, reason: str, stage: Stage, objective: str) -> Alternatives:
    return Alternatives(
        [reason, *INDEPENDENT_ACTIONS[stage]],
        list(RESOURCES),
        list(REFLECTION_QUESTIONS),
        objective or DEFAULT_OBJECTIVE,
    )
