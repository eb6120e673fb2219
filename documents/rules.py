from collections.abc import Callable
from typing import Any, NamedTuple

from accounts.models import User


class Rule(NamedTuple):
    """Who may do a thing to a document or a submission, and what the others are told."""

    allows: Callable[[Any, User], bool]
    denial: str
