"""Whether a student may get the help that they ask for.

The rules are asked in the order of `_RULES`; the first that objects gives the reason. Where several settings speak of
the same thing, the stricter wins: help must be allowed by the assignment's boundary, by that of the stage, by each
list of types that names any, and by `allowAI` of every writing stage that the student may be in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from assignments.ai.vocabulary import (
    ACTIONS,
    BOUNDARIES,
    PROHIBITED_ACTIONS,
    AssistanceType,
    Stage,
    stage_of_status,
    stages_in,
)

REQUESTS_PER_HOUR = 5


class Decision(NamedTuple):
    stage: Stage
    assistance: AssistanceType | None
    reason: str | None  # of a refusal
    stage_settings: list[Mapping[str, Any]]

    @property
    def approved(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, kw_only=True)
class _Case:
    action: str
    assistance: AssistanceType | None
    stage: Stage
    settings: Mapping[str, Any]
    stage_settings: list[Mapping[str, Any]]
    writing_stages: list[Mapping[str, Any]]  # that the student may be in
    recent: int


def decide(
    *,
    action: str,
    current_stage: str,
    status: str,
    ai_settings: Mapping[str, Any] | None,
    writing_stages: Sequence[Any] | None,
    recent: int,
) -> Decision:
    """`current_stage` is what the client says, `status` is the submission's, `recent` the requests of the last hour."""
    settings = ai_settings or {}
    stage, rows = _place(current_stage, status, _groups(writing_stages))
    ids = {row.get("id") for row in rows} | {current_stage, stage}
    stage_settings = [
        setting for setting in _groups(settings.get("stageSpecificSettings")) if setting.get("stageId") in ids
    ]
    assistance = ACTIONS.get(action)
    case = _Case(
        action=action,
        assistance=assistance,
        stage=stage,
        settings=settings,
        stage_settings=stage_settings,
        writing_stages=rows,
        recent=recent,
    )
    reason = next((reason for rule in _RULES if (reason := rule(case))), None)
    return Decision(stage, assistance, reason, stage_settings)


def _place(current: str, status: str, rows: list[Mapping[str, Any]]) -> tuple[Stage, list[Mapping[str, Any]]]:
    """The stage, and the assignment's own writing stages that are part of it."""
    named = [row for row in rows if current and row.get("id") == current]
    if named:
        return next(_stages_of(named[0]), stage_of_status(status)), named
    stage = next(stages_in(current), Stage.DRAFTING) if current else stage_of_status(status)
    return stage, [row for row in rows if stage in _stages_of(row)]


def _stages_of(row: Mapping[str, Any]) -> Any:
    return stages_in(f"{row.get('id')} {row.get('name')}")


def _groups(elements: Any) -> list[Mapping[str, Any]]:
    return [element for element in elements or () if isinstance(element, Mapping)]


def _action_is_known(case: _Case) -> str | None:
    if case.action in PROHIBITED_ACTIONS:
        return "The coach asks questions; it does not write, finish or answer anything for you."
    if case.assistance is None:
        return "This is not something that the coach can help with."
    return None


def _ai_is_on(case: _Case) -> str | None:
    return None if case.settings.get("enabled") is True else "The coach is switched off for this assignment."


def _stage_allows(case: _Case) -> str | None:
    if any(row.get("allowAI") is not True for row in case.writing_stages):
        return f"This assignment has the {case.stage} stage done without the coach."
    if any(case.assistance not in (setting.get("allowedTypes") or ()) for setting in case.stage_settings):
        return f"Help with {case.assistance} is not part of the {case.stage} stage of this assignment."
    return None


def _not_too_often(case: _Case) -> str | None:
    if case.recent >= REQUESTS_PER_HOUR:
        return f"You have asked {REQUESTS_PER_HOUR} times within an hour; work with those questions first."
    return None


def _boundary_allows(case: _Case) -> str | None:
    levels = [case.settings.get("globalBoundary") or "moderate"]
    levels += [level for setting in case.stage_settings if (level := setting.get("boundaryLevel"))]
    if any(case.assistance not in BOUNDARIES.get(level, BOUNDARIES["strict"]) for level in levels):
        return f"Help with {case.assistance} goes beyond what your educator allows for this assignment."
    return None


def _type_is_listed(case: _Case) -> str | None:
    listed = case.settings.get("allowedAssistanceTypes")
    if listed and case.assistance not in listed:
        return f"Help with {case.assistance} is not among what your educator allows for this assignment."
    return None


_RULES: tuple[Callable[[_Case], str | None], ...] = (
    _action_is_known,
    _ai_is_on,
    _stage_allows,
    _not_too_often,
    _boundary_allows,
    _type_is_listed,
)
