"""Notifications of every type, with what the original's save hook adds to them."""

from collections.abc import Iterator

from bson import ObjectId

from migrate_mongo.sample.dice import DAY, HOUR, MINUTE, BsonDocument, Dice, ObjectIds, js_number, moment
from migrate_mongo.sample.documents import Writing
from migrate_mongo.sample.prose import sentence, title

EDUCATIONAL = "educational_intervention"
CATEGORIES = {
    "writing_struggle_detected": EDUCATIONAL,
    "progress_milestone_reached": "student_progress",
    "skill_improvement_opportunity": EDUCATIONAL,
    "assignment_at_risk": EDUCATIONAL,
    "collaboration_issue": EDUCATIONAL,
    "writing_pattern_concern": EDUCATIONAL,
    "procrastination_detected": EDUCATIONAL,
    "productivity_decline": EDUCATIONAL,
    "assignment_published": "assignment_management",
    "assignment_due_soon": "assignment_management",
    "assignment_overdue": "assignment_management",
    "submission_received": "assignment_management",
    "grade_posted": "student_progress",
    "feedback_available": "student_progress",
    "collaboration_request": "collaboration",
    "comment_added": "collaboration",
    "suggestion_made": "collaboration",
    "document_shared": "collaboration",
    "real_time_session_started": "collaboration",
    "course_announcement": "administrative",
    "system_maintenance": "system",
    "account_activity": "system",
}
TYPES = tuple(CATEGORIES)
INTERVENTIONS = (
    "writing_productivity_decline", "word_count_below_expected", "no_recent_activity", "frequent_deletions",
    "low_collaboration_participation", "assignment_procrastination", "skill_gap_identified",
    "collaboration_imbalance", "writing_quality_concern", "time_management_issue",
)  # fmt: skip
METRICS = ("writing_progress", "skill_development", "assignment_milestone", "collaboration_activity")
STATUSES = ("pending",) * 8 + ("read",) * 5 + ("delivered",) * 4 + ("sent",) * 2 + ("archived",)


def notifications(*, seed: int, ids: ObjectIds, count: int, writings: list[Writing]) -> Iterator[BsonDocument]:
    dice = Dice(seed, "notifications")
    for number in range(count):
        yield _notification(dice, ids, dice.pick(writings), TYPES[number % len(TYPES)])


def _notification(dice: Dice, ids: ObjectIds, writing: Writing, kind: str) -> BsonDocument:
    created = writing.created + dice.below(30 * DAY)
    category = CATEGORIES[kind]
    priority = dice.pick(("low", "medium", "medium", "high", "urgent"))
    to_teacher = category == EDUCATIONAL
    document: BsonDocument = {
        "_id": ids.at(created),
        "recipient": writing.course.instructor if to_teacher else writing.author,
    }
    if not to_teacher and dice.chance(0.6):
        document["sender"] = writing.course.instructor
    document |= {"type": kind, "priority": priority, "title": title(dice), "message": sentence(dice)}
    if category != "system":
        document["context"] = _context(dice, writing)
    status = dice.pick(STATUSES)
    intervention = _intervention(dice, created, category)
    document |= {
        "category": category,
        "tags": _tags(category, priority, intervention["severity"]),
        "channels": _channels(category, priority),
        "status": status,
        **_delivery(dice, created, status),
        "intervention": intervention,
        "relatedMetrics": _metrics(dice, writing.author),
        "actionRequired": to_teacher,
    }
    if to_teacher:
        document["actionUrl"] = f"/students/{writing.author}/intervention"
    if dice.chance(0.1):
        document["actionData"] = _action_data(dice, writing)
    return document | {"createdAt": moment(created), "updatedAt": moment(created + dice.below(DAY)), "__v": 0}


def _context(dice: Dice, writing: Writing) -> BsonDocument:
    context: BsonDocument = {"course": writing.course.id}
    if writing.submission is not None:
        context["assignment"] = writing.submission.task.id
        if dice.chance(0.6):
            context["submission"] = writing.submission.id
    if dice.chance(0.5):
        context["document"] = writing.id
        if writing.first_session is not None and dice.chance(0.3):
            context["writingSession"] = writing.first_session
    return context


def _intervention(dice: Dice, created: int, category: str) -> BsonDocument:
    """The defaults make the group exist in every notification."""
    if category != EDUCATIONAL:
        return {"severity": "info", "suggestedActions": [], "escalationRules": {"escalateTo": []}}
    intervention: BsonDocument = {
        "type": dice.pick(INTERVENTIONS),
        "severity": dice.pick(("info", "warning", "critical")),
        "suggestedActions": [sentence(dice) for _ in range(dice.below(3))],
        "deadline": moment(created + 7 * DAY),
        "escalationRules": {"escalateAfter": dice.between(60, 2880), "escalateTo": []},
    }
    if dice.chance(0.2):
        intervention |= {"resolvedAt": moment(created + 2 * DAY), "resolution": sentence(dice)}
    return intervention


def _tags(category: str, priority: str, severity: str) -> list[str]:
    return [category, "intervention", severity, *(["urgent"] if priority == "urgent" else [])]


def _channels(category: str, priority: str) -> list[str]:
    channels = ["in_app"]
    if category == EDUCATIONAL or priority == "urgent":
        channels.append("dashboard_widget")
    if priority == "urgent":
        channels.append("email")
    return channels


def _delivery(dice: Dice, created: int, status: str) -> BsonDocument:
    delivered = created + dice.below(2 * HOUR)
    dates: BsonDocument = {}
    if status != "pending":
        dates["deliveredAt"] = moment(delivered)
    # the HTTP endpoints set only the date, and leave the status as it was
    if status == "read" or (status == "delivered" and dice.chance(0.3)):
        dates["readAt"] = moment(delivered + dice.between(MINUTE, DAY))
    return dates


def _metrics(dice: Dice, student: ObjectId) -> BsonDocument:
    metrics: BsonDocument = {
        "student": student,
        "metricType": dice.pick(METRICS),
        "currentValue": js_number(dice.below(1000) / 4),
        "trend": dice.pick(("improving", "declining", "stable")),
    }
    if dice.chance(0.5):
        metrics |= {"previousValue": dice.below(200), "threshold": js_number(dice.below(80) / 8)}
    return metrics


def _action_data(dice: Dice, writing: Writing) -> BsonDocument:
    return {
        "label": title(dice),
        "documentId": str(writing.id),
        "steps": [1, 2.5, "three", None],
        "nested": {"done": dice.chance(0.5)},
    }
