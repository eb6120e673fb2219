"""`notifications` -> `notifications`."""

from migrate_mongo.mappings.base import CollectionMapping, Column, Reference
from migrate_mongo.mappings.common import CREATED_AT, TEXTS, UPDATED_AT
from migrate_mongo.mappings.kinds import (
    ABSENT,
    Array,
    Bool,
    Choice,
    Date,
    Group,
    Id,
    Mixed,
    Moment,
    Number,
    Text,
    TextArray,
)
from migrate_mongo.mappings.notes import Missing
from notifications.models import Category, Notification, NotificationStatus, NotificationType, Priority

CONTEXT = Group(
    {
        "course": Id("courses"),
        "assignment": Id("assignments"),
        "submission": Id("assignment_submissions"),
        "document": Id("documents"),
        "writingSession": Id("writing_sessions"),
    }
)
INTERVENTION = Group(
    {
        "type": Text(),
        "severity": Text(default="info"),
        "suggestedActions": TEXTS,
        "deadline": Date(),
        "escalationRules": Group({"escalateAfter": Number(), "escalateTo": Array(Id("users"), default=[])}),
        "resolvedAt": Date(),
        "resolvedBy": Id("users"),
        "resolution": Text(),
    }
)
RELATED_METRICS = Group(
    {
        "student": Id("users"),
        "metricType": Text(),
        "currentValue": Number(),
        "previousValue": Number(),
        "threshold": Number(),
        "trend": Text(),
    },
    default=ABSENT,
)

MAPPING = CollectionMapping(
    collection="notifications",
    model=Notification,
    columns=(
        Reference("recipient", {"users": "recipient_id"}, Missing.REJECT),
        Reference("sender", {"users": "sender_id"}, Missing.NULL),
        Column("type", "type", Choice(NotificationType, fallback="system_maintenance")),
        Column("category", "category", Choice(Category, fallback="system")),
        Column("priority", "priority", Choice(Priority, default="medium")),
        Column("title", "title", Text(fallback="")),
        Column("message", "message", Text(fallback="")),
        Column("context", "context", CONTEXT),
        Column("intervention", "intervention", INTERVENTION),
        Column("relatedMetrics", "related_metrics", RELATED_METRICS),
        Column("tags", "tags", TextArray(Text(), default=[])),
        Column("channels", "channels", TextArray(Text(), default=[])),
        Column("status", "status", Choice(NotificationStatus, default="pending")),
        Column("actionRequired", "action_required", Bool(default=False)),
        Column("actionUrl", "action_url", Text()),
        Column("actionData", "action_data", Mixed()),
        Column("deliveredAt", "delivered_at", Moment()),
        Column("readAt", "read_at", Moment()),
        CREATED_AT,
        UPDATED_AT,
    ),
)
