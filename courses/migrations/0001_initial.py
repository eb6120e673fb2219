import courses.models
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
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
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Course",
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
                ("subject", models.TextField(blank=True, null=True)),
                ("is_public", models.BooleanField(default=False)),
                ("max_students", models.IntegerField(blank=True, help_text="Empty: unlimited.", null=True)),
                ("start_date", scribetree.fields.MillisecondField(blank=True, null=True)),
                ("end_date", scribetree.fields.MillisecondField(blank=True, null=True)),
                ("settings", models.JSONField(default=courses.models.default_course_settings)),
                (
                    "status",
                    models.TextField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("archived", "Archived")],
                        default="draft",
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("enrollment_code", models.TextField(blank=True, null=True)),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None
                    ),
                ),
                (
                    "instructor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="courses_taught",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "courses",
            },
        ),
        migrations.CreateModel(
            name="Enrollment",
            fields=[
                (
                    "id",
                    scribetree.fields.PairIdField(
                        editable=False, pair=("course_id", "student_id"), primary_key=True, serialize=False
                    ),
                ),
                (
                    "enrolled_at",
                    scribetree.fields.MillisecondField(
                        default=scribetree.fields.now,
                        help_text="For imported rows the creation of the course.",
                    ),
                ),
                ("status", models.TextField(choices=[("active", "Active")], default="active")),
                (
                    "ordinal",
                    models.IntegerField(default=0, help_text="Place in the list of the course's students."),
                ),
                ("extra", models.JSONField(blank=True, editable=False, null=True)),
                (
                    "course",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="enrollments",
                        to="courses.course",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="enrollments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "course_enrollments",
            },
        ),
        migrations.AddIndex(
            model_name="course",
            index=models.Index(fields=["instructor"], name="idx_courses_instructor"),
        ),
        migrations.AddIndex(
            model_name="course",
            index=models.Index(
                condition=models.Q(("is_active", True)), fields=["is_active"], name="idx_courses_active"
            ),
        ),
        migrations.AddIndex(
            model_name="course",
            index=django.contrib.postgres.indexes.GinIndex(fields=["tags"], name="idx_courses_tags"),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "published", "archived"])),
                name="courses_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_students__gte", 1)), name="courses_max_students_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="course",
            constraint=models.UniqueConstraint(
                fields=("enrollment_code",), name="courses_enrollment_code_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="enrollment",
            index=models.Index(fields=["student"], name="idx_enrollments_student"),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active"])), name="course_enrollments_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="enrollment",
            constraint=models.UniqueConstraint(
                fields=("course", "student"), name="course_enrollments_pair_unique"
            ),
        ),
        updated_at_trigger("courses"),
    ]
