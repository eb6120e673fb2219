from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict

from scribetree.errors import InvalidError
from scribetree.prepared import fetched

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


class Page:
    """A list that answers whole, unless the request has `page` or `limit`. `info` goes into the envelope."""

    def __init__(self, rows: Any, parameters: QueryDict) -> None:
        self.info: dict[str, Any] = {}
        if "page" not in parameters and "limit" not in parameters:
            self.rows = fetched(rows) if isinstance(rows, QuerySet) else rows
            return
        number = positive("page", parameters.get("page"), default=1)
        limit = min(positive("limit", parameters.get("limit"), default=DEFAULT_LIMIT), MAX_LIMIT)
        paginator = Paginator(rows, limit)
        self.rows = fetched(rows[(number - 1) * limit : number * limit])
        self.info = {
            "pagination": {"page": number, "limit": limit, "total": paginator.count, "pages": paginator.num_pages}
        }


def positive(name: str, value: str | None, *, default: int) -> int:
    """Raises InvalidError for what is no positive whole number."""
    if value is None or not value.strip():
        return default
    if not (value.isascii() and value.isdigit() and len(value) <= 10 and 0 < int(value) < 2**31):
        raise InvalidError(f"{name} must be a positive whole number")
    return int(value)
