"""The log of what students asked: `ai_interactions` of a submission, whose elements have the original's members.

Beside those they have `student` (who asked), `action`, `stage`, `assistanceType` (finer than `type`), `outcome`
(approved or denied), `reason` (of a denial), `provider`, and `tokens` (what a model used, or may have used).
"""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from bson import ObjectId
from django.db import connection
from psycopg.types.json import Jsonb

from assignments.ai.boundaries import Decision
from assignments.ai.vocabulary import stored_type
from scribetree.api.fields import wire_date
from scribetree.fields import now
from scribetree.object_id import uuid_to_hex

HOUR = timedelta(hours=1)
APPROVED, DENIED = "approved", "denied"
UNANSWERED = "The answer was lost."  # the original wants some text there

_RECENT = """
SELECT count(*) FILTER (WHERE submission.id = %(submission)s AND asked ->> 'outcome' = 'approved'),
       count(*) FILTER (WHERE submission.id = %(submission)s AND asked ->> 'outcome' = 'denied'),
       count(*) FILTER (WHERE asked ? 'tokens'),
       coalesce(sum((asked ->> 'tokens')::bigint), 0)::bigint
FROM assignment_submissions AS submission
CROSS JOIN LATERAL jsonb_array_elements(submission.ai_interactions) AS asked
WHERE (submission.author_id = %(student)s
       OR submission.id IN (SELECT submission_id FROM submission_collaborators WHERE user_id = %(student)s))
  AND asked ->> 'student' = %(wire_student)s AND asked ->> 'timestamp' > %(since)s
"""
_APPEND = "UPDATE assignment_submissions SET ai_interactions = ai_interactions || %(element)s WHERE id = %(submission)s"
_CHANGE = """
UPDATE assignment_submissions
SET ai_interactions = (
    SELECT jsonb_agg(CASE WHEN asked ->> '_id' = %(id)s THEN asked || %(changes)s ELSE asked END ORDER BY place)
    FROM jsonb_array_elements(ai_interactions) WITH ORDINALITY AS element (asked, place))
WHERE id = %(submission)s AND ai_interactions @> %(sought)s
"""


class Recent(NamedTuple):
    """A student's requests of the last hour: on one submission, and the calls of a model with their tokens on all."""

    approved: int
    denied: int
    calls: int
    tokens: int


def recent_requests(*, submission_id: UUID, student_id: UUID) -> Recent:
    parameters: dict[str, Any] = {
        "submission": submission_id,
        "student": student_id,
        "wire_student": uuid_to_hex(student_id),
        "since": wire_date(now() - HOUR),
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECENT, parameters)
        return Recent(*cursor.fetchone())


def new_interaction(
    *,
    request_id: str,
    student_id: UUID,
    action: str,
    question: str,
    decision: Decision,
    tokens: int,
) -> dict[str, Any]:
    """`tokens` is what a model may use for the answer, 0 where none is asked."""
    interaction = {
        "_id": str(ObjectId()),
        "sessionId": request_id,
        "type": stored_type(decision.assistance),
        "prompt": question or action or "?",
        "response": decision.reason or UNANSWERED,
        "accepted": False,
        "timestamp": wire_date(now()),
        "student": uuid_to_hex(student_id),
        "action": action,
        "stage": decision.stage,
        "assistanceType": decision.assistance,
        "outcome": APPROVED if decision.approved else DENIED,
        "reason": decision.reason,
        "tokens": tokens if decision.approved and tokens else None,
    }
    return {name: value for name, value in interaction.items() if value is not None}


def append_interaction(*, submission_id: UUID, interaction: dict[str, Any]) -> None:
    parameters: dict[str, Any] = {"submission": submission_id, "element": Jsonb([interaction])}
    with connection.cursor() as cursor:
        cursor.execute(_APPEND, parameters)


def change_interaction(*, submission_id: UUID, interaction_id: str, **changes: Any) -> None:
    """One statement, so that nothing which was appended meanwhile is lost."""
    parameters: dict[str, Any] = {
        "submission": submission_id,
        "id": interaction_id,
        "changes": Jsonb(changes),
        "sought": Jsonb([{"_id": interaction_id}]),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, parameters)
