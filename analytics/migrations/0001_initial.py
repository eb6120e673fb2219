import analytics.models
import django.db.models.deletion
import django.db.models.functions.datetime
import scribetree.fields
import scribetree.object_id
from django.conf import settings
from django.db import migrations, models
from scribetree.migration_operations import CreatePartitionedModel, updated_at_trigger


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("documents", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreatePartitionedModel(
            partition_column="start_time",
            name="WritingSession",
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
                ("start_time", scribetree.fields.MillisecondField()),
                (
                    "end_time",
                    scribetree.fields.MillisecondField(blank=True, help_text="Empty: still open.", null=True),
                ),
                ("duration", models.IntegerField(blank=True, help_text="In seconds.", null=True)),
                ("activity", models.JSONField(default=analytics.models.default_activity)),
                ("snapshots", models.JSONField(blank=True, default=list)),
                ("productivity", models.JSONField(default=analytics.models.default_productivity)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="writing_sessions",
                        to="documents.document",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="writing_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "writing_sessions",
                "indexes": [
                    models.Index(fields=["document", "start_time"], name="idx_writing_sessions_document"),
                    models.Index(fields=["user", "start_time"], name="idx_writing_sessions_user"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("duration__gte", 0)), name="writing_sessions_duration_natural"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            sql="CREATE TABLE writing_sessions_default PARTITION OF writing_sessions DEFAULT WITH (fillfactor = 80);",
            reverse_sql="DROP TABLE writing_sessions_default;",
        ),
        updated_at_trigger("writing_sessions"),
    ]
