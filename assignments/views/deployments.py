from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, User
from assignments.filters.assignments import (
    AssignmentFilter,
    DueAssignmentFilter,
    OwnAssignmentFilter,
    PublishedAssignmentFilter,
)
from assignments.models import Assignment, AssignmentTemplate
from assignments.models.assignment import AssignmentQuerySet
from assignments.serializers.deployment import (
    CourseDeploymentSerializer,
    DeploymentChangesSerializer,
    DeploymentDetailSerializer,
    DueDeploymentSerializer,
    NewDeploymentSerializer,
    OwnDeploymentSerializer,
    StartedSubmissionSerializer,
    named_stages,
)
from assignments.serializers.submission import SubmissionStartSerializer, people_and_comments
from assignments.services.assignments import NOT_FOUND, archive_assignment, publish_assignment
from assignments.services.deployments import (
    check_deployment,
    check_stages,
    delete_deployment,
    deploy_template,
    update_deployment,
)
from assignments.services.submissions import start_submission
from assignments.services.templates import NOT_FOUND as TEMPLATE_NOT_FOUND
from assignments.views.assignment_lists import EDUCATORS, InCourseViewSet
from assignments.views.templates import DELETED
from courses.models import Course, Enrollment
from scribetree.api.pagination import positive
from scribetree.api.schema import successful
from scribetree.api.views import ANYONE, find
from scribetree.errors import DeniedError, InvalidError
from scribetree.fields import now
from scribetree.prepared import Prepared

DEPLOYMENT = successful("Deployment", data=DeploymentDetailSerializer())
OWN = successful("OwnDeployments", data=OwnDeploymentSerializer(many=True))
DEPLOYMENTS = successful("CourseDeployments", data=CourseDeploymentSerializer(many=True))
DUE = successful("DueDeployments", data=DueDeploymentSerializer(many=True))
STARTED = successful("SubmissionStarted", data=StartedSubmissionSerializer())
DAYS = OpenApiParameter("days", int, description="How far ahead; 7 if not given.")
A_CENTURY = 36_525
NOT_ENROLLED = "You are not enrolled in this course"


def _of_course(role: Role, course_id: UUID, user_id: UUID) -> AssignmentQuerySet:
    rows = Assignment.objects.deployments().filter(course=course_id).with_submission_count().with_instructor()
    return rows.with_notes_for(User(pk=user_id, role=role)).briefly().order_by("-created_at", "-pk")


def _unarchived_of_course(role: Role, course_id: UUID, user_id: UUID) -> AssignmentQuerySet:
    return _of_course(role, course_id, user_id).not_archived()


OF_COURSE = {role: Prepared(partial(_of_course, role)) for role in Role}
UNARCHIVED_OF_COURSE = {role: Prepared(partial(_unarchived_of_course, role)) for role in Role}
PUBLISHED_OF_COURSE = Prepared(lambda course_id, user_id: _of_course(Role.STUDENT, course_id, user_id).published())


class DeploymentViewSet(InCourseViewSet):
    gates = {
        "deploy": EDUCATORS,
        "my_assignments": ANYONE,
        "course": ANYONE,
        "retrieve": ANYONE,
        "update": EDUCATORS,
        "publish": EDUCATORS,
        "upcoming": ANYONE,
        "due_soon": ANYONE,
        "submit": ANYONE,
        "archive": EDUCATORS,
        "destroy": EDUCATORS,
    }

    @extend_schema(request=NewDeploymentSerializer, responses={201: DEPLOYMENT})
    @action(detail=False, methods=["post"])
    def deploy(self, request: Request) -> Response:
        body, user = request.data, request.user
        template = find(AssignmentTemplate.objects.defer("search_vector"), body.get("templateId"), TEMPLATE_NOT_FOUND)
        if not template.is_visible_to(user):
            raise DeniedError("Access denied to this template")
        course = find(Course.objects.all(), body.get("courseId"), "Course not found")
        if not course.is_run_by(user):
            raise DeniedError("Only course instructors can deploy assignments")
        check_deployment(template=template, course=course, stage_ids=named_stages(body))
        given = self.checked(NewDeploymentSerializer)
        return self.shown(deploy_template(instructor_id=course.instructor_id, **given).pk, 201)

    @extend_schema(responses=OWN)
    @action(detail=False, url_path="my-assignments", filterset_class=OwnAssignmentFilter)
    def my_assignments(self, request: Request) -> Response:
        """Of educators what they deployed; of students what is published in their courses, whatever they ask for."""
        user = request.user
        rows = Assignment.objects.deployments().with_submission_count().with_course()
        if user.role == Role.STUDENT:
            self.filterset_class = DueAssignmentFilter
            rows = rows.published().filter(course__in=Enrollment.objects.filter(student=user).values("course"))
        else:
            rows = self.unarchived(rows.filter(instructor=user))
        return self.listed(rows.order_by("-created_at", "-pk"), OwnDeploymentSerializer)

    @extend_schema(responses=DEPLOYMENTS)
    @action(detail=False, url_path="course/(?P<course_id>[^/]+)", filterset_class=AssignmentFilter)
    def course(self, request: Request, course_id: str) -> Response:
        """Students get what is published, whatever status they ask for."""
        course, user = self.readable_course(course_id), request.user
        if course.is_run_by(user):
            rows = OF_COURSE[user.role] if request.query_params.get("status") else UNARCHIVED_OF_COURSE[user.role]
        else:
            self.filterset_class = PublishedAssignmentFilter
            rows = PUBLISHED_OF_COURSE
        page = self.page(rows, course.pk, user.pk)
        return Response({"success": True, "data": CourseDeploymentSerializer(page.rows, many=True).data, **page.info})

    @extend_schema(responses=DEPLOYMENT)
    def retrieve(self, request: Request, pk: str) -> Response:
        """Students learn nothing of each other."""
        deployment = self.whole(pk)
        is_run = deployment.is_run_by(request.user)
        if not is_run and not deployment.is_member:
            raise DeniedError("Access denied to this assignment")
        if not is_run and not deployment.is_published:
            raise DeniedError("Assignment not yet published")
        return Response({"success": True, "data": DeploymentDetailSerializer(deployment).data})

    @extend_schema(request=DeploymentChangesSerializer, responses=DEPLOYMENT)
    def update(self, request: Request, pk: str) -> Response:
        deployment = self.editable(pk, "Only assignment instructor can update assignment")
        check_stages(deployment, named_stages(request.data))
        update_deployment(deployment=deployment, **self.checked(DeploymentChangesSerializer))
        return self.shown(deployment.pk)

    @extend_schema(request=None, responses=DEPLOYMENT)
    @action(detail=True, methods=["patch"])
    def publish(self, request: Request, pk: str) -> Response:
        deployment = self.editable(pk, "Only assignment instructor can publish assignment")
        publish_assignment(assignment=deployment)
        return self.shown(deployment.pk)

    @extend_schema(responses=DUE)
    @action(detail=False, url_path="upcoming/all", filterset_class=DueAssignmentFilter)
    def upcoming(self, request: Request) -> Response:
        return self.listed(due(request.user), DueDeploymentSerializer)

    @extend_schema(parameters=[DAYS], responses=DUE)
    @action(detail=False, url_path="due-soon/all", filterset_class=DueAssignmentFilter)
    def due_soon(self, request: Request) -> Response:
        days = min(positive("days", request.query_params.get("days"), default=7), A_CENTURY)
        rows = due(request.user).filter(due_date__lte=now() + timedelta(days=days))
        return self.listed(rows, DueDeploymentSerializer)

    @extend_schema(request=SubmissionStartSerializer, responses={201: STARTED})
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Begins one's submission, or answers with the one that there is."""
        deployment: Any = find(Assignment.objects.deployments().with_membership(request.user), pk, NOT_FOUND)
        if not deployment.is_published:
            raise InvalidError("Assignment is not yet published")
        if not deployment.is_member:
            raise DeniedError(NOT_ENROLLED)
        given = self.checked(SubmissionStartSerializer)
        submission = start_submission(assignment=deployment, author=request.user, not_enrolled=NOT_ENROLLED, **given)
        prefetch_related_objects([submission], *people_and_comments())
        return Response({"success": True, "data": StartedSubmissionSerializer(submission).data}, 201)

    @extend_schema(request=None, responses=DEPLOYMENT)
    @action(detail=True, methods=["patch"])
    def archive(self, request: Request, pk: str) -> Response:
        deployment = self.editable(pk, "Only assignment instructor can archive assignment")
        archive_assignment(assignment=deployment)
        return self.shown(deployment.pk)

    @extend_schema(responses={200: DELETED})
    def destroy(self, request: Request, pk: str) -> Response:
        deployment = self.editable(pk, "Only assignment instructor can delete assignment")
        delete_deployment(deployment=deployment)
        return Response({"success": True, "message": "Assignment deleted successfully"})

    def editable(self, pk: str, refusal: str) -> Assignment:
        rows = Assignment.objects.deployments().only("template", "instructor", "writing_stages")
        deployment = find(rows, pk, NOT_FOUND)
        if not deployment.can_be_edited_by(self.request.user):
            raise DeniedError(refusal)
        return deployment

    def unarchived(self, rows: Any) -> Any:
        return rows if self.request.query_params.get("status") else rows.not_archived()

    def listed(self, rows: Any, serializer_class: Any) -> Response:
        page = self.page(rows.with_notes_for(self.request.user).briefly())
        return Response({"success": True, "data": serializer_class(page.rows, many=True).data, **page.info})

    def shown(self, key: UUID, status: int = 200) -> Response:
        return Response({"success": True, "data": DeploymentDetailSerializer(self.whole(key)).data}, status)

    def whole(self, key: Any) -> Any:
        """With all that is shown of it to the user, and what tells whether anything is."""
        user = self.request.user
        rows = Assignment.objects.deployments().with_template().with_course().with_instructor().with_membership(user)
        deployment: Any = find(rows.with_notes_for(user).defer("extra", "custom_notes"), key, NOT_FOUND)
        students = deployment.course.enrollments.order_by("ordinal", "pk").values_list("student_id", flat=True)
        deployment.course.student_ids = students if deployment.is_run_by(user) else ()
        return deployment


def due(user: User) -> Any:
    """What is still to come, in the order of its coming."""
    rows = Assignment.objects.deployments().published().visible_to(user).filter(due_date__gte=now())
    return rows.with_course().with_instructor().order_by("due_date", "pk")
