from datetime import timedelta
from functools import cache
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from documents.filters import CourseDocumentFilter, OwnDocumentFilter
from documents.models import Document, DocumentStatus, DocumentVersion
from documents.people import with_people
from documents.serializers import (
    CollaboratorSerializer,
    ContentSerializer,
    CourseDocumentSerializer,
    DocumentCreationSerializer,
    DocumentSerializer,
    ListedVersionSerializer,
    NewDocumentSerializer,
    OpenDocumentSerializer,
    OwnDocumentSerializer,
    SharedDocumentSerializer,
    WholeVersionSerializer,
)
from documents.services import (
    EXCERPT,
    MAY_EDIT,
    MAY_READ,
    MAY_READ_VERSIONS,
    MAY_SHARE,
    WHOLE,
    Rule,
    add_collaborator,
    create_document,
    delete_document,
    find_course,
    find_document,
    save_content,
)
from scribetree.api.fields import Flag, Number
from scribetree.api.pagination import MAX_LIMIT, Page, positive
from scribetree.api.schema import envelope, with_message
from scribetree.api.views import ANYONE, ApiViewSet
from scribetree.errors import NotFoundError
from scribetree.object_id import parse_id
from scribetree.prepared import Prepared

DEFAULT_VERSIONS = 10
ALL_OF_COURSE = Prepared(
    lambda course_id: Document.objects.filter(course=course_id, status=DocumentStatus.ACTIVE).defer("extra").listed()
)
VISIBLE_OF_COURSE = Prepared(lambda course_id, user_id: ALL_OF_COURSE.make(course_id).visible_to(User(pk=user_id)))

SAVED = envelope("SavedDocument", document=DocumentSerializer(), versionCreated=Flag())
COMPARED = envelope(
    "ComparedVersions",
    older=WholeVersionSerializer(),
    newer=WholeVersionSerializer(),
    timeDiff=Number(whole=True),
)


@cache
def latest_versions(limit: int) -> Prepared[DocumentVersion]:
    return Prepared(
        lambda document_id: (
            DocumentVersion.objects.filter(document=document_id)
            .with_author()
            .defer("content")
            .order_by("-version")[:limit]
        )
    )


class DocumentViewSet(ApiViewSet):
    gates = {
        "create": ANYONE,
        "course": ANYONE,
        "my_documents": ANYONE,
        "retrieve": ANYONE,
        "content": ANYONE,
        "versions": ANYONE,
        "compare": ANYONE,
        "collaborators": ANYONE,
        "destroy": ANYONE,
    }

    @extend_schema(
        request=DocumentCreationSerializer, responses={201: with_message("DocumentMade", data=NewDocumentSerializer())}
    )
    def create(self, request: Request) -> Response:
        def check_course() -> None:
            find_course(user=request.user, course_id=parse_id(request.data.get("courseId")))

        given = self.checked(DocumentCreationSerializer, after=check_course)
        document = create_document(author=request.user, **given)
        return answer("Document created successfully", NewDocumentSerializer(document).data, 201)

    @extend_schema(responses=with_message("CourseDocuments", data=CourseDocumentSerializer(many=True)))
    @action(detail=False, url_path="course/(?P<course_id>[^/]+)", filterset_class=CourseDocumentFilter)
    def course(self, request: Request, course_id: str) -> Response:
        course = find_course(user=request.user, course_id=parse_id(course_id))
        if course.is_run_by(request.user):
            page = self.page(ALL_OF_COURSE, course.pk)
        else:
            page = self.page(VISIBLE_OF_COURSE, course.pk, request.user.pk)
        return listed(page, CourseDocumentSerializer)

    @extend_schema(responses=with_message("OwnDocuments", data=OwnDocumentSerializer(many=True)))
    @action(detail=False, url_path="my-documents", filterset_class=OwnDocumentFilter)
    def my_documents(self, request: Request) -> Response:
        rows = Document.objects.written_by(request.user).with_course()
        if not request.query_params.get("status"):
            rows = rows.filter(status=DocumentStatus.ACTIVE)
        return listed(self.page(rows.listed()), OwnDocumentSerializer)

    @extend_schema(responses=with_message("DocumentOpened", data=OpenDocumentSerializer()))
    def retrieve(self, request: Request, pk: str) -> Response:
        document = self.found(MAY_READ, WHOLE)
        with_people([document])
        return answer("Document retrieved successfully", OpenDocumentSerializer(document).data)

    @extend_schema(request=ContentSerializer, responses=with_message("DocumentSaved", data=SAVED))
    @action(detail=True, methods=["put"])
    def content(self, request: Request, pk: str) -> Response:
        given = self.checked(ContentSerializer, after=lambda: self.found(MAY_EDIT))
        document, makes_version = save_content(document_id=parse_id(pk), editor=request.user, **given)
        data = {"document": DocumentSerializer(document).data, "versionCreated": makes_version}
        return answer("Document updated successfully", data)

    @extend_schema(
        parameters=[OpenApiParameter("limit", int, description=f"{DEFAULT_VERSIONS}, and {MAX_LIMIT} at most.")],
        responses=with_message("DocumentVersions", data=serializers.ListField(child=ListedVersionSerializer())),
    )
    @action(detail=True)
    def versions(self, request: Request, pk: str) -> Response:
        document = self.found(MAY_READ_VERSIONS)
        limit = positive("limit", request.query_params.get("limit"), default=DEFAULT_VERSIONS)
        versions = latest_versions(min(limit, MAX_LIMIT)).all(document.pk)
        return answer("Versions retrieved successfully", ListedVersionSerializer(versions, many=True).data)

    @extend_schema(responses=with_message("VersionsCompared", data=COMPARED))
    @action(detail=True, url_path="compare/(?P<version1>[^/]+)/(?P<version2>[^/]+)")
    def compare(self, request: Request, pk: str, version1: str, version2: str) -> Response:
        document = self.found(MAY_READ_VERSIONS)
        numbers = {positive("version", number, default=0) for number in (version1, version2)}
        versions = list(document.versions.filter(version__in=numbers).defer("extra").order_by("version"))
        if len(versions) != 2:
            raise NotFoundError("One or both versions not found")
        older, newer = versions
        data = {
            "older": WholeVersionSerializer(older).data,
            "newer": WholeVersionSerializer(newer).data,
            "timeDiff": (newer.created_at - older.created_at) // timedelta(milliseconds=1),
        }
        return answer("Version comparison retrieved successfully", data)

    @extend_schema(
        request=CollaboratorSerializer, responses=with_message("DocumentShared", data=SharedDocumentSerializer())
    )
    @action(detail=True, methods=["post"])
    def collaborators(self, request: Request, pk: str) -> Response:
        given = self.checked(CollaboratorSerializer, after=lambda: self.found(MAY_SHARE))
        document = add_collaborator(document_id=parse_id(pk), user=request.user, **given)
        with_people([document])
        return answer("Collaborator added successfully", SharedDocumentSerializer(document).data)

    @extend_schema(responses=with_message("DocumentDeleted"))
    def destroy(self, request: Request, pk: str) -> Response:
        delete_document(document_id=parse_id(pk), user=request.user)
        return Response({"message": "Document deleted successfully"})

    def found(self, rule: Rule, rows: Prepared[Document] = EXCERPT) -> Document:
        document_id = parse_id(self.kwargs["pk"])
        return find_document(user=self.request.user, document_id=document_id, rule=rule, rows=rows)


def listed(page: Page, serializer_class: type[DocumentSerializer]) -> Response:
    documents = with_people(list(page.rows))
    body = {"message": "Documents retrieved successfully", "data": serializer_class(documents, many=True).data}
    return Response({**body, **page.info})


def answer(message: str, data: Any, status: int = 200) -> Response:
    return Response({"message": message, "data": data}, status)
