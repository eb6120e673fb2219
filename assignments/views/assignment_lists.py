"""Lists of assignments, under the paths of assignments and of courses. They hold no deployments, but for titles."""

import re
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, User
from assignments.filters.assignments import AssignmentFilter, OwnAssignmentFilter, PublishedAssignmentFilter
from assignments.models import Assignment
from assignments.serializers.assignment import (
    AssignmentTitleSerializer,
    CourseAssignmentSerializer,
    CourseAssignmentsSerializer,
    CourseBriefSerializer,
    FoundAssignmentSerializer,
    OwnAssignmentSerializer,
)
from courses.models import Course, Enrollment
from scribetree.api.pagination import Page
from scribetree.api.schema import with_message
from scribetree.api.views import ANYONE, ApiViewSet, find
from scribetree.errors import DeniedError, InvalidError
from scribetree.prepared import Prepared

EDUCATORS = (Role.EDUCATOR, Role.ADMIN)
COURSE_NOT_FOUND = "Course not found"
COURSE_DENIED = "Access denied to this course"
IN_COURSE = OpenApiParameter("courseId", description="Only this course, which has to be one's own.")
FOUND = with_message("FoundAssignments", data=FoundAssignmentSerializer(many=True))
found_in_search = extend_schema(parameters=[IN_COURSE], responses=FOUND)
COURSE = Prepared(
    lambda course_id, user_id: Course.objects.with_membership(user_id).defer("extra").filter(pk=course_id)
)
ALL_OF_COURSE = Prepared(
    lambda course_id: (
        Assignment.objects.filter(course=course_id).made_directly().with_instructor().with_submission_count().listed()
    )
)
PUBLISHED_OF_COURSE = Prepared(lambda course_id: ALL_OF_COURSE.make(course_id).published())
OWN = Prepared(
    lambda user_id: (
        Assignment.objects.filter(instructor=user_id).made_directly().with_course().with_submission_count().listed()
    )
)


class InCourseViewSet(ApiViewSet):
    def readable_course(self, course_id: str) -> Course:
        course = find(COURSE, course_id, COURSE_NOT_FOUND, self.request.user.pk)
        if not course.can_be_read_by(self.request.user):
            raise DeniedError(COURSE_DENIED)
        return course

    def of_course(self, course: Course) -> Page:
        """Students get what is published, whatever status they ask for."""
        if course.is_run_by(self.request.user):
            return self.page(ALL_OF_COURSE, course.pk)
        self.filterset_class = PublishedAssignmentFilter
        return self.page(PUBLISHED_OF_COURSE, course.pk)


class AssignmentListViewSet(InCourseViewSet):
    gates = {
        "course": ANYONE,
        "my_assignments": EDUCATORS,
        "by_objective": EDUCATORS,
        "by_blooms": EDUCATORS,
        "multi_stage": EDUCATORS,
        "with_ai": EDUCATORS,
        "student": ANYONE,
        "class_titles": ANYONE,
    }
    filterset_class = AssignmentFilter

    @extend_schema(responses=with_message("AssignmentsOfCourse", data=CourseAssignmentSerializer(many=True)))
    @action(detail=False, url_path="course/(?P<course_id>[^/]+)")
    def course(self, request: Request, course_id: str) -> Response:
        page = self.of_course(self.readable_course(course_id))
        return self._answer("Assignments retrieved successfully", CourseAssignmentSerializer, page)

    @extend_schema(responses=with_message("OwnAssignments", data=OwnAssignmentSerializer(many=True)))
    @action(detail=False, url_path="my-assignments", filterset_class=OwnAssignmentFilter)
    def my_assignments(self, request: Request) -> Response:
        page = self.page(OWN, request.user.pk)
        return self._answer("Assignments retrieved successfully", OwnAssignmentSerializer, page)

    @found_in_search
    @action(detail=False, url_path="by-objective/(?P<category>[^/]+)")
    def by_objective(self, request: Request, category: str) -> Response:
        message = f"Assignments with {category} learning objectives retrieved successfully"
        known = category.replace("\0", "\ufffd")  # PostgreSQL refuses to look for what it cannot hold
        return self._found(message, learning_objectives__contains=[{"category": known}])

    @found_in_search
    @action(detail=False, url_path="by-blooms/(?P<level>[^/]+)")
    def by_blooms(self, request: Request, level: str) -> Response:
        """Of what follows the digits at the beginning of the level, nothing is read."""
        digits = re.match(r"\s*\+?([0-9]+)", level)
        number = int(digits[1]) if digits else 0
        if not 1 <= number <= 6:
            raise InvalidError("Bloom's level must be between 1 and 6")
        message = f"Assignments with Bloom's level {number} retrieved successfully"
        return self._found(message, learning_objectives__contains=[{"bloomsLevel": number}])

    @found_in_search
    @action(detail=False, url_path="multi-stage")
    def multi_stage(self, request: Request) -> Response:
        return self._found("Multi-stage assignments retrieved successfully", writing_stages__1__isnull=False)

    @found_in_search
    @action(detail=False, url_path="with-ai")
    def with_ai(self, request: Request) -> Response:
        return self._found("AI-enabled assignments retrieved successfully", ai_settings__enabled=True)

    @extend_schema(responses=AssignmentTitleSerializer(many=True))
    @action(detail=False, url_path="student/(?P<student_id>[^/]+)")
    def student(self, request: Request, student_id: str) -> Response:
        """What a student's courses ask for, of the courses that the caller has in common with the student."""
        student = find(User.objects.only("pk"), student_id, "User not found")
        courses = Enrollment.objects.visible_to(request.user).filter(student=student).values("course")
        if request.user != student and request.user.role != Role.ADMIN and not courses.exists():
            raise DeniedError("Access denied")
        return self._titles(Assignment.objects.published().filter(course__in=courses))

    @extend_schema(responses=AssignmentTitleSerializer(many=True))
    @action(detail=False, url_path="class/(?P<course_id>[^/]+)")
    def class_titles(self, request: Request, course_id: str) -> Response:
        course = self.readable_course(course_id)
        rows = Assignment.objects.filter(course=course)
        return self._titles(rows if course.is_run_by(request.user) else rows.published())

    def _found(self, message: str, **conditions: Any) -> Response:
        rows = Assignment.objects.filter(**conditions).made_directly().not_archived()
        if course_id := self.request.query_params.get("courseId"):
            course = find(Course.objects.only("instructor"), course_id, COURSE_NOT_FOUND)
            if not course.is_run_by(self.request.user):
                raise DeniedError(COURSE_DENIED)
            rows = rows.filter(course=course)
        else:
            rows = rows.visible_to(self.request.user)
        return self._answer(
            message, FoundAssignmentSerializer, self.page(rows.with_course().with_instructor().listed())
        )

    def _titles(self, rows: QuerySet[Assignment]) -> Response:
        page = self.page(rows.only("title").order_by("-created_at", "-pk"))
        return Response(AssignmentTitleSerializer(page.rows, many=True).data)

    def _answer(self, message: str, serializer: type[serializers.Serializer], page: Page) -> Response:
        return Response({"message": message, "data": serializer(page.rows, many=True).data, **page.info})


class CourseAssignmentsViewSet(InCourseViewSet):
    """Under the paths of courses, which know nothing of assignments."""

    gates = {"assignments": ANYONE}

    @extend_schema(responses=CourseAssignmentsSerializer())
    @action(detail=True, filterset_class=AssignmentFilter)
    def assignments(self, request: Request, pk: str) -> Response:
        course = self.readable_course(pk)
        page = self.of_course(course)
        assignments = CourseAssignmentSerializer(page.rows, many=True).data
        total = page.info["pagination"]["total"] if page.info else len(assignments)
        data = {"course": CourseBriefSerializer(course).data, "assignments": assignments, "totalCount": total}
        message = "Course assignments retrieved successfully"
        return Response({"success": True, "message": message, "data": data, **page.info})
