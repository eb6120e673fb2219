"""What students can ask for, by the words of the client, and what educators allow, by the words of the settings."""

import re
from collections.abc import Iterator
from enum import StrEnum


class Stage(StrEnum):
    BRAINSTORMING = "brainstorming"
    DRAFTING = "drafting"
    REVISING = "revising"
    EDITING = "editing"


class AssistanceType(StrEnum):
    GRAMMAR = "grammar"
    STYLE = "style"
    STRUCTURE = "structure"
    RESEARCH = "research"
    CITATIONS = "citations"
    BRAINSTORMING = "brainstorming"
    OUTLINING = "outlining"


ACTIONS = {
    "generate_prompts": AssistanceType.BRAINSTORMING,
    "suggest_perspectives": AssistanceType.BRAINSTORMING,
    "ask_clarifying_questions": AssistanceType.BRAINSTORMING,
    "suggest_organization": AssistanceType.STRUCTURE,
    "prompt_development": AssistanceType.STRUCTURE,
    "identify_gaps": AssistanceType.RESEARCH,
    "evaluate_arguments": AssistanceType.STRUCTURE,
    "suggest_evidence_needs": AssistanceType.RESEARCH,
    "question_logic": AssistanceType.STRUCTURE,
    "suggest_grammar_fixes": AssistanceType.GRAMMAR,
    "identify_clarity_issues": AssistanceType.STYLE,
    "recommend_style_improvements": AssistanceType.STYLE,
}
PROHIBITED_ACTIONS = frozenset({"generate_content", "complete_thoughts", "provide_final_answers"})

BOUNDARIES = {
    "strict": frozenset({AssistanceType.GRAMMAR}),
    "moderate": frozenset({AssistanceType.GRAMMAR, AssistanceType.STYLE, AssistanceType.CITATIONS}),
    "permissive": frozenset(AssistanceType),
}

# what the original's schema has no word for is stored as its nearest
_STORED = {AssistanceType.BRAINSTORMING: AssistanceType.STRUCTURE, AssistanceType.OUTLINING: AssistanceType.STRUCTURE}

_STAGES = {
    "brainstorming": Stage.BRAINSTORMING,
    "planning": Stage.BRAINSTORMING,
    "writing": Stage.DRAFTING,
    "draft": Stage.DRAFTING,
    "drafting": Stage.DRAFTING,
    "revision": Stage.REVISING,
    "revising": Stage.REVISING,
    "editing": Stage.EDITING,
    "proofreading": Stage.EDITING,
}
_STAGES_OF_STATUSES = {
    "draft": Stage.BRAINSTORMING,
    "in_progress": Stage.DRAFTING,
    "submitted": Stage.REVISING,
}


def stages_in(text: object) -> Iterator[Stage]:
    """The stages that a text such as `Research & Planning` names."""
    for word in re.findall(r"[a-z]+", str(text).lower()):
        if word in _STAGES:
            yield _STAGES[word]


def stage_of_status(status: str) -> Stage:
    return _STAGES_OF_STATUSES.get(status, Stage.DRAFTING)


def stored_type(assistance: AssistanceType | None) -> AssistanceType:
    if assistance is None:
        return AssistanceType.STRUCTURE
    return _STORED.get(assistance, assistance)
