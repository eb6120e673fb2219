import django.db.models.functions.datetime
import django.db.models.functions.text
import scribetree.fields
import scribetree.object_id
from django.db import migrations, models
from scribetree.migration_operations import ID_FUNCTIONS, UPDATED_AT_FUNCTION, updated_at_trigger


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        ID_FUNCTIONS,
        UPDATED_AT_FUNCTION,
        migrations.CreateModel(
            name="User",
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
                ("email", models.TextField()),
                ("password", models.TextField(db_column="password_hash")),
                ("first_name", models.TextField(blank=True)),
                ("last_name", models.TextField(blank=True)),
                (
                    "role",
                    models.TextField(
                        choices=[("student", "Student"), ("educator", "Educator"), ("admin", "Admin")],
                        default="student",
                    ),
                ),
                ("profile_picture", models.TextField(blank=True, null=True)),
                ("bio", models.TextField(blank=True, null=True)),
                ("is_verified", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "users",
                "indexes": [models.Index(fields=["role"], name="idx_users_role")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["student", "educator", "admin"])),
                        name="users_role_known",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"), name="users_email_unique"
                    ),
                ],
            },
        ),
        updated_at_trigger("users"),
    ]
