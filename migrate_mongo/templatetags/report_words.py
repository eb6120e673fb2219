"""Numbers and words of the reports, in templates."""

import re
from datetime import UTC, datetime

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from migrate_mongo import quantities

register = template.Library()

register.filter("count", quantities.count)
register.filter("size", quantities.size)
register.filter("duration", quantities.duration)
register.filter("share", quantities.share)


@register.filter
def code(text: str) -> SafeString:
    """Text of the vocabulary, where names stand between backticks."""
    return mark_safe(re.sub(r"`(.+?)`", r"<code>\1</code>", conditional_escape(text)))  # noqa: S308 it is escaped


@register.filter
def breakable(path: str) -> SafeString:
    """A path or name that may be broken behind its dots, brackets and underscores."""
    return mark_safe(re.sub(r"(?<=[.\]_])(?=\w)", "<wbr>", conditional_escape(path)))  # noqa: S308 it is escaped


@register.filter
def moment(text: str) -> str:
    """A point in time that is written as ISO 8601."""
    found = datetime.fromisoformat(text).astimezone(UTC)
    return f"{found.day} {found:%B %Y, %H:%M:%S} UTC"
