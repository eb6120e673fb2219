import assignments.configuration
import assignments.models.submission
import assignments.models.template
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import scribetree.fields
import scribetree.object_id
from django.conf import settings
from django.db import migrations, models
from scribetree.migration_operations import updated_at_trigger


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("courses", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
            CREATE FUNCTION tags_text(tags text[]) RETURNS text
            LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT array_to_string(tags, ' ') $$;
            """,
            reverse_sql="DROP FUNCTION tags_text(text[]);",
        ),
        migrations.CreateModel(
            name="Assignment",
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
                ("description", models.TextField(blank=True)),
                ("instructions", models.TextField(blank=True)),
                (
                    "type",
                    models.TextField(
                        choices=[
                            ("individual", "Individual"),
                            ("collaborative", "Collaborative"),
                            ("peer-review", "Peer Review"),
                        ],
                        default="individual",
                    ),
                ),
                ("requirements", models.JSONField(default=assignments.configuration.default_requirements)),
                ("writing_stages", models.JSONField(blank=True, default=list)),
                ("learning_objectives", models.JSONField(blank=True, default=list)),
                ("ai_settings", models.JSONField(default=assignments.configuration.default_ai_settings)),
                ("grading_criteria", models.JSONField(default=assignments.configuration.default_grading)),
                (
                    "collaboration_settings",
                    models.JSONField(default=assignments.configuration.default_collaboration),
                ),
                (
                    "version_control_settings",
                    models.JSONField(default=assignments.configuration.default_version_control),
                ),
                ("due_date", scribetree.fields.MillisecondField(blank=True, null=True)),
                ("stage_due_dates", models.JSONField(blank=True, default=list)),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("draft", "Draft"),
                            ("published", "Published"),
                            ("in_progress", "In Progress"),
                            ("completed", "Completed"),
                            ("archived", "Archived"),
                        ],
                        default="draft",
                    ),
                ),
                ("allow_late_submissions", models.BooleanField(default=True)),
                ("max_collaborators", models.SmallIntegerField(blank=True, null=True)),
                ("published_at", scribetree.fields.MillisecondField(blank=True, null=True)),
                ("custom_instructions", models.TextField(blank=True, null=True)),
                (
                    "custom_notes",
                    models.TextField(blank=True, help_text="Never shown to students.", null=True),
                ),
                ("course_specific_requirements", models.JSONField(blank=True, null=True)),
                (
                    "course",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assignments",
                        to="courses.course",
                    ),
                ),
                (
                    "instructor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "assignments",
            },
        ),
        migrations.CreateModel(
            name="AssignmentSubmission",
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
                ("word_count", models.IntegerField(default=0)),
                ("character_count", models.IntegerField(default=0)),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_progress", "In Progress"),
                            ("submitted", "Submitted"),
                            ("returned", "Returned"),
                            ("graded", "Graded"),
                        ],
                        default="draft",
                    ),
                ),
                ("submitted_at", scribetree.fields.MillisecondField(blank=True, null=True)),
                ("last_saved_at", scribetree.fields.MillisecondField(default=scribetree.fields.now)),
                ("current_version", models.IntegerField(default=1)),
                (
                    "collaboration_settings",
                    models.JSONField(default=assignments.models.submission.default_submission_collaboration),
                ),
                ("major_milestones", models.JSONField(blank=True, default=list)),
                ("analytics", models.JSONField(default=assignments.models.submission.default_analytics)),
                (
                    "grade",
                    models.JSONField(
                        blank=True, default=assignments.models.submission.default_grade, null=True
                    ),
                ),
                ("ai_interactions", models.JSONField(blank=True, default=list)),
                (
                    "assignment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="assignments.assignment",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="submissions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "superseded_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="supersedes",
                        to="assignments.assignmentsubmission",
                    ),
                ),
            ],
            options={
                "db_table": "assignment_submissions",
            },
        ),
        migrations.CreateModel(
            name="AssignmentTemplate",
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
                ("description", models.TextField(blank=True)),
                ("instructions", models.TextField(blank=True)),
                (
                    "type",
                    models.TextField(
                        choices=[
                            ("individual", "Individual"),
                            ("collaborative", "Collaborative"),
                            ("peer-review", "Peer Review"),
                        ],
                        default="individual",
                    ),
                ),
                ("requirements", models.JSONField(default=assignments.configuration.default_requirements)),
                ("writing_stages", models.JSONField(blank=True, default=list)),
                ("learning_objectives", models.JSONField(blank=True, default=list)),
                ("ai_settings", models.JSONField(default=assignments.configuration.default_ai_settings)),
                ("grading_criteria", models.JSONField(default=assignments.configuration.default_grading)),
                (
                    "collaboration_settings",
                    models.JSONField(default=assignments.configuration.default_collaboration),
                ),
                (
                    "version_control_settings",
                    models.JSONField(default=assignments.configuration.default_version_control),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("archived", "Archived")],
                        default="draft",
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                ("is_public", models.BooleanField(default=False)),
                ("usage_count", models.IntegerField(default=0)),
                (
                    "search_vector",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.contrib.postgres.search.SearchVector(
                            "title",
                            "description",
                            assignments.models.template.TagsText("tags"),
                            config="english",
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                (
                    "instructor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="templates",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "assignment_templates",
            },
        ),
        migrations.AddField(
            model_name="assignment",
            name="template",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deployments",
                to="assignments.assignmenttemplate",
            ),
        ),
        migrations.CreateModel(
            name="SubmissionCollaborator",
            fields=[
                (
                    "id",
                    scribetree.fields.PairIdField(
                        editable=False, pair=("submission_id", "user_id"), primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.TextField(choices=[("collaborator", "Collaborator")], default="collaborator"),
                ),
                (
                    "joined_at",
                    scribetree.fields.MillisecondField(
                        default=scribetree.fields.now,
                        help_text="For imported rows the creation of the submission.",
                    ),
                ),
                ("ordinal", models.IntegerField(default=0, help_text="Place in the list of collaborators.")),
                ("extra", models.JSONField(blank=True, editable=False, null=True)),
                (
                    "submission",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="collaborators",
                        to="assignments.assignmentsubmission",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submission_collaborations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "submission_collaborators",
            },
        ),
        migrations.CreateModel(
            name="SubmissionComment",
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
                    "ordinal",
                    models.IntegerField(
                        default=0, help_text="Place among the comments, or among the parent's replies."
                    ),
                ),
                (
                    "element_id",
                    scribetree.fields.ObjectIdField(
                        blank=True, help_text="The `_id` that a comment has beside its `id`.", null=True
                    ),
                ),
                ("content", models.TextField()),
                (
                    "type",
                    models.TextField(
                        choices=[
                            ("comment", "Comment"),
                            ("suggestion", "Suggestion"),
                            ("question", "Question"),
                            ("approval", "Approval"),
                        ],
                        default="comment",
                    ),
                ),
                ("highlighted_text", models.TextField(blank=True, null=True)),
                ("position", models.JSONField(blank=True, null=True)),
                ("is_resolved", models.BooleanField(default=False)),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replies",
                        to="assignments.submissioncomment",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="assignments.assignmentsubmission",
                    ),
                ),
            ],
            options={
                "db_table": "submission_comments",
            },
        ),
        migrations.AddIndex(
            model_name="assignmentsubmission",
            index=models.Index(fields=["assignment"], name="idx_submissions_assignment"),
        ),
        migrations.AddIndex(
            model_name="assignmentsubmission",
            index=models.Index(fields=["author"], name="idx_submissions_author"),
        ),
        migrations.AddConstraint(
            model_name="assignmentsubmission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "in_progress", "submitted", "returned", "graded"])
                ),
                name="assignment_submissions_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignmentsubmission",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_by", None)),
                fields=("assignment", "author"),
                name="assignment_submissions_one_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignmentsubmission",
            constraint=models.CheckConstraint(
                condition=models.Q(("superseded_by", models.F("id")), _negated=True),
                name="assignment_submissions_not_superseded_by_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignmentsubmission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("character_count__gte", 0), ("current_version__gte", 1), ("word_count__gte", 0)
                ),
                name="assignment_submissions_counts_natural",
            ),
        ),
        migrations.AddIndex(
            model_name="assignmenttemplate",
            index=models.Index(fields=["instructor"], name="idx_templates_instructor"),
        ),
        migrations.AddIndex(
            model_name="assignmenttemplate",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_vector"], name="idx_templates_search"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignmenttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("type__in", ["individual", "collaborative", "peer-review"])),
                name="assignment_templates_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignmenttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "published", "archived"])),
                name="assignment_templates_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignmenttemplate",
            constraint=models.CheckConstraint(
                condition=models.Q(("usage_count__gte", 0)), name="assignment_templates_usage_count_natural"
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["course"], name="idx_assignments_course"),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(fields=["instructor"], name="idx_assignments_instructor"),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("status", "published")), fields=["due_date"], name="idx_assignments_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("type__in", ["individual", "collaborative", "peer-review"])),
                name="assignments_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "published", "in_progress", "completed", "archived"])
                ),
                name="assignments_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_collaborators__gte", 2), ("max_collaborators__lte", 10)),
                name="assignments_max_collaborators_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                fields=("template", "course"), name="assignments_one_deployment"
            ),
        ),
        migrations.AddIndex(
            model_name="submissioncollaborator",
            index=models.Index(fields=["user"], name="idx_submission_collab_user"),
        ),
        migrations.AddConstraint(
            model_name="submissioncollaborator",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["collaborator"])), name="submission_collaborators_role_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="submissioncollaborator",
            constraint=models.UniqueConstraint(
                fields=("submission", "user"), name="submission_collaborators_pair_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="submissioncomment",
            index=models.Index(fields=["submission", "ordinal"], name="idx_comments_submission"),
        ),
        migrations.AddIndex(
            model_name="submissioncomment",
            index=models.Index(
                condition=models.Q(("parent__isnull", False)),
                fields=["parent", "ordinal"],
                name="idx_comments_parent",
            ),
        ),
        migrations.AddConstraint(
            model_name="submissioncomment",
            constraint=models.CheckConstraint(
                condition=models.Q(("type__in", ["comment", "suggestion", "question", "approval"])),
                name="submission_comments_type_known",
            ),
        ),
        updated_at_trigger("assignment_templates"),
        updated_at_trigger("assignments"),
        updated_at_trigger("assignment_submissions"),
        updated_at_trigger("submission_comments"),
    ]
