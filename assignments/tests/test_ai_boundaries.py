from typing import Any

import pytest

from assignments.ai.boundaries import REQUESTS_PER_HOUR, Decision, decide
from assignments.ai.vocabulary import ACTIONS, PROHIBITED_ACTIONS, AssistanceType, Stage, stored_type
from assignments.configuration import default_ai_settings

OFF = "The coach is switched off for this assignment."
NO_CONTENT = "The coach asks questions; it does not write, finish or answer anything for you."
UNKNOWN = "This is not something that the coach can help with."
BEYOND = "Help with {} goes beyond what your educator allows for this assignment."
UNLISTED = "Help with {} is not among what your educator allows for this assignment."
STAGES = [
    {"id": "stage1", "name": "Research & Planning", "allowAI": True},
    {"id": "stage2", "name": "Drafting", "allowAI": True},
    {"id": "stage3", "name": "Revision", "allowAI": True},
    {"id": "1718000000000", "name": "Editing", "allowAI": True},
]


def on(**settings: Any) -> dict[str, Any]:
    return {**default_ai_settings(), "enabled": True, "globalBoundary": "permissive", **settings}


def decision(action: str = "prompt_development", stage: str = "drafting", **given: Any) -> Decision:
    values = {"status": "draft", "ai_settings": on(), "writing_stages": [], "recent": 0, **given}
    return decide(action=action, current_stage=stage, **values)


def stage_settings(**settings: Any) -> dict[str, Any]:
    row = {"stageId": "stage2", "allowedTypes": list(AssistanceType), "boundaryLevel": "permissive", **settings}
    return on(stageSpecificSettings=[row])


@pytest.mark.parametrize("action", ACTIONS)
def test_permissive_boundary_allows_every_action(action: str) -> None:
    assert decision(action).approved


@pytest.mark.parametrize("action", sorted(PROHIBITED_ACTIONS))
def test_content_is_refused_whatever_the_settings_say(action: str) -> None:
    assert decision(action).reason == NO_CONTENT
    assert decision(action, ai_settings=None).reason == NO_CONTENT


@pytest.mark.parametrize("action", ["", "write_essay", "GENERATE_PROMPTS", "grammar"])
def test_unknown_action_is_refused(action: str) -> None:
    assert decision(action).reason == UNKNOWN


@pytest.mark.parametrize("settings", [None, {}, default_ai_settings(), on(enabled=None), on(enabled="true")])
def test_coach_is_off_until_it_is_switched_on(settings: Any) -> None:
    assert decision(ai_settings=settings).reason == OFF


@pytest.mark.parametrize(
    ("boundary", "allowed"),
    [
        ("strict", {"grammar"}),
        ("moderate", {"grammar", "style"}),
        ("permissive", {"grammar", "style", "structure", "research", "brainstorming"}),
        (None, {"grammar", "style"}),
        ("unheard-of", {"grammar"}),
    ],
)
def test_global_boundary_allows_its_types(boundary: Any, allowed: set[str]) -> None:
    approved = {
        kind for action, kind in ACTIONS.items() if decision(action, ai_settings=on(globalBoundary=boundary)).approved
    }

    assert approved == allowed
    if "structure" not in allowed:
        reason = decision(ai_settings=on(globalBoundary=boundary)).reason
        assert reason == BEYOND.format("structure")


@pytest.mark.parametrize(
    ("listed", "approved"), [([], True), (None, True), (["structure"], True), (["grammar", "style"], False)]
)
def test_listed_types_restrict_once_there_are_any(listed: Any, approved: bool) -> None:
    found = decision(ai_settings=on(allowedAssistanceTypes=listed))

    assert found.approved is approved
    assert approved or found.reason == UNLISTED.format("structure")


@pytest.mark.parametrize("stage", ["drafting", "writing", "stage2", "Drafting"])
def test_stage_has_rules_by_its_id_and_by_its_name(stage: str) -> None:
    settings = stage_settings(allowedTypes=["grammar"])

    found = decision(stage=stage, ai_settings=settings, writing_stages=STAGES)

    assert found.stage == Stage.DRAFTING
    assert found.reason == "Help with structure is not part of the drafting stage of this assignment."
    assert decision(stage="revising", ai_settings=settings, writing_stages=STAGES).approved


def test_stage_without_rules_is_free() -> None:
    assert decision(stage="editing", ai_settings=stage_settings(allowedTypes=[]), writing_stages=STAGES).approved


def test_stage_settings_may_name_the_stage_itself() -> None:
    settings = on(stageSpecificSettings=[{"stageId": "drafting", "allowedTypes": [], "boundaryLevel": "permissive"}])

    assert not decision(ai_settings=settings).approved


@pytest.mark.parametrize(
    ("level", "of_all", "approved"),
    [
        ("strict", "permissive", False),
        ("permissive", "strict", False),
        ("permissive", "permissive", True),
        (None, "permissive", True),
    ],
)
def test_stricter_of_two_boundaries_wins(level: str | None, of_all: str, approved: bool) -> None:
    settings = {**stage_settings(boundaryLevel=level), "globalBoundary": of_all}

    assert decision(ai_settings=settings, writing_stages=STAGES).approved is approved


@pytest.mark.parametrize("allowed", [False, None])
def test_writing_stage_without_the_coach_is_refused(allowed: Any) -> None:
    stages = [{**stage, "allowAI": allowed} if stage["id"] == "stage2" else stage for stage in STAGES]

    found = decision(writing_stages=stages)

    assert found.reason == "This assignment has the drafting stage done without the coach."
    assert decision(stage="revising", writing_stages=stages).approved


@pytest.mark.parametrize(
    ("stage", "status", "expected"),
    [
        ("", "draft", Stage.BRAINSTORMING),
        ("", "in_progress", Stage.DRAFTING),
        ("", "submitted", Stage.REVISING),
        ("", "graded", Stage.DRAFTING),
        ("planning", "submitted", Stage.BRAINSTORMING),
        ("revision", "draft", Stage.REVISING),
        ("proofreading", "draft", Stage.EDITING),
        ("1718000000000", "draft", Stage.EDITING),
        ("nonsense", "draft", Stage.DRAFTING),
    ],
)
def test_stage_is_the_clients_else_that_of_the_status(stage: str, status: str, expected: Stage) -> None:
    assert decision(stage=stage, status=status, writing_stages=STAGES).stage == expected


def test_hour_has_five_requests() -> None:
    assert decision(recent=REQUESTS_PER_HOUR - 1).approved
    assert decision(recent=REQUESTS_PER_HOUR).reason == (
        "You have asked 5 times within an hour; work with those questions first."
    )


def test_rules_are_asked_in_order() -> None:
    settings = stage_settings(allowedTypes=[]) | {"globalBoundary": "strict", "allowedAssistanceTypes": ["style"]}
    everything = {"writing_stages": STAGES, "recent": 9}

    assert decision("generate_content", ai_settings={}, **everything).reason == NO_CONTENT
    assert decision(ai_settings=settings | {"enabled": False}, **everything).reason == OFF
    assert "stage" in str(decision(ai_settings=settings, **everything).reason)
    assert "hour" in str(decision(stage="editing", ai_settings=settings, **everything).reason)
    assert decision(stage="editing", ai_settings=settings, recent=0).reason == BEYOND.format("structure")
    assert decision("suggest_grammar_fixes", stage="editing", ai_settings=settings, recent=0).reason == UNLISTED.format(
        "grammar"
    )


@pytest.mark.parametrize("stages", [None, [None, 7, {}], [{"id": None, "name": None}]])
@pytest.mark.parametrize("rows", [None, [None, "x", {}]])
def test_broken_settings_are_no_failure(stages: Any, rows: Any) -> None:
    assert decision(writing_stages=stages, ai_settings=on(stageSpecificSettings=rows)).approved


def test_stored_types_are_the_originals() -> None:
    known = {"grammar", "style", "structure", "research", "citations"}

    assert {stored_type(kind) for kind in [None, *AssistanceType]} <= known
    assert stored_type(AssistanceType.GRAMMAR) == "grammar"
