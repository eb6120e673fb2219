"""The ten collections, in an order in which every reference leads back."""

from migrate_mongo.mappings import (
    assignment_submissions,
    assignment_templates,
    assignments,
    course_assignments,
    courses,
    document_versions,
    documents,
    notifications,
    users,
    writing_sessions,
)
from migrate_mongo.mappings.base import CollectionMapping

MAPPINGS: dict[str, CollectionMapping] = {
    module.MAPPING.collection: module.MAPPING
    for module in (
        users,
        courses,
        assignment_templates,
        assignments,
        course_assignments,
        assignment_submissions,
        documents,
        document_versions,
        writing_sessions,
        notifications,
    )
}
