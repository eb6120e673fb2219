"""The indexes of the original's collections, as `mongodump` writes them beside the documents."""

from typing import Any

# fields joined by commas, `-` for descending
INDEXES: dict[str, str] = {
    "users": "email role",
    "courses": "enrollmentCode instructor isActive tags",
    "assignmenttemplates": (
        "instructor type status isPublic instructor,status status,isPublic tags,status type,status"
        " -usageCount,status learningObjectives.category learningObjectives.bloomsLevel"
    ),
    "assignments": (
        "course instructor type dueDate status publishedAt course,status instructor,status dueDate,status type,status"
    ),
    "courseassignments": (
        "template course instructor dueDate status publishedAt course,status instructor,status "
        "template,status dueDate,status course,dueDate template,course"
    ),
    "assignmentsubmissions": (
        "assignment author status submittedAt lastSavedAt assignment,author assignment,status author,status"
        " collaboration.isCollaborative,-collaboration.lastActiveAt -submittedAt -lastSavedAt"
    ),
    "documents": (
        "course author assignment submission type status course,author assignment,author submission,author"
        " author,status -metadata.lastEditedAt"
    ),
    "documentversions": (
        "document changes.type author document,-version document,-createdAt author,-createdAt"
        " changes.type,-createdAt document,version"
    ),
    "writingsessions": (
        "document user startTime endTime user,-startTime document,-startTime -startTime user,document,-startTime"
    ),
    "notifications": (
        "recipient sender type priority category status deliveredAt readAt actionRequired recipient,status"
        " recipient,category recipient,priority type,-createdAt context.course,type"
        " intervention.type,intervention.severity -createdAt"
    ),
}
COLLECTIONS = tuple(INDEXES)

UNIQUE = {
    ("users", "email"),
    ("courses", "enrollmentCode"),
    ("courseassignments", "template,course"),
    ("documentversions", "document,version"),
}
SPARSE = {("courses", "enrollmentCode")}
SEARCHED = ("title", "description", "tags")


def _number(value: int) -> dict[str, str]:
    return {"$numberInt": str(value)}


def _index(collection: str, fields: str) -> dict[str, Any]:
    key = {field.removeprefix("-"): -1 if field.startswith("-") else 1 for field in fields.split(",")}
    index: dict[str, Any] = {
        "v": _number(2),
        "key": {field: _number(direction) for field, direction in key.items()},
        "name": "_".join(f"{field}_{direction}" for field, direction in key.items()),
    }
    if (collection, fields) in UNIQUE:
        index["unique"] = True
    if (collection, fields) in SPARSE:
        index["sparse"] = True
    return index | {"background": True}


def _text_index() -> dict[str, Any]:
    return {
        "v": _number(2),
        "key": {"_fts": "text", "_ftsx": _number(1)},
        "name": "_".join(f"{field}_text" for field in SEARCHED),
        "background": True,
        "weights": {field: _number(1) for field in sorted(SEARCHED)},
        "default_language": "english",
        "language_override": "language",
        "textIndexVersion": _number(3),
    }


def metadata_of(collection: str) -> dict[str, Any]:
    """What stands in the collection's `.metadata.json`, in canonical Extended JSON."""
    indexes = [{"v": _number(2), "key": {"_id": _number(1)}, "name": "_id_"}]
    indexes += [_index(collection, fields) for fields in INDEXES[collection].split()]
    if collection == "assignmenttemplates":
        indexes.append(_text_index())
    return {"indexes": indexes, "collectionName": collection, "type": "collection"}
