from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from assignments.models import AssignmentSubmission
from assignments.serializers.submission import (
    CommentedSubmissionSerializer,
    ListedSubmissionSerializer,
    OpenSubmissionSerializer,
    PlainSubmissionSerializer,
    ResolvedSubmissionSerializer,
    SavedSubmissionSerializer,
    SharedSubmissionSerializer,
    SubmittedSubmissionSerializer,
    with_assignment,
)
from assignments.serializers.submission import with_people as listed_with_people
from documents.models import DocumentVersion
from documents.rules import Rule
from documents.serializers import ChangeCountsSerializer, ListedWholeVersionSerializer
from documents.submissions.filters import OwnSubmissionFilter
from documents.submissions.people import with_discussion, with_people
from documents.submissions.serializers import (
    NewCollaboratorSerializer,
    NewCommentSerializer,
    NewGradeSerializer,
    NewReplySerializer,
    ReturnSerializer,
    SubmissionContentSerializer,
)
from documents.submissions.services.access import (
    EXCERPT,
    MAY_COMMENT,
    MAY_EDIT,
    MAY_GRADE,
    MAY_READ,
    MAY_READ_VERSIONS,
    MAY_REPLY,
    MAY_RETURN,
    MAY_SHARE,
    OPEN,
    find_submission,
)
from documents.submissions.services.collaboration import add_collaborator
from documents.submissions.services.discussion import add_comment, find_comment, reply_to_comment, resolve_comment
from documents.submissions.services.grading import grade_submission, return_submission
from documents.submissions.services.writing import save_content, submit_submission
from scribetree.api.fields import Flag, Number
from scribetree.api.pagination import positive
from scribetree.api.schema import envelope, with_message
from scribetree.api.views import ANYONE, ApiViewSet
from scribetree.object_id import parse_id
from scribetree.prepared import Prepared, fetched

VERSIONS = Prepared(
    lambda submission_id: DocumentVersion.objects.filter(submission=submission_id).with_author().order_by("-version")
)
SAVED = envelope(
    "SavedSubmissionData",
    submission=SavedSubmissionSerializer(),
    versionCreated=Flag(),
    currentVersion=Number(whole=True),
    diff=ChangeCountsSerializer(),
)


class SubmissionViewSet(ApiViewSet):
    gates = {
        "my_submissions": ANYONE,
        "retrieve": ANYONE,
        "content": ANYONE,
        "comments": ANYONE,
        "reply": ANYONE,
        "resolve": ANYONE,
        "collaborators": ANYONE,
        "submit": ANYONE,
        "versions": ANYONE,
        "grade": ANYONE,
        "return_": ANYONE,
    }

    @extend_schema(responses=with_message("OwnSubmissions", data=ListedSubmissionSerializer(many=True)))
    @action(detail=False, url_path="my-submissions", filterset_class=OwnSubmissionFilter)
    def my_submissions(self, request: Request) -> Response:
        rows = with_assignment(AssignmentSubmission.objects.written_by(request.user))
        page = self.page(listed_with_people(rows).order_by("-last_saved_at", "-pk"))
        data = ListedSubmissionSerializer(page.rows, many=True).data
        return Response({"message": "Submissions retrieved successfully", "data": data, **page.info})

    @extend_schema(responses=with_message("SubmissionOpened", data=OpenSubmissionSerializer()))
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._opened("Submission retrieved successfully")

    @extend_schema(request=SubmissionContentSerializer, responses=with_message("SubmissionSaved", data=SAVED))
    @action(detail=True, methods=["put"])
    def content(self, request: Request, pk: str) -> Response:
        given = self.checked(SubmissionContentSerializer, after=lambda: self._found(MAY_EDIT))
        save = save_content(submission_id=parse_id(pk), editor=request.user, **given)
        data = {
            "submission": SavedSubmissionSerializer(with_discussion(save.submission)).data,
            "versionCreated": save.makes_version,
            "currentVersion": save.submission.current_version,
            "diff": save.change.as_json(),
        }
        return _answer("Submission updated successfully", data)

    @extend_schema(
        request=NewCommentSerializer,
        responses={201: with_message("SubmissionCommented", data=CommentedSubmissionSerializer())},
    )
    @action(detail=True, methods=["post"])
    def comments(self, request: Request, pk: str) -> Response:
        given = self.checked(NewCommentSerializer, after=lambda: self._found(MAY_COMMENT))
        submission = add_comment(submission_id=parse_id(pk), author=request.user, **given)
        data = CommentedSubmissionSerializer(with_discussion(submission, named=True)).data
        return _answer("Comment added successfully", data, 201)

    @extend_schema(
        request=NewReplySerializer, responses={200: with_message("CommentAnswered", data=PlainSubmissionSerializer())}
    )
    @action(detail=True, methods=["post"], url_path="comments/(?P<comment_id>[^/]+)/reply")
    def reply(self, request: Request, pk: str, comment_id: str) -> Response:
        comment = parse_id(comment_id)
        given = self.checked(NewReplySerializer, after=lambda: find_comment(self._found(MAY_REPLY), comment))
        submission = reply_to_comment(submission_id=parse_id(pk), comment_id=comment, author=request.user, **given)
        return _answer("Reply added successfully", PlainSubmissionSerializer(with_discussion(submission)).data)

    @extend_schema(request=None, responses=with_message("CommentResolved", data=ResolvedSubmissionSerializer()))
    @action(detail=True, methods=["patch"], url_path="comments/(?P<comment_id>[^/]+)/resolve")
    def resolve(self, request: Request, pk: str, comment_id: str) -> Response:
        submission = resolve_comment(submission_id=parse_id(pk), comment_id=parse_id(comment_id), user=request.user)
        return _answer("Comment resolved successfully", ResolvedSubmissionSerializer(with_discussion(submission)).data)

    @extend_schema(
        request=NewCollaboratorSerializer, responses=with_message("SubmissionShared", data=SharedSubmissionSerializer())
    )
    @action(detail=True, methods=["post"])
    def collaborators(self, request: Request, pk: str) -> Response:
        given = self.checked(NewCollaboratorSerializer, after=lambda: self._found(MAY_SHARE))
        submission = add_collaborator(submission_id=parse_id(pk), user=request.user, **given)
        data = SharedSubmissionSerializer(with_people(with_discussion(submission))).data
        return _answer("Collaborator added successfully", data)

    @extend_schema(request=None, responses=with_message("SubmissionSubmitted", data=SubmittedSubmissionSerializer()))
    @action(detail=True, methods=["patch"])
    def submit(self, request: Request, pk: str) -> Response:
        submission = submit_submission(submission_id=parse_id(pk), user=request.user)
        data = SubmittedSubmissionSerializer(with_discussion(submission)).data
        return _answer("Submission submitted for grading successfully", data)

    @extend_schema(
        parameters=[OpenApiParameter("limit", int, description="The latest so many; all by default.")],
        responses=with_message("SubmissionVersions", data=serializers.ListField(child=ListedWholeVersionSerializer())),
    )
    @action(detail=True)
    def versions(self, request: Request, pk: str) -> Response:
        submission = self._found(MAY_READ_VERSIONS)
        limit = positive("limit", request.query_params.get("limit"), default=0)
        versions = fetched(VERSIONS.make(submission.pk)[:limit]) if limit else VERSIONS.all(submission.pk)
        data = ListedWholeVersionSerializer(versions, many=True).data
        return _answer("Submission versions retrieved successfully", data)

    @extend_schema(
        request=NewGradeSerializer, responses=with_message("SubmissionGraded", data=OpenSubmissionSerializer())
    )
    @action(detail=True, methods=["patch"])
    def grade(self, request: Request, pk: str) -> Response:
        """Of work that is handed in. Without a score, it is the sum of the rubric's."""
        given = self.checked(NewGradeSerializer, after=lambda: self._found(MAY_GRADE))
        grade_submission(submission_id=parse_id(pk), grader=request.user, **given)
        return self._opened("Submission graded successfully")

    @extend_schema(
        request=ReturnSerializer, responses=with_message("SubmissionReturned", data=OpenSubmissionSerializer())
    )
    @action(detail=True, methods=["patch"], url_path="return")
    def return_(self, request: Request, pk: str) -> Response:
        """To its writers, for another go: a submission that is handed in, graded or not."""
        given = self.checked(ReturnSerializer, after=lambda: self._found(MAY_RETURN))
        return_submission(submission_id=parse_id(pk), educator=request.user, **given)
        return self._opened("Submission returned successfully")

    def _found(self, rule: Rule, rows: Prepared[AssignmentSubmission] = EXCERPT) -> AssignmentSubmission:
        submission_id = parse_id(self.kwargs["pk"])
        return find_submission(user=self.request.user, submission_id=submission_id, rule=rule, rows=rows)

    def _opened(self, message: str) -> Response:
        submission = with_people(with_discussion(self._found(MAY_READ, OPEN), named=True))
        return _answer(message, OpenSubmissionSerializer(submission).data)


def _answer(message: str, data: Any, status: int = 200) -> Response:
    return Response({"message": message, "data": data}, status)
