import django.db.models.deletion
import django.db.models.functions.datetime
import documents.models
import scribetree.fields
import scribetree.object_id
from django.conf import settings
from django.db import migrations, models
from scribetree.migration_operations import fillfactor, updated_at_trigger


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("assignments", "0001_initial"),
        ("courses", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Document",
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
                ("title", models.TextField()),
                ("content", models.TextField(blank=True, default="")),
                (
                    "type",
                    models.TextField(
                        choices=[
                            ("draft", "Draft"),
                            ("assignment_work", "Assignment Work"),
                            ("collaborative", "Collaborative"),
                        ],
                        default="draft",
                    ),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[("active", "Active"), ("archived", "Archived"), ("deleted", "Deleted")],
                        default="active",
                    ),
                ),
                ("settings", models.JSONField(default=documents.models.default_document_settings)),
                ("metadata", models.JSONField(default=documents.models.default_document_metadata)),
                (
                    "assignment",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="documents",
                        to="assignments.assignment",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="documents",
                        to="courses.course",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="documents",
                        to="assignments.assignmentsubmission",
                    ),
                ),
            ],
            options={
                "db_table": "documents",
            },
        ),
        migrations.CreateModel(
            name="DocumentCollaborator",
            fields=[
                (
                    "id",
                    scribetree.fields.PairIdField(
                        editable=False, pair=("document_id", "user_id"), primary_key=True, serialize=False
                    ),
                ),
                ("permission", models.TextField(choices=[("edit", "Edit")], default="edit")),
                (
                    "joined_at",
                    scribetree.fields.MillisecondField(
                        default=scribetree.fields.now,
                        help_text="For imported rows the creation of the document.",
                    ),
                ),
                ("ordinal", models.IntegerField(default=0, help_text="Place in the list of collaborators.")),
                ("extra", models.JSONField(blank=True, editable=False, null=True)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="collaborators",
                        to="documents.document",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="document_collaborations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "document_collaborators",
            },
        ),
        migrations.CreateModel(
            name="DocumentVersion",
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
                ("version", models.IntegerField()),
                ("title", models.TextField()),
                ("content", models.TextField(blank=True)),
                ("changes", models.JSONField(default=dict)),
                ("metadata", models.JSONField(default=dict)),
                ("diff", models.JSONField(default=dict)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="versions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="documents.document",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="assignments.assignmentsubmission",
                    ),
                ),
            ],
            options={
                "db_table": "document_versions",
            },
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["course", "author"], name="idx_documents_course_author"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["author"], name="idx_documents_author"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("type__in", ["draft", "assignment_work", "collaborative"])),
                name="documents_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active", "archived", "deleted"])),
                name="documents_status_known",
            ),
        ),
        migrations.AddIndex(
            model_name="documentcollaborator",
            index=models.Index(fields=["user"], name="idx_document_collab_user"),
        ),
        migrations.AddConstraint(
            model_name="documentcollaborator",
            constraint=models.CheckConstraint(
                condition=models.Q(("permission__in", ["edit"])),
                name="document_collaborators_permission_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="documentcollaborator",
            constraint=models.UniqueConstraint(
                fields=("document", "user"), name="document_collaborators_pair_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="documentversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("document__isnull", True), ("submission__isnull", False)),
                    models.Q(("document__isnull", False), ("submission__isnull", True)),
                    _connector="OR",
                ),
                name="document_versions_one_parent",
            ),
        ),
        migrations.AddConstraint(
            model_name="documentversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("version__gte", 1)), name="document_versions_version_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="documentversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("document__isnull", False)),
                fields=("document", "version"),
                name="document_versions_document_unique",
            ),
        ),
        migrations.AddConstraint(
            model_name="documentversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("submission__isnull", False)),
                fields=("submission", "version"),
                name="document_versions_submission_unique",
            ),
        ),
        updated_at_trigger("documents"),
        fillfactor("documents", 80),
        fillfactor("document_versions", 80),
    ]
