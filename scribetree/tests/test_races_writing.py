"""The same, of templates, their deployments, and submissions (part 2 of the contract, sections 3 to 5)."""

from functools import partial

import pytest

from assignments.models import (
    Assignment,
    AssignmentStatus,
    AssignmentSubmission,
    SubmissionComment,
    SubmissionStatus,
)
from documents.models import DocumentVersion
from scribetree.testing import (
    Cast,
    hex_id,
    make_assignment,
    make_cast,
    make_comment,
    make_course,
    make_deployment,
    make_submission,
    make_template,
)
from scribetree.tests.server import Server, outcomes

pytestmark = pytest.mark.usefixtures("server")


@pytest.fixture
def cast(server: Server) -> Cast:
    return make_cast()


@pytest.fixture
def submission(cast: Cast) -> AssignmentSubmission:
    return make_submission(make_assignment(cast.course), cast.ben, content="It was a dark night.")


def manual_save(text: str) -> dict[str, str]:
    return {"content": text, "saveType": "manual"}


def test_template_is_deployed_to_a_course_once(server: Server, cast: Cast) -> None:
    body = {"templateId": hex_id(make_template(cast.ada)), "courseId": hex_id(cast.course)}

    answers = server.at_once(*[partial(server.ask, "POST", "/course-assignments/deploy", cast.ada, body)] * 8)

    assert outcomes(answers) == {(201, None): 1, (400, "Template is already deployed to this course"): 7}
    assert Assignment.objects.count() == 1


def test_publication_is_one_use_of_the_template(server: Server, cast: Cast) -> None:
    template = make_template(cast.ada)
    deployment = make_deployment(template, cast.course, status=AssignmentStatus.DRAFT)
    path = f"/course-assignments/{hex_id(deployment)}/publish"

    answers = server.at_once(*[partial(server.ask, "PATCH", path, cast.ada)] * 8)

    assert outcomes(answers) == {(200, None): 8}
    template.refresh_from_db()
    assert template.usage_count == 1
    assert len({answer.body["data"]["publishedAt"] for answer in answers}) == 1


def test_uses_of_a_template_are_all_counted(server: Server, cast: Cast) -> None:
    template = make_template(cast.ada)
    deployments = [make_deployment(template, make_course(cast.ada), status=AssignmentStatus.DRAFT) for _ in range(8)]

    answers = server.at_once(
        *(
            partial(server.ask, "PATCH", f"/course-assignments/{hex_id(deployment)}/publish", cast.ada)
            for deployment in deployments
        )
    )

    assert outcomes(answers) == {(200, None): 8}
    template.refresh_from_db()
    assert template.usage_count == 8


def test_deployment_is_begun_once(server: Server, cast: Cast) -> None:
    deployment = make_deployment(make_template(cast.ada), cast.course)
    path = f"/course-assignments/{hex_id(deployment)}/submit"

    answers = server.at_once(*[partial(server.ask, "POST", path, cast.ben, {})] * 2)

    assert outcomes(answers) == {(201, None): 2}
    assert {answer.body["data"]["_id"] for answer in answers} == {hex_id(AssignmentSubmission.objects.get())}


def test_no_save_of_a_submission_is_lost(server: Server, cast: Cast, submission: AssignmentSubmission) -> None:
    texts = [f"Text number {number}." for number in range(20)]
    path = f"/submissions/{hex_id(submission)}/content"

    answers = server.at_once(*(partial(server.ask, "PUT", path, cast.ben, manual_save(text)) for text in texts))

    assert outcomes(answers) == {(200, None): 20}
    versions = list(DocumentVersion.objects.order_by("version"))
    assert [version.version for version in versions] == list(range(1, 21))
    assert sorted(version.content for version in versions) == sorted(texts)
    submission.refresh_from_db()
    assert (submission.content, submission.current_version) == (versions[-1].content, 20)
    assert [milestone["version"] for milestone in submission.major_milestones] == list(range(1, 21))
    [stats] = submission.analytics["collaborationMetrics"]["contributorStats"]
    assert (stats["user"], stats["editsCount"]) == (hex_id(cast.ben), 20)


def test_submission_is_handed_in_once(server: Server, cast: Cast, submission: AssignmentSubmission) -> None:
    path = f"/submissions/{hex_id(submission)}/submit"

    answers = server.at_once(*[partial(server.ask, "PATCH", path, cast.ben)] * 8)

    assert outcomes(answers) == {(200, None): 8}
    assert len({answer.body["data"]["submittedAt"] for answer in answers}) == 1
    final = DocumentVersion.objects.get()
    assert (final.version, final.content) == (1, submission.content)
    submission.refresh_from_db()
    assert (submission.status, submission.current_version) == (SubmissionStatus.SUBMITTED, 1)


def test_final_version_holds_what_was_handed_in(server: Server, cast: Cast, submission: AssignmentSubmission) -> None:
    path = f"/submissions/{hex_id(submission)}"
    texts = [f"Text number {number}." for number in range(6)]

    *saves, handed_in = server.at_once(
        *(partial(server.ask, "PUT", f"{path}/content", cast.ben, manual_save(text)) for text in texts),
        partial(server.ask, "PATCH", f"{path}/submit", cast.ben),
    )

    assert outcomes([*saves, handed_in]) == {(200, None): 7}
    versions = list(DocumentVersion.objects.order_by("version"))
    assert [version.version for version in versions] == list(range(1, 8))
    [final] = [version for version in versions if version.changes["description"] == "Final submission for grading"]
    assert final.content == handed_in.body["data"]["content"]
    before = [version.content for version in versions if version.version < final.version]
    assert final.content == (before[-1] if before else "It was a dark night.")


def test_comments_and_resolutions_are_all_kept(server: Server, cast: Cast, submission: AssignmentSubmission) -> None:
    path = f"/submissions/{hex_id(submission)}/comments"
    comments = [make_comment(submission, cast.ada, ordinal=number) for number in range(4)]

    answers = server.at_once(
        *(partial(server.ask, "POST", path, cast.ada, {"content": f"Comment {number}"}) for number in range(4)),
        *(partial(server.ask, "PATCH", f"{path}/{hex_id(comment)}/resolve", cast.ben) for comment in comments),
        *(
            partial(server.ask, "POST", f"{path}/{hex_id(comments[0])}/reply", cast.ben, {"content": f"Reply {number}"})
            for number in range(4)
        ),
    )

    assert outcomes(answers) == {(201, None): 4, (200, None): 8}
    rows = SubmissionComment.objects.filter(parent=None).order_by("ordinal")
    assert [(row.ordinal, row.is_resolved) for row in rows] == [(n, n < 4) for n in range(8)]
    assert {row.content for row in rows[4:]} == {f"Comment {number}" for number in range(4)}
    replies = SubmissionComment.objects.filter(parent=comments[0]).order_by("ordinal")
    assert [row.ordinal for row in replies] == list(range(4))


def test_graded_text_is_what_was_graded(server: Server, cast: Cast, submission: AssignmentSubmission) -> None:
    AssignmentSubmission.objects.update(status=SubmissionStatus.SUBMITTED)
    path = f"/submissions/{hex_id(submission)}"
    texts = [f"Text number {number}." for number in range(6)]

    *saves, graded = server.at_once(
        *(partial(server.ask, "PUT", f"{path}/content", cast.ben, manual_save(text)) for text in texts),
        partial(server.ask, "PATCH", f"{path}/grade", cast.ada, {"score": 8, "maxScore": 10}),
    )

    assert graded.status == 200
    assert set(outcomes(saves)) <= {(200, None), (409, "Submission has been graded")}
    submission.refresh_from_db()
    assert (submission.status, submission.grade["score"]) == (SubmissionStatus.GRADED, 8)
    versions = list(DocumentVersion.objects.order_by("version"))
    assert [version.version for version in versions] == list(range(1, outcomes(saves)[200, None] + 1))
    assert submission.content == (versions[-1].content if versions else "It was a dark night.")
    assert graded.body["data"]["content"] == submission.content
