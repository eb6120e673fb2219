from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import Role, User
from scribetree.fields import DocumentModel, MillisecondField, TimestampedModel, choice_constraint


class NotificationType(models.TextChoices):
    WRITING_STRUGGLE_DETECTED = "writing_struggle_detected"
    PROGRESS_MILESTONE_REACHED = "progress_milestone_reached"
    SKILL_IMPROVEMENT_OPPORTUNITY = "skill_improvement_opportunity"
    ASSIGNMENT_AT_RISK = "assignment_at_risk"
    COLLABORATION_ISSUE = "collaboration_issue"
    WRITING_PATTERN_CONCERN = "writing_pattern_concern"
    PROCRASTINATION_DETECTED = "procrastination_detected"
    PRODUCTIVITY_DECLINE = "productivity_decline"
    ASSIGNMENT_PUBLISHED = "assignment_published"
    ASSIGNMENT_DUE_SOON = "assignment_due_soon"
    ASSIGNMENT_OVERDUE = "assignment_overdue"
    SUBMISSION_RECEIVED = "submission_received"
    GRADE_POSTED = "grade_posted"
    FEEDBACK_AVAILABLE = "feedback_available"
    COLLABORATION_REQUEST = "collaboration_request"
    COMMENT_ADDED = "comment_added"
    SUGGESTION_MADE = "suggestion_made"
    DOCUMENT_SHARED = "document_shared"
    REAL_TIME_SESSION_STARTED = "real_time_session_started"
    COURSE_ANNOUNCEMENT = "course_announcement"
    SYSTEM_MAINTENANCE = "system_maintenance"
    ACCOUNT_ACTIVITY = "account_activity"
    # the source's intervention engine writes its own types here, outside the source's enum
    WRITING_PRODUCTIVITY_DECLINE = "writing_productivity_decline"
    WORD_COUNT_BELOW_EXPECTED = "word_count_below_expected"
    NO_RECENT_ACTIVITY = "no_recent_activity"
    FREQUENT_DELETIONS = "frequent_deletions"
    LOW_COLLABORATION_PARTICIPATION = "low_collaboration_participation"
    ASSIGNMENT_PROCRASTINATION = "assignment_procrastination"
    SKILL_GAP_IDENTIFIED = "skill_gap_identified"
    COLLABORATION_IMBALANCE = "collaboration_imbalance"
    WRITING_QUALITY_CONCERN = "writing_quality_concern"
    TIME_MANAGEMENT_ISSUE = "time_management_issue"


class Category(models.TextChoices):
    EDUCATIONAL_INTERVENTION = "educational_intervention"
    STUDENT_PROGRESS = "student_progress"
    ASSIGNMENT_MANAGEMENT = "assignment_management"
    COLLABORATION = "collaboration"
    ADMINISTRATIVE = "administrative"
    SYSTEM = "system"


class Priority(models.TextChoices):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class NotificationStatus(models.TextChoices):
    PENDING = "pending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    ARCHIVED = "archived"
    RESOLVED = "resolved"  # stored by the source's resolve endpoint, though not in its enum


def default_intervention() -> dict[str, object]:
    return {"severity": "info", "suggestedActions": [], "escalationRules": {"escalateTo": []}}


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: User) -> NotificationQuerySet:
        return self if user.role == Role.ADMIN else self.filter(models.Q(recipient=user) | models.Q(sender=user))


class Notification(DocumentModel, TimestampedModel):
    recipient = models.ForeignKey(User, models.CASCADE, related_name="notifications", db_index=False)
    sender = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="sent_notifications", db_index=False
    )
    type = models.TextField(choices=NotificationType)
    category = models.TextField(choices=Category)
    priority = models.TextField(choices=Priority, default=Priority.MEDIUM)
    title = models.TextField()
    message = models.TextField()
    context = models.JSONField(default=dict, blank=True)
    intervention = models.JSONField(null=True, blank=True, default=default_intervention)
    related_metrics = models.JSONField(null=True, blank=True)
    tags = ArrayField(models.TextField(), default=list, blank=True)
    channels = ArrayField(models.TextField(), default=list, blank=True)
    status = models.TextField(choices=NotificationStatus, default=NotificationStatus.PENDING)
    action_required = models.BooleanField(default=False)
    action_url = models.TextField(null=True, blank=True)
    action_data = models.JSONField(null=True, blank=True)
    delivered_at = MillisecondField(null=True, blank=True)
    read_at = MillisecondField(null=True, blank=True)
    expires_at = MillisecondField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        db_table = "notifications"
        constraints = (
            choice_constraint("notifications", "type", NotificationType),
            choice_constraint("notifications", "category", Category),
            choice_constraint("notifications", "priority", Priority),
            choice_constraint("notifications", "status", NotificationStatus),
        )
        indexes = (
            # a person's inbox
            models.Index(fields=["recipient", "status"], name="idx_notifications_recipient"),
            # the latest of a type
            models.Index(fields=["type", "created_at"], name="idx_notifications_type"),
        )

    def __str__(self) -> str:
        return self.title
