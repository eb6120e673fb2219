from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Model

from accounts.models import Role, User
from analytics.models import WritingSession
from assignments.models import (
    Assignment,
    AssignmentSubmission,
    AssignmentTemplate,
    SubmissionCollaborator,
    SubmissionComment,
)
from courses.models import Course, Enrollment
from documents.models import Document, DocumentCollaborator, DocumentVersion
from migrate_mongo.sample import LOGINS, PASSWORD
from notifications.models import Notification

TABLES: tuple[type[Model], ...] = (
    User,
    Course,
    Enrollment,
    AssignmentTemplate,
    Assignment,
    AssignmentSubmission,
    SubmissionCollaborator,
    SubmissionComment,
    Document,
    DocumentCollaborator,
    DocumentVersion,
    WritingSession,
    Notification,
)


class Command(BaseCommand):
    help = "Prints how much each table holds, who can log in, and where."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--address", metavar="URL", help="where the site is, such as http://localhost:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        for line in (*_counts(), "", *_logins()):
            self.stdout.write(line)
        if options["address"]:
            address = options["address"].rstrip("/")
            self.stdout.write(f"\nsite    {address}/\nadmin   {address}/admin/\nhealth  {address}/api/health")


def _counts() -> Iterator[str]:
    for model in TABLES:
        yield f"{model._meta.db_table:26}{model._default_manager.count():>10,}"


def _logins() -> Iterator[str]:
    """Those of the sample where they exist; of another dump one person of each role."""
    known = set(User.objects.filter(email__in=[login.email for login in LOGINS]).values_list("email", flat=True))
    sample = {login.role: login.email for login in LOGINS if login.email in known}
    for role in (Role.ADMIN, Role.EDUCATOR, Role.STUDENT):
        if role in sample:
            yield f"{role:10}{sample[role]:34}{PASSWORD}"
        else:
            email = User.objects.filter(role=role).order_by("pk").values_list("email", flat=True).first()
            yield f"{role:10}{f'{email:34}with the password they have' if email else 'nobody'}"
