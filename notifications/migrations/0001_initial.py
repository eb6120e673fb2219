import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import notifications.models
import scribetree.fields
import scribetree.object_id
from django.conf import settings
from django.db import migrations, models
from scribetree.migration_operations import updated_at_trigger


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    scribetree.fields.ObjectIdField(
                        db_default=scribetree.fields.NewObjectId(),
                        default=scribetree.object_id.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "extra",
                    models.JSONField(
                        blank=True,
                        editable=False,
                        help_text="What the other columns cannot say exactly; see docs/mapping.md.",
                        null=True,
                    ),
                ),
                (
                    "created_at",
                    scribetree.fields.MillisecondField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=scribetree.fields.now,
                        editable=False,
                    ),
                ),
                (
                    "updated_at",
                    scribetree.fields.MillisecondField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=scribetree.fields.now,
                        editable=False,
                    ),
                ),
                (
                    "type",
                    models.TextField(
                        choices=[
                            ("writing_struggle_detected", "Writing Struggle Detected"),
                            ("progress_milestone_reached", "Progress Milestone Reached"),
                            ("skill_improvement_opportunity", "Skill Improvement Opportunity"),
                            ("assignment_at_risk", "Assignment At Risk"),
                            ("collaboration_issue", "Collaboration Issue"),
                            ("writing_pattern_concern", "Writing Pattern Concern"),
                            ("procrastination_detected", "Procrastination Detected"),
                            ("productivity_decline", "Productivity Decline"),
                            ("assignment_published", "Assignment Published"),
                            ("assignment_due_soon", "Assignment Due Soon"),
                            ("assignment_overdue", "Assignment Overdue"),
                            ("submission_received", "Submission Received"),
                            ("grade_posted", "Grade Posted"),
                            ("feedback_available", "Feedback Available"),
                            ("collaboration_request", "Collaboration Request"),
                            ("comment_added", "Comment Added"),
                            ("suggestion_made", "Suggestion Made"),
                            ("document_shared", "Document Shared"),
                            ("real_time_session_started", "Real Time Session Started"),
                            ("course_announcement", "Course Announcement"),
                            ("system_maintenance", "System Maintenance"),
                            ("account_activity", "Account Activity"),
                            ("writing_productivity_decline", "Writing Productivity Decline"),
                            ("word_count_below_expected", "Word Count Below Expected"),
                            ("no_recent_activity", "No Recent Activity"),
                            ("frequent_deletions", "Frequent Deletions"),
                            ("low_collaboration_participation", "Low Collaboration Participation"),
                            ("assignment_procrastination", "Assignment Procrastination"),
                            ("skill_gap_identified", "Skill Gap Identified"),
                            ("collaboration_imbalance", "Collaboration Imbalance"),
                            ("writing_quality_concern", "Writing Quality Concern"),
                            ("time_management_issue", "Time Management Issue"),
                        ]
                    ),
                ),
                (
                    "category",
                    models.TextField(
                        choices=[
                            ("educational_intervention", "Educational Intervention"),
                            ("student_progress", "Student Progress"),
                            ("assignment_management", "Assignment Management"),
                            ("collaboration", "Collaboration"),
                            ("administrative", "Administrative"),
                            ("system", "System"),
                        ]
                    ),
                ),
                (
                    "priority",
                    models.TextField(
                        choices=[
                            ("low", "Low"),
                            ("medium", "Medium"),
                            ("high", "High"),
                            ("urgent", "Urgent"),
                        ],
                        default="medium",
                    ),
                ),
                ("title", models.TextField()),
                ("message", models.TextField()),
                ("context", models.JSONField(blank=True, default=dict)),
                (
                    "intervention",
                    models.JSONField(
                        blank=True, default=notifications.models.default_intervention, null=True
                    ),
                ),
                ("related_metrics", models.JSONField(blank=True, null=True)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("pending", "Pending"),
                            ("sent", "Sent"),
                            ("delivered", "Delivered"),
                            ("read", "Read"),
                            ("archived", "Archived"),
                            ("resolved", "Resolved"),
                        ],
                        default="pending",
                    ),
                ),
                ("action_required", models.BooleanField(default=False)),
                ("action_url", models.TextField(blank=True, null=True)),
                ("action_data", models.JSONField(blank=True, null=True)),
                ("delivered_at", scribetree.fields.MillisecondField(blank=True, null=True)),
                ("read_at", scribetree.fields.MillisecondField(blank=True, null=True)),
                ("expires_at", scribetree.fields.MillisecondField(blank=True, null=True)),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="sent_notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "notifications",
                "indexes": [
                    models.Index(fields=["recipient", "status"], name="idx_notifications_recipient"),
                    models.Index(fields=["type", "created_at"], name="idx_notifications_type"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "type__in",
                                [
                                    "writing_struggle_detected",
                                    "progress_milestone_reached",
                                    "skill_improvement_opportunity",
                                    "assignment_at_risk",
                                    "collaboration_issue",
                                    "writing_pattern_concern",
                                    "procrastination_detected",
                                    "productivity_decline",
                                    "assignment_published",
                                    "assignment_due_soon",
                                    "assignment_overdue",
                                    "submission_received",
                                    "grade_posted",
                                    "feedback_available",
                                    "collaboration_request",
                                    "comment_added",
                                    "suggestion_made",
                                    "document_shared",
                                    "real_time_session_started",
                                    "course_announcement",
                                    "system_maintenance",
                                    "account_activity",
                                    "writing_productivity_decline",
                                    "word_count_below_expected",
                                    "no_recent_activity",
                                    "frequent_deletions",
                                    "low_collaboration_participation",
                                    "assignment_procrastination",
                                    "skill_gap_identified",
                                    "collaboration_imbalance",
                                    "writing_quality_concern",
                                    "time_management_issue",
                                ],
                            )
                        ),
                        name="notifications_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "category__in",
                                [
                                    "educational_intervention",
                                    "student_progress",
                                    "assignment_management",
                                    "collaboration",
                                    "administrative",
                                    "system",
                                ],
                            )
                        ),
                        name="notifications_category_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__in", ["low", "medium", "high", "urgent"])),
                        name="notifications_priority_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["pending", "sent", "delivered", "read", "archived", "resolved"])
                        ),
                        name="notifications_status_known",
                    ),
                ],
            },
        ),
        updated_at_trigger("notifications"),
    ]
