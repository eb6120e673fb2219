"""Documents and versions on the wire. Which references are whole and which are ids differs by endpoint."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers import UserNameSerializer, UserRefSerializer
from documents.models import Document, DocumentStatus, DocumentType
from documents.versions import SaveType
from scribetree.api.fields import Date, Flag, Id, Json, Number, Text, TextList, WireField
from scribetree.api.serializers import WireSerializer
from scribetree.errors import InvalidError
from scribetree.object_id import uuid_to_hex

MAX_CONTENT = 500_000
CONTENT_REQUIRED = dict.fromkeys(("required", "null", "type"), "Content is required")
TITLE_REQUIRED = dict.fromkeys(("required", "null", "blank"), "Document title is required")
# what the client calls the work on an assignment
CLIENT_TYPES = {"assignment": DocumentType.ASSIGNMENT_WORK, "submission": DocumentType.ASSIGNMENT_WORK}


class DocumentSettingsSerializer(serializers.Serializer):
    autoSave = Flag(required=False)
    autoSaveInterval = Number(min_value=10, max_value=300, required=False)
    allowCollaboration = Flag(required=False)
    versionLimit = Number(min_value=1, max_value=100, required=False)

    def to_internal_value(self, data: Any) -> Any:
        """Null leaves the default, for a member as for the whole."""
        return super().to_internal_value(without_nulls(data))


class TextMetadataSerializer(WireSerializer):
    wordCount = Number(whole=True)
    characterCount = Number(whole=True)
    readingTime = Number(whole=True)


class DocumentMetadataSerializer(TextMetadataSerializer):
    lastEditedAt = Date()
    lastEditedBy = Id(required=False)


class EditorMetadataSerializer(TextMetadataSerializer):
    lastEditedAt = Date()
    lastEditedBy = UserNameSerializer(required=False, allow_null=True)


@extend_schema_field(EditorMetadataSerializer)
class EditorMetadata(WireField):
    """The metadata of a document `with_people`, with its last editor's name for the id; null if there is no such."""

    def to_representation(self, document: Document) -> dict[str, Any]:
        metadata: dict[str, Any] = document.metadata
        if metadata.get("lastEditedBy") is None:
            return metadata
        editor = document.editor
        return {**metadata, "lastEditedBy": editor and _name(editor)}


_name = UserNameSerializer().to_representation


class DocumentCourseSerializer(WireSerializer):
    _id = Id(source="pk")
    title = Text()


class TaughtCourseSerializer(DocumentCourseSerializer):
    instructor = Id(source="instructor_id")


@extend_schema_field(TaughtCourseSerializer)
class TaughtCourse(WireField):
    """Of a document that knows its course's title and instructor without the row of the course."""

    def to_representation(self, document: Document) -> dict[str, Any] | None:
        if document.course_id is None:
            return None
        return {
            "_id": uuid_to_hex(document.course_id),
            "title": document.course_title,
            "instructor": uuid_to_hex(document.instructor_id),
        }


class DocumentSerializer(WireSerializer):
    """With all references as ids."""

    _id = Id(source="pk")
    id = Id()
    title = Text()
    content = Text()
    course = Id(source="course_id", allow_null=True)
    author = Id(source="author_id")
    collaborators = serializers.ListField(child=Id(), source="collaborator_ids")
    assignment = Id(source="assignment_id", required=False)
    submission = Id(source="submission_id", required=False)
    type = Text(choices=DocumentType)
    status = Text(choices=DocumentStatus)
    settings = Json(shape=DocumentSettingsSerializer())
    metadata = Json(shape=DocumentMetadataSerializer())
    chapter = Text(required=False)
    lesson = Text(required=False)
    createdAt = Date(source="created_at")
    updatedAt = Date(source="updated_at")


class SharedDocumentSerializer(DocumentSerializer):
    collaborators = UserRefSerializer(many=True, source="people")


class NewDocumentSerializer(DocumentSerializer):
    author = UserRefSerializer()
    course = DocumentCourseSerializer()


class OwnDocumentSerializer(SharedDocumentSerializer):
    author = UserRefSerializer()
    course = DocumentCourseSerializer(allow_null=True)
    versionCount = Number(source="version_count", whole=True)


class CourseDocumentSerializer(SharedDocumentSerializer):
    author = UserRefSerializer()
    metadata = EditorMetadata(source="*")
    versionCount = Number(source="version_count", whole=True)


class OpenDocumentSerializer(SharedDocumentSerializer):
    author = UserRefSerializer()
    course = TaughtCourse(source="*", allow_null=True)
    metadata = EditorMetadata(source="*")


class ChangeCountsSerializer(WireSerializer):
    addedChars = Number(whole=True)
    deletedChars = Number(whole=True)
    addedWords = Number(whole=True)
    deletedWords = Number(whole=True)


class ChangesSerializer(ChangeCountsSerializer):
    type = Text(choices=SaveType)
    description = Text(required=False)


class VersionMetadataSerializer(TextMetadataSerializer):
    sessionDuration = Number(required=False)


class LineDiffSerializer(WireSerializer):
    additions = TextList()
    deletions = TextList()
    summary = Text(required=False)


class VersionSerializer(WireSerializer):
    """`document` holds the id of the submission for a submission's."""

    _id = Id(source="pk")
    document = Id(source="parent_id")
    version = Number(whole=True)
    title = Text()
    changes = Json(shape=ChangesSerializer())
    metadata = Json(shape=VersionMetadataSerializer())
    diff = Json(shape=LineDiffSerializer())
    createdAt = Date(source="created_at")


class ListedVersionSerializer(VersionSerializer):
    id = Id()
    author = UserRefSerializer(allow_null=True)
    age = Number(whole=True)
    changeSummary = Text(source="change_summary")


class ListedWholeVersionSerializer(ListedVersionSerializer):
    content = Text()


class WholeVersionSerializer(VersionSerializer):
    author = Id(source="author_id", allow_null=True)
    content = Text()


class DocumentCreationSerializer(serializers.Serializer):
    title = Text(trim=True, blank=False, max_length=200, messages=TITLE_REQUIRED)
    chapter = Text(max_length=200, required=False)
    lesson = Text(max_length=200, required=False)
    type = Text(choices=(*DocumentType.values, *CLIENT_TYPES), required=False)
    settings = DocumentSettingsSerializer(required=False)
    courseId = Id(source="course_id")

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        given = super().to_internal_value(without_nulls(data))
        if "type" in given:
            given["type"] = CLIENT_TYPES.get(given["type"], given["type"])
        return given


class ContentSerializer(serializers.Serializer):
    content = Text(strict=True, max_length=MAX_CONTENT, messages=CONTENT_REQUIRED)
    title = Text(trim=True, blank=False, max_length=200, required=False, messages=TITLE_REQUIRED)
    saveType = Text(choices=SaveType, source="save_type", strict=True, required=False)

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        """A title that is empty, before it is trimmed, changes nothing."""
        ignored = {name for name in ("title", "saveType") if not data.get(name)}
        return super().to_internal_value({name: value for name, value in data.items() if name not in ignored})


class CollaboratorSerializer(serializers.Serializer):
    userId = Id(source="member_id")

    def to_internal_value(self, data: Mapping[str, Any]) -> Any:
        if not data.get("userId"):
            raise InvalidError("User ID is required")
        return super().to_internal_value(data)


def without_nulls(data: Any) -> Any:
    return {name: value for name, value in data.items() if value is not None} if isinstance(data, Mapping) else data
