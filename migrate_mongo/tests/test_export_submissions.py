"""What the application writes about submissions comes out as the original would have written it, and goes in again."""

from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from django.db import connection
from django.db.models import Model

from assignments.configuration import default_collaboration
from assignments.models import AssignmentSubmission, SubmissionCollaborator, SubmissionComment
from assignments.services.submissions import start_submission
from documents.models import DocumentVersion
from documents.submissions.services.collaboration import add_collaborator
from documents.submissions.services.discussion import add_comment, reply_to_comment, resolve_comment
from documents.submissions.services.grading import grade_submission, return_submission
from documents.submissions.services.writing import save_content, submit_submission
from migrate_mongo.tests.conftest import Export, Import, Verify
from migrate_mongo.tests.exported import documents
from scribetree.api.fields import parse_date
from scribetree.object_id import uuid_to_object_id
from scribetree.testing import Cast, enroll, make_assignment, make_cast, make_user

# with the columns that MongoDB has no place for, or that a comment has only once it was there
MODELS: dict[type[Model], tuple[str, ...]] = {
    AssignmentSubmission: (),
    SubmissionCollaborator: ("joined_at",),
    SubmissionComment: ("element_id", "updated_at"),
    DocumentVersion: (),
}


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def stored_rows() -> list[list[dict[str, Any]]]:
    return [
        [
            {name: value for name, value in row.items() if name not in hidden}
            for row in model._base_manager.order_by("pk").values()
        ]
        for model, hidden in MODELS.items()
    ]


def object_id(row: Any) -> ObjectId:
    return uuid_to_object_id(row.pk)


def date(text: str) -> DatetimeMS:
    moment = parse_date(text)
    assert moment
    return DatetimeMS(moment)


def write_submission(cast: Cast) -> AssignmentSubmission:
    """With all that can happen to one, from its beginning to a grade."""
    assignment = make_assignment(
        cast.course, collaboration_settings={**default_collaboration(), "enabled": True}, title="Ferry"
    )
    dora = enroll(make_user("dora"), cast.course, ordinal=1).student
    pk = start_submission(assignment=assignment, author=cast.ben, not_enrolled="").pk
    add_collaborator(submission_id=pk, user=cast.ben, member_id=dora.pk)
    save_content(submission_id=pk, editor=dora, content="<p>hello world</p>", save_type="manual", minutes=0.5)
    add_comment(submission_id=pk, author=cast.ada, content="Why?", position={"start": 0, "end": 4}, kind="question")
    comment = SubmissionComment.objects.get()
    reply_to_comment(submission_id=pk, comment_id=comment.pk, author=cast.ben, content="Because.")
    resolve_comment(submission_id=pk, comment_id=comment.pk, user=cast.ada)
    submit_submission(submission_id=pk, user=cast.ben)
    return_submission(submission_id=pk, educator=cast.ada, feedback="More.")
    score = {"criteria": "Thesis", "score": 4.5, "maxScore": 5}
    grade_submission(submission_id=pk, grader=cast.ada, rubric_scores=[score], feedback="Good.")
    return AssignmentSubmission.objects.get()


def test_submission_has_the_form_of_the_original(cast: Cast, export: Export, out: Path) -> None:
    submission = write_submission(cast)
    ben, ada, dora = object_id(cast.ben), object_id(cast.ada), object_id(submission.collaborators.get().user)
    comment, reply = SubmissionComment.objects.order_by("pk")
    stats = submission.analytics["collaborationMetrics"]["contributorStats"]
    [day] = submission.analytics["writingPattern"]
    saved, final = submission.major_milestones

    export()

    [made] = documents(out, "assignmentsubmissions")
    assert made == {
        "_id": object_id(submission),
        "assignment": object_id(submission.assignment),
        "author": ben,
        "collaborators": [dora],
        "title": "Ferry - Submission",
        "content": "<p>hello world</p>",
        "wordCount": 2,
        "characterCount": 17,
        "status": "graded",
        "submittedAt": DatetimeMS(submission.submitted_at),
        "lastSavedAt": DatetimeMS(submission.last_saved_at),
        "collaboration": {
            "isCollaborative": True,
            "activeUsers": [ben, dora],
            "lastActiveAt": date(submission.collaboration_settings["lastActiveAt"]),
            "conflictResolution": "auto",
        },
        "currentVersion": 2,
        "majorMilestones": [
            {
                "_id": ObjectId(milestone["_id"]),
                "version": version,
                "timestamp": date(milestone["timestamp"]),
                "description": description,
                "wordCount": 2,
                "author": author,
            }
            for milestone, version, description, author in (
                (saved, 1, "Added 2 words - manual save", dora),
                (final, 2, "Final submission for grading", ben),
            )
        ],
        "comments": [
            {
                "_id": object_id(comment),
                "id": object_id(comment),
                "author": ada,
                "content": "Why?",
                "position": {"start": 0, "end": 4},
                "type": "question",
                "resolved": True,
                "createdAt": DatetimeMS(comment.created_at),
                "replies": [
                    {
                        "_id": object_id(reply),
                        "author": ben,
                        "content": "Because.",
                        "createdAt": DatetimeMS(reply.created_at),
                    }
                ],
            }
        ],
        "analytics": {
            "writingSessions": 0,
            "totalWritingTime": 0.5,
            "averageSessionLength": 0,
            "writingPattern": [
                {
                    "_id": ObjectId(day["_id"]),
                    "date": date(day["date"]),
                    "wordsWritten": 2,
                    "timeSpent": 0.5,
                    "revisionsCount": 1,
                }
            ],
            "collaborationMetrics": {
                "contributorStats": [
                    {
                        "_id": ObjectId(stat["_id"]),
                        "user": user,
                        "wordsContributed": words,
                        "editsCount": edits,
                        "commentsCount": 0,
                    }
                    for stat, user, words, edits in zip(stats, (ben, dora), (0, 2), (0, 1), strict=True)
                ],
                "conflictsResolved": 0,
                "realTimeMinutes": 0,
            },
        },
        "grade": {
            "score": 4.5,
            "maxScore": 5,
            "rubricScores": [
                {
                    "_id": ObjectId(submission.grade["rubricScores"][0]["_id"]),
                    "criteria": "Thesis",
                    "score": 4.5,
                    "maxScore": 5,
                }
            ],
            "overallFeedback": "Good.",
            "gradedBy": ada,
            "gradedAt": date(submission.grade["gradedAt"]),
        },
        "aiInteractions": [],
        "createdAt": DatetimeMS(submission.created_at),
        "updatedAt": DatetimeMS(submission.updated_at),
        "__v": 0,
    }


def test_submission_is_imported_again_as_it_was(
    cast: Cast, import_dump: Import, verify_dump: Verify, export: Export, out: Path
) -> None:
    write_submission(cast)
    rows = stored_rows()

    export()
    connection.check_constraints()  # nothing may be pending where tables are emptied
    report = import_dump(out, restart=True)

    assert (report.totals["rejected"], verify_dump(out).status) == (0, "clean")
    assert stored_rows() == rows
