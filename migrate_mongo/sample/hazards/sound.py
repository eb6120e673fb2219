"""Sound, complete documents of each collection, for the traps to be made from."""

from typing import Any

from bson import ObjectId

from migrate_mongo.sample.dice import DAY, BsonDocument, ObjectIds, moment
from migrate_mongo.sample.people import PASSWORD_HASHES
from scribetree.text_metrics import measure

TEXT = "<p>The ferry left before the fog, and nobody on the quay noticed.</p>"


def counted(text: str) -> BsonDocument:
    """What the original stores about a text, as changes to a document or a version."""
    metrics = measure(text)
    return {
        "content": text,
        "metadata/wordCount": metrics.words,
        "metadata/characterCount": metrics.chars,
        "metadata/readingTime": metrics.reading_minutes,
    }


def times(at: int) -> BsonDocument:
    return {"createdAt": moment(at), "updatedAt": moment(at + DAY), "__v": 0}


def user(at: int, *, oid: ObjectId, number: int) -> BsonDocument:
    return {
        "_id": oid,
        "email": f"trap.{number}@campus.example",
        "password": PASSWORD_HASHES[0],
        "firstName": "Ines",
        "lastName": "Testa",
        "role": "student",
        "profilePicture": None,
        "isVerified": True,
        **times(at),
    }


def course(at: int, *, oid: ObjectId, number: int, instructor: ObjectId, students: list[Any]) -> BsonDocument:
    return {
        "_id": oid,
        "title": "Reading the coast",
        "description": "Maps, logs and letters.",
        "subject": "History",
        "instructor": instructor,
        "students": students,
        "isPublic": False,
        "maxStudents": 40,
        "startDate": moment(at),
        "endDate": moment(at + 90 * DAY),
        "settings": {
            "allowSelfEnrollment": False,
            "requireApprovalToJoin": True,
            "allowStudentDiscussions": True,
            "gradingScale": "points",
        },
        "status": "published",
        "isActive": True,
        "enrollmentCode": f"TRAP{number}",
        "tags": ["coast", "letters"],
        **times(at),
    }


def block(ids: ObjectIds, at: int) -> BsonDocument:
    return {
        "requirements": {
            "minWords": 200,
            "maxWords": 900,
            "requiredSections": ["Method"],
            "allowedResources": [],
        },
        "collaboration": {
            "enabled": False,
            "allowRealTimeEditing": False,
            "allowComments": True,
            "allowSuggestions": True,
            "requireApprovalForChanges": False,
        },
        "versionControl": {
            "autoSaveInterval": 30,
            "createVersionOnSubmit": True,
            "allowVersionRevert": False,
            "trackAllChanges": True,
        },
        "learningObjectives": [_objective(ids.at(at))],
        "writingStages": [_stage(ids.at(at))],
        "aiSettings": {
            "enabled": True,
            "globalBoundary": "moderate",
            "allowedAssistanceTypes": ["grammar"],
            "requireReflection": True,
            "reflectionPrompts": [],
            "stageSpecificSettings": [],
        },
        "grading": {
            "enabled": True,
            "totalPoints": 20,
            "rubric": [{"criteria": "Thesis", "points": 20, "description": "Clear?", "_id": ids.at(at)}],
            "allowPeerReview": False,
        },
    }


def _objective(oid: ObjectId) -> BsonDocument:
    return {
        "id": "lo1",
        "description": "Weighs one source against another.",
        "category": "evaluation",
        "bloomsLevel": 6,
        "assessmentCriteria": ["Names both sources"],
        "weight": 100,
        "_id": oid,
    }


def _stage(oid: ObjectId) -> BsonDocument:
    return {
        "id": "stage1",
        "name": "Outline",
        "description": "Headings and sources.",
        "order": 1,
        "required": True,
        "allowAI": False,
        "aiAssistanceLevel": "none",
        "_id": oid,
    }


def comment(ids: ObjectIds, at: int, *, author: ObjectId) -> BsonDocument:
    return {
        "author": author,
        "content": "Which quay?",
        "position": {"start": 3, "end": 9},
        "type": "question",
        "resolved": False,
        "createdAt": moment(at),
        "replies": [],
        "_id": ids.at(at),
        "id": ids.at(at),
    }


def submission(ids: ObjectIds, at: int, *, oid: ObjectId, assignment: ObjectId, author: ObjectId) -> BsonDocument:
    metrics = measure(TEXT)
    stats = {"user": author, "wordsContributed": 12, "editsCount": 2, "commentsCount": 0, "_id": ids.at(at)}
    pattern = {
        "date": moment(at),
        "wordsWritten": 12,
        "timeSpent": 9,
        "revisionsCount": 1,
        "_id": ids.at(at),
    }
    return {
        "_id": oid,
        "assignment": assignment,
        "author": author,
        "collaborators": [],
        "title": "The ferry - Submission",
        "content": TEXT,
        "wordCount": metrics.words,
        "characterCount": metrics.chars,
        "status": "submitted",
        "submittedAt": moment(at + DAY),
        "lastSavedAt": moment(at + DAY),
        "collaboration": {
            "isCollaborative": False,
            "activeUsers": [author],
            "lastActiveAt": moment(at + DAY),
            "conflictResolution": "auto",
        },
        "currentVersion": 1,
        "majorMilestones": [],
        "comments": [],
        "analytics": {
            "writingSessions": 2,
            "totalWritingTime": 9,
            "averageSessionLength": 4.5,
            "writingPattern": [pattern],
            "collaborationMetrics": {
                "contributorStats": [stats],
                "conflictsResolved": 0,
                "realTimeMinutes": 0,
            },
        },
        "grade": {"rubricScores": []},
        "aiInteractions": [],
        **times(at),
    }


def document(at: int, *, oid: ObjectId, course: ObjectId, author: ObjectId) -> BsonDocument:
    metrics = measure(TEXT)
    return {
        "_id": oid,
        "title": "The ferry",
        "content": TEXT,
        "course": course,
        "author": author,
        "collaborators": [],
        "type": "draft",
        "status": "active",
        "settings": {"autoSave": True, "autoSaveInterval": 30, "allowCollaboration": False},
        "metadata": {
            "wordCount": metrics.words,
            "characterCount": metrics.chars,
            "readingTime": metrics.reading_minutes,
            "lastEditedAt": moment(at + DAY),
            "lastEditedBy": author,
        },
        **times(at),
    }


def version(at: int, *, oid: ObjectId, parent: ObjectId, number: int, author: ObjectId) -> BsonDocument:
    metrics = measure(TEXT)
    return {
        "_id": oid,
        "document": parent,
        "version": number,
        "content": TEXT,
        "title": "The ferry",
        "changes": {
            "type": "manual",
            "description": "Manual save",
            "addedChars": len(TEXT),
            "deletedChars": 0,
            "addedWords": metrics.words,
            "deletedWords": 0,
        },
        "author": author,
        "metadata": {
            "wordCount": metrics.words,
            "characterCount": metrics.chars,
            "readingTime": metrics.reading_minutes,
        },
        "diff": {"additions": [], "deletions": []},
        "createdAt": moment(at),
        "__v": 0,
    }


def session(ids: ObjectIds, at: int, *, oid: ObjectId, document: ObjectId, user: ObjectId) -> BsonDocument:
    snapshot = {
        "timestamp": moment(at),
        "wordCount": 0,
        "characterCount": 0,
        "action": "start",
        "_id": ids.at(at),
    }
    return {
        "_id": oid,
        "document": document,
        "user": user,
        "startTime": moment(at),
        "endTime": moment(at + 600_000),
        "duration": 600,
        "activity": {
            "keystrokes": 900,
            "wordsAdded": 100,
            "wordsDeleted": 4,
            "charactersAdded": 610,
            "charactersDeleted": 20,
            "pauseCount": 1,
            "totalPauseTime": 60,
        },
        "snapshots": [snapshot],
        "productivity": {"wordsPerMinute": 10, "consistencyScore": 0, "focusScore": 90},
        **times(at),
    }


def notification(at: int, *, oid: ObjectId, recipient: ObjectId, sender: ObjectId) -> BsonDocument:
    return {
        "_id": oid,
        "recipient": recipient,
        "sender": sender,
        "type": "feedback_available",
        "priority": "medium",
        "title": "Feedback on The ferry",
        "message": "Two remarks wait for you.",
        "category": "student_progress",
        "tags": ["student_progress", "intervention", "info"],
        "channels": ["in_app"],
        "status": "pending",
        "intervention": {"severity": "info", "suggestedActions": [], "escalationRules": {"escalateTo": []}},
        "relatedMetrics": {"student": recipient, "currentValue": 12, "trend": "stable"},
        "actionRequired": False,
        **times(at),
    }
