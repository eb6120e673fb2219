from functools import partial
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role, User
from courses.filters import CourseFilter
from courses.models import Course, CourseQuerySet
from courses.serializers import (
    CourseChangesSerializer,
    CourseSerializer,
    CourseTitleSerializer,
    EnrollmentCodeSerializer,
    JoinedCourseSerializer,
    NewCourseSerializer,
    with_students,
)
from courses.services import NOT_FOUND, create_course, enroll_student, unenroll_student, update_course
from scribetree.api.schema import envelope, successful, with_message
from scribetree.api.throttles import EnrollmentThrottle
from scribetree.api.views import ANYONE, ApiViewSet, find
from scribetree.errors import DeniedError
from scribetree.object_id import parse_id
from scribetree.prepared import Prepared


def _listed(role: str, user_id: UUID) -> CourseQuerySet:
    return Course.objects.with_instructor().listed_for(User(pk=user_id, role=role))


LISTED = {role: Prepared(partial(_listed, role)) for role in Role}
OPENED = Prepared(
    lambda course_id, user_id: Course.objects.with_instructor().with_membership(user_id).filter(pk=course_id)
)
COURSES = successful("Courses", data=CourseSerializer(many=True), totalCount=serializers.IntegerField())


class CourseViewSet(ApiViewSet):
    gates = {
        "list": ANYONE,
        "my_courses": ANYONE,
        "enrolled": (Role.STUDENT,),
        "of_educator": ANYONE,
        "create": (Role.EDUCATOR,),
        "retrieve": ANYONE,
        "update": (Role.EDUCATOR,),
        "enroll": (Role.STUDENT,),
        "unenroll": (Role.STUDENT,),
    }
    filterset_class = CourseFilter

    @extend_schema(responses=COURSES)
    def list(self, request: Request) -> Response:
        page = self.page(LISTED[request.user.role], request.user.pk)
        data = self.on_the_wire(page.rows)
        total = page.info["pagination"]["total"] if page.info else len(data)
        return Response({"success": True, "data": data, "totalCount": total, **page.info})

    @extend_schema(responses=COURSES)
    @action(detail=False, url_path="my-courses")
    def my_courses(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(responses=envelope("EnrolledCourses", courses=CourseSerializer(many=True)))
    @action(detail=False)
    def enrolled(self, request: Request) -> Response:
        page = self.page(LISTED[request.user.role], request.user.pk)
        return Response({"courses": self.on_the_wire(page.rows), **page.info})

    @extend_schema(responses=CourseTitleSerializer(many=True))
    @action(detail=False, url_path="educator/(?P<educator_id>[^/]+)")
    def of_educator(self, request: Request, educator_id: str) -> Response:
        educator = find(User.objects.only("pk"), educator_id, "User not found")
        if educator != request.user and request.user.role != Role.ADMIN:
            raise DeniedError("Access denied")
        taught = Course.objects.filter(instructor=educator).only("title").order_by("-created_at", "-pk")
        return Response(CourseTitleSerializer(self.page(taught).rows, many=True).data)

    @extend_schema(
        request=NewCourseSerializer, responses={201: with_message("CourseCreated", course=CourseSerializer())}
    )
    def create(self, request: Request) -> Response:
        course = create_course(instructor=request.user, **self.checked(NewCourseSerializer))
        course.students_on_the_wire = []
        return Response({"message": "Course created successfully", "course": CourseSerializer(course).data}, 201)

    @extend_schema(responses=envelope("OneCourse", course=CourseSerializer()))
    def retrieve(self, request: Request, pk: str) -> Response:
        course = find(OPENED, pk, NOT_FOUND, request.user.pk)
        if not course.can_be_read_by(request.user):
            raise DeniedError("Access denied")
        return Response({"course": self.on_the_wire([course])[0]})

    @extend_schema(request=CourseChangesSerializer, responses=with_message("CourseUpdated", course=CourseSerializer()))
    def update(self, request: Request, pk: str) -> Response:
        course = find(Course.objects.with_instructor(), pk, NOT_FOUND)
        if not course.is_taught_by(request.user):
            raise DeniedError("Access denied")
        course = update_course(course=course, **self.checked(CourseChangesSerializer))
        return Response({"message": "Course updated successfully", "course": self.on_the_wire([course])[0]})

    @extend_schema(
        request=EnrollmentCodeSerializer, responses=with_message("CourseJoined", course=JoinedCourseSerializer())
    )
    @action(detail=False, methods=["post"], throttle_classes=[EnrollmentThrottle])
    def enroll(self, request: Request) -> Response:
        course = enroll_student(student=request.user, **self.checked(EnrollmentCodeSerializer))
        return Response({"message": "Successfully enrolled in course", "course": JoinedCourseSerializer(course).data})

    @extend_schema(request=None, responses=with_message("CourseLeft"))
    @action(detail=True, methods=["post"])
    def unenroll(self, request: Request, pk: str) -> Response:
        unenroll_student(student=request.user, course_id=parse_id(pk))
        return Response({"message": "Successfully unenrolled from course"})

    def on_the_wire(self, rows: Any) -> Any:
        return CourseSerializer(with_students(rows, self.request.user), many=True).data
