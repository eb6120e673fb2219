"""What happens when a student asks the writing coach."""

import secrets
import string
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Case, Q, Value, When

from accounts.models import User
from assignments.ai.answers import Answer, approval, denial
from assignments.ai.boundaries import Decision, decide
from assignments.ai.interactions import append_interaction, change_interaction, new_interaction, recent_requests
from assignments.ai.providers import Context, Provider, ask, choose_provider
from assignments.models import Assignment, AssignmentSubmission, SubmissionCollaborator
from assignments.services.submissions import start_submission
from scribetree.errors import DeniedError, NotFoundError
from scribetree.fields import now
from scribetree.text_metrics import trim, words

DENIED = "Access denied"
DENIALS_KEPT_PER_HOUR = 20  # further ones are answered, but a loop cannot fill the row
# of what the student sent, in characters
LONGEST = {
    "action": 100,
    "currentStage": 100,
    "contentSample": 2000,
    "specificQuestion": 1000,
    "learningObjective": 500,
}
NEEDED = ("course", "title", "type", "ai_settings", "writing_stages", "learning_objectives")
_BASE_36 = string.digits + string.ascii_lowercase


class Recorded(NamedTuple):
    submission_id: UUID
    interaction_id: str
    decision: Decision
    context: Context
    provider: Provider


def request_assistance(*, student: User, assignment_id: UUID | None, action: str, context: Any) -> Answer:
    """Records the request, asks the provider outside of any transaction, then records what it answered.

    Raises NotFoundError; DeniedError for those who have nothing to do with the assignment.
    """
    assignment = assignment_id and Assignment.objects.filter(pk=assignment_id).only(*NEEDED).first()
    if not assignment:
        raise NotFoundError("Assignment not found")
    request_id = new_request_id()
    recorded = record_request(
        student=student,
        assignment=assignment,
        request_id=request_id,
        given=_readable({**_mapping(context), "action": action}),
    )
    decision, asked = recorded.decision, recorded.context
    if not decision.approved:
        return denial(request_id=request_id, decision=decision, objective=asked.objective)
    guidance = ask(recorded.provider, asked)
    change_interaction(
        submission_id=recorded.submission_id,
        interaction_id=recorded.interaction_id,
        response="\n".join(guidance.questions),
        provider=guidance.provider,
        **({"tokens": guidance.tokens} if guidance.tokens else {}),
    )
    return approval(
        request_id=request_id,
        action=asked.action,
        questions=guidance.questions,
        ai_settings=assignment.ai_settings,
        decision=decision,
    )


@transaction.atomic
def record_request(*, student: User, assignment: Assignment, request_id: str, given: dict[str, str]) -> Recorded:
    """Under the row lock, so that parallel requests are counted one after the other.

    What a model may use is booked before it is asked: a call that fails counts in full, as it may have been charged.
    """
    submission = _locked_submission(student=student, assignment=assignment)
    recent = recent_requests(submission_id=submission.pk, student_id=student.pk)
    decision = decide(
        action=given["action"],
        current_stage=given["currentStage"],
        status=submission.status,
        ai_settings=assignment.ai_settings,
        writing_stages=assignment.writing_stages,
        recent=recent.approved,
    )
    provider = choose_provider(calls=recent.calls, tokens=recent.tokens)
    interaction = new_interaction(
        request_id=request_id,
        student_id=student.pk,
        action=given["action"],
        question=given["specificQuestion"],
        decision=decision,
        tokens=provider.reserve,
    )
    if decision.approved or recent.denied < DENIALS_KEPT_PER_HOUR:
        append_interaction(submission_id=submission.pk, interaction=interaction)
    context = Context(
        action=given["action"],
        stage=decision.stage,
        assignment=assignment.title,
        sample=given["contentSample"],
        question=given["specificQuestion"],
        objective=given["learningObjective"] or _first_objective(assignment.learning_objectives),
        word_count=max(submission.word_count, words(given["contentSample"])),
        seed=request_id,
    )
    return Recorded(submission.pk, interaction["_id"], decision, context, provider)


def _locked_submission(*, student: User, assignment: Assignment) -> AssignmentSubmission:
    """The student's own, else one that they collaborate on, else a new one. Raises DeniedError."""
    shared = SubmissionCollaborator.objects.filter(user=student).values("submission")
    submissions = (
        AssignmentSubmission.objects.filter(Q(author=student) | Q(pk__in=shared))
        .filter(assignment=assignment, superseded_by=None)
        .order_by(Case(When(author=student, then=Value(0)), default=Value(1)), "pk")
        .only("status", "word_count")
        .select_for_update()
    )
    if (submission := submissions.first()) is not None:
        return submission
    if not Assignment.objects.visible_to(student).filter(pk=assignment.pk).exists():
        raise DeniedError(DENIED)
    start_submission(assignment=assignment, author=student, not_enrolled=DENIED)
    return submissions.get(author=student)  # somebody else may have begun it, and hold it


def new_request_id() -> str:
    milliseconds = int(now().timestamp() * 1000)
    return f"ai_{milliseconds}_{''.join(secrets.choice(_BASE_36) for _ in range(9))}"


def _readable(given: Mapping[str, Any]) -> dict[str, str]:
    """Each as text of a bounded length; empty for what is missing or no text."""
    texts = {name: value if isinstance(value := given.get(name), str) else "" for name in LONGEST}
    return {name: trim(text.replace("\0", ""))[: LONGEST[name]] for name, text in texts.items()}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first_objective(objectives: Iterable[Any] | None) -> str:
    descriptions = (_mapping(objective).get("description") for objective in objectives or ())
    return next((text for text in descriptions if isinstance(text, str)), "")
