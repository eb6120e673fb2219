"""Asking the writing coach over HTTP."""

from typing import Any

from assignments.configuration import default_ai_settings
from assignments.models import AssignmentSubmission
from scribetree.testing import client_of, hex_id

PATH = "/api/analytics/ai-assistance-request"
CONTEXT = {
    "currentStage": "drafting",
    "contentSample": "My first lines.",
    "specificQuestion": "Is my order clear?",
    "learningObjective": "Organise an argument",
}
OPEN = {**default_ai_settings(), "enabled": True, "globalBoundary": "permissive"}


def body(assignment: Any, **changes: Any) -> dict[str, Any]:
    given = {"assignmentId": hex_id(assignment), "action": "suggest_organization", "context": CONTEXT}
    return {**given, **changes}


def post(user: Any, given: Any) -> Any:
    return client_of(user).post(PATH, given)


def ask(user: Any, assignment: Any, **changes: Any) -> Any:
    response = post(user, body(assignment, **changes))
    assert response.status_code == 200, response.content
    return response.json()["data"]


def log(submission: AssignmentSubmission) -> list[dict[str, Any]]:
    submission.refresh_from_db()
    return submission.ai_interactions
