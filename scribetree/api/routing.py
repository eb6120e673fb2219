import re
from typing import Any

from django.urls import URLResolver
from django.urls.resolvers import RoutePattern
from rest_framework.routers import SimpleRouter


class Beginning(RoutePattern):
    """Lets paths pass whole that begin with a segment, so that no others are held against the patterns below."""

    def __init__(self, segment: str) -> None:
        super().__init__("")
        self.segment = segment

    def match(self, path: str) -> tuple[str, tuple[()], dict[str, Any]] | None:
        return (path, (), {}) if path.partition("/")[0] == self.segment else None


class ApiRouter(SimpleRouter):
    """Paths without a slash at the end; the middleware takes one away where it is given."""

    def __init__(self) -> None:
        super().__init__(trailing_slash=False)

    def grouped(self) -> list[URLResolver]:
        groups: dict[str, list[Any]] = {}
        for url in self.urls:
            segment = re.match(r"\^([\w-]+)", url.pattern.regex.pattern)[1]  # type: ignore[index]
            groups.setdefault(segment, []).append(url)
        return [URLResolver(Beginning(segment), urls) for segment, urls in groups.items()]
