from django.db.models import prefetch_related_objects
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role
from assignments.filters.submissions import SubmissionFilter
from assignments.models import Assignment, AssignmentSubmission
from assignments.serializers.assignment import (
    AssignmentChangesSerializer,
    AssignmentDetailSerializer,
    AssignmentSerializer,
    BareAssignmentSerializer,
    CloneBodySerializer,
    CloneSerializer,
    CloneTargetSerializer,
    NewAssignmentBodySerializer,
    NewAssignmentPlaceSerializer,
    NewAssignmentSerializer,
    ValidationSerializer,
)
from assignments.serializers.submission import (
    BegunSubmissionSerializer,
    SubmissionSerializer,
    SubmissionStartSerializer,
    people_and_comments,
    with_people,
)
from assignments.services.assignments import (
    NOT_FOUND,
    archive_assignment,
    clone_assignment,
    create_assignment,
    publish_assignment,
    read_assignment,
    update_assignment,
)
from assignments.services.submissions import start_submission
from assignments.views.assignment_lists import EDUCATORS
from courses.models import Course, Enrollment
from scribetree.api.schema import with_message
from scribetree.api.views import ANYONE, ApiViewSet, find
from scribetree.errors import DeniedError, InvalidError
from scribetree.object_id import parse_id
from scribetree.prepared import Prepared

ASSIGNMENT = Prepared(lambda assignment_id: Assignment.objects.only("instructor", "template").filter(pk=assignment_id))
STUDENTS = Prepared(
    lambda course_id: Enrollment.objects.filter(course=course_id).order_by("ordinal", "pk").values_list("student_id")
)
SUBMISSIONS = Prepared(
    lambda assignment_id: with_people(
        AssignmentSubmission.objects.filter(assignment=assignment_id).order_by("-last_saved_at", "-pk")
    )
)
NOT_ENROLLED = "Only enrolled students can submit to this assignment"


class AssignmentViewSet(ApiViewSet):
    gates = {
        "create": EDUCATORS,
        "retrieve": ANYONE,
        "update": EDUCATORS,
        "destroy": EDUCATORS,
        "submit": ANYONE,
        "submissions": EDUCATORS,
        "publish": EDUCATORS,
        "clone": EDUCATORS,
        "validate": EDUCATORS,
    }

    @extend_schema(
        request=NewAssignmentBodySerializer,
        responses={201: with_message("AssignmentCreated", data=AssignmentSerializer())},
    )
    def create(self, request: Request) -> Response:
        course = self._own_course(self.checked(NewAssignmentPlaceSerializer)["course_id"], "Course not found")
        assignment = create_assignment(course=course, instructor=request.user, **self.checked(NewAssignmentSerializer))
        return self._answer("Assignment created successfully", assignment, 201)

    @extend_schema(responses=with_message("OneAssignment", data=AssignmentDetailSerializer()))
    def retrieve(self, request: Request, pk: str) -> Response:
        """Deployments too. Students learn nothing of each other."""
        assignment = read_assignment(assignment_id=parse_id(pk), reader=request.user)
        students = STUDENTS.all(assignment.course_id) if assignment.is_run_by(request.user) else ()
        assignment.course.student_ids = [key for (key,) in students]
        data = AssignmentDetailSerializer(assignment).data
        return Response({"message": "Assignment retrieved successfully", "data": data})

    @extend_schema(
        request=AssignmentChangesSerializer, responses=with_message("AssignmentUpdated", data=AssignmentSerializer())
    )
    def update(self, request: Request, pk: str) -> Response:
        """Groups are replaced whole. Of a deployment, only due date, lateness, collaborators and status change."""
        assignment = self._editable(pk, "Only the assignment creator can update it")
        changes = self.checked(AssignmentChangesSerializer)
        assignment = update_assignment(assignment=assignment, **changes)
        return self._answer("Assignment updated successfully", assignment)

    @extend_schema(responses={200: with_message("AssignmentArchived")})
    def destroy(self, request: Request, pk: str) -> Response:
        """Archives it; submissions stay."""
        archive_assignment(assignment=self._editable(pk, "Only the assignment creator can delete it"))
        return Response({"message": "Assignment archived successfully"})

    @extend_schema(
        request=SubmissionStartSerializer,
        responses={201: with_message("SubmissionReady", data=BegunSubmissionSerializer())},
    )
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Begins one's submission, or answers with the one that there is."""
        assignment = find(Assignment.objects.with_membership(request.user), pk, NOT_FOUND)
        if not assignment.is_published:
            raise InvalidError("Assignment is not yet available")
        not_enrolled = None if request.user.role == Role.ADMIN else NOT_ENROLLED
        if not_enrolled and not assignment.is_member:
            raise DeniedError(not_enrolled)
        given = self.checked(SubmissionStartSerializer)
        submission = start_submission(assignment=assignment, author=request.user, not_enrolled=not_enrolled, **given)
        prefetch_related_objects([submission], *people_and_comments())
        data = BegunSubmissionSerializer(submission).data
        return Response({"message": "Assignment submission ready", "data": data}, 201)

    @extend_schema(responses=with_message("AssignmentSubmissions", data=SubmissionSerializer(many=True)))
    @action(detail=True, filterset_class=SubmissionFilter)
    def submissions(self, request: Request, pk: str) -> Response:
        assignment = self._editable(pk, "Access denied")
        page = self.page(SUBMISSIONS, assignment.pk)
        data = SubmissionSerializer(page.rows, many=True).data
        return Response({"message": "Assignment submissions retrieved successfully", "data": data, **page.info})

    @extend_schema(request=None, responses=with_message("AssignmentPublished", data=BareAssignmentSerializer()))
    @action(detail=True, methods=["patch"])
    def publish(self, request: Request, pk: str) -> Response:
        assignment = self._editable(pk, "Only the assignment creator can publish it")
        data = BareAssignmentSerializer(publish_assignment(assignment=assignment)).data
        return Response({"message": "Assignment published successfully", "data": data})

    @extend_schema(
        request=CloneBodySerializer, responses={201: with_message("AssignmentCloned", data=AssignmentSerializer())}
    )
    @action(detail=True, methods=["post"])
    def clone(self, request: Request, pk: str) -> Response:
        """A draft in another course. Of `adjustments`, keys that a clone cannot have otherwise are ignored."""
        source = find(Assignment.objects, pk, NOT_FOUND)
        if not source.can_be_edited_by(request.user):
            raise DeniedError("Access denied")
        course = self._own_course(self.checked(CloneTargetSerializer)["course_id"], "Target course not found")
        changes = self.checked(CloneSerializer)
        assignment = clone_assignment(source=source, course=course, instructor=request.user, **changes)
        return self._answer("Assignment cloned successfully", assignment, 201)

    @extend_schema(request=None, responses=with_message("AssignmentValidated", data=ValidationSerializer()))
    @action(detail=True, methods=["post"])
    def validate(self, request: Request, pk: str) -> Response:
        """What has to be mended before it is published. Changes nothing."""
        assignment = find(Assignment.objects, pk, NOT_FOUND)
        if not assignment.can_be_edited_by(request.user):
            raise DeniedError("Access denied")
        errors = assignment.obstacles()
        warnings = [] if assignment.learning_objectives else ["No learning objectives defined"]
        data = {"isValid": not errors, "errors": errors, "warnings": warnings}
        return Response({"message": "Assignment validation completed", "data": data})

    def _editable(self, pk: str, refusal: str) -> Assignment:
        assignment = find(ASSIGNMENT, pk, NOT_FOUND)
        if not assignment.can_be_edited_by(self.request.user):
            raise DeniedError(refusal)
        return assignment

    def _own_course(self, course_id: object, missing: str) -> Course:
        course = find(Course.objects.only("title", "instructor"), course_id, missing)  # type: ignore[arg-type]
        if not course.is_run_by(self.request.user):
            raise DeniedError("Only course instructors can create assignments")
        return course

    def _answer(self, message: str, assignment: Assignment, status: int = 200) -> Response:
        return Response({"message": message, "data": AssignmentSerializer(assignment).data}, status)
