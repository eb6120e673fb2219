from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from scribetree.fields import DocumentModel, TimestampedModel, choice_constraint
from scribetree.text_metrics import trim


class Role(models.TextChoices):
    STUDENT = "student"
    EDUCATOR = "educator"
    ADMIN = "admin"


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: User) -> UserQuerySet:
        """Admins see everyone; others see themselves and who shares a course with them as its teacher."""
        if user.role == Role.ADMIN:
            return self
        taught = self.filter(enrollments__course__instructor=user).values("pk")
        return self.filter(models.Q(pk=user.pk) | models.Q(pk__in=taught))


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.annotate(email_lower=Lower("email")).get(email_lower=trim(username or "").lower())

    def create_user(self, email: str, password: str, **fields: object) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: object) -> User:
        return self.create_user(email, password, **{"first_name": "", "last_name": "", **fields, "role": Role.ADMIN})


class User(AbstractBaseUser, DocumentModel, TimestampedModel):
    last_login = None  # the source has none, and nothing reads it

    email = models.TextField()
    password = models.TextField(db_column="password_hash")
    first_name = models.TextField(blank=True)
    last_name = models.TextField(blank=True)
    role = models.TextField(choices=Role, default=Role.STUDENT)
    profile_picture = models.TextField(null=True, blank=True)
    bio = models.TextField(null=True, blank=True)
    is_verified = models.BooleanField(default=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ("first_name", "last_name")

    objects = UserManager()

    class Meta:
        db_table = "users"
        constraints = (
            choice_constraint("users", "role", Role),
            models.UniqueConstraint(Lower("email"), name="users_email_unique"),
        )
        indexes = (
            # the admin's list of users by role
            models.Index(fields=["role"], name="idx_users_role"),
        )

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name} <{self.email}>"

    @property
    def is_staff(self) -> bool:
        """May enter the admin site."""
        return self.role in (Role.ADMIN, Role.EDUCATOR)

    @property
    def is_superuser(self) -> bool:
        return self.role == Role.ADMIN

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Admins may do everything; educators may look. Which rows they see, `visible_to` says."""
        return self.is_superuser or (
            self.is_staff and ".view_" in perm and self.has_module_perms(perm.partition(".")[0])
        )

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_superuser or (self.is_staff and app_label not in ("migrate_mongo", "auth", "admin"))
