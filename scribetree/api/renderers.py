from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


class JSONRenderer(BaseRenderer):
    """Dates and ids are text by now; a date that is not would be an error, not another format."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        try:
            return orjson.dumps(data, option=_OPTIONS)
        except TypeError:
            return orjson.dumps(_as_doubles(data), option=_OPTIONS)


def _as_doubles(value: Any) -> Any:
    """What 64 bits do not hold: JSONB writes 1e300 in full, so it is read as an integer."""
    if isinstance(value, Mapping):
        return {key: _as_doubles(element) for key, element in value.items()}
    if isinstance(value, list | tuple):
        return [_as_doubles(element) for element in value]
    return float(value) if isinstance(value, int) and not -(2**63) <= value < 2**64 else value


class OnlyOne(BaseContentNegotiation):
    """JSON in, JSON out, whatever the request accepts, as the original had it."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        json, other = parsers
        return json if (request.content_type or "").partition(";")[0].strip().lower() == json.media_type else other

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
