"""What the coach tells the student, in both cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from assignments.ai.alternatives import Alternatives, alternatives
from assignments.ai.boundaries import Decision
from assignments.ai.providers.built_in import Explanation, explanation
from scribetree.text_metrics import trim

REFLECTION_PROMPTS = (
    "What did you do with these questions, and what changed in your thinking?",
    "Which decision did you make yourself, and what were your reasons?",
)
MINIMUM_REFLECTION = 100


class Guided(NamedTuple):
    action: str
    content: list[str]
    explanation: Explanation
    type: str = "question"


class Tracking(NamedTuple):
    must_be_attributed: bool
    visible_to_educator: bool = True
    impacts_assessment: bool = False


class Reflection(NamedTuple):
    required: bool
    minimum_length: int
    prompts: list[str]
    quality_threshold: str = "basic"


@dataclass(frozen=True, kw_only=True)
class Answer:
    request_id: str
    approved: bool
    guidance: Guided | None = None
    alternatives: Alternatives | None = None
    tracking: Tracking
    reflection: Reflection


def approval(
    *, request_id: str, action: str, questions: list[str], ai_settings: Mapping[str, Any], decision: Decision
) -> Answer:
    return Answer(
        request_id=request_id,
        approved=True,
        guidance=Guided(action, questions, explanation(action)),
        tracking=Tracking(must_be_attributed=True),
        reflection=_reflection(ai_settings, decision.stage_settings),
    )


def denial(*, request_id: str, decision: Decision, objective: str) -> Answer:
    return Answer(
        request_id=request_id,
        approved=False,
        alternatives=alternatives(reason=decision.reason or "", stage=decision.stage, objective=objective),
        tracking=Tracking(must_be_attributed=False),
        reflection=Reflection(required=False, minimum_length=0, prompts=[]),
    )


def _reflection(ai_settings: Mapping[str, Any], stage_settings: list[Mapping[str, Any]]) -> Reflection:
    """The educator's prompts come first, those for the stage before those for the assignment."""
    lists = [*(setting.get("customPrompts") for setting in stage_settings), ai_settings.get("reflectionPrompts")]
    prompts = [prompt for prompts in lists for prompt in prompts or () if isinstance(prompt, str) and trim(prompt)]
    required = ai_settings.get("requireReflection") is not False
    return Reflection(
        required=required,
        minimum_length=MINIMUM_REFLECTION if required else 0,
        prompts=[*prompts, *REFLECTION_PROMPTS][: len(REFLECTION_PROMPTS)],
    )
