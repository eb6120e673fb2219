"""Request bodies: JSON in UTF-8, plain or compressed, of 16 MiB at most; a body that is no JSON counts as none."""

import json
import zlib
from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

# zlib's names for the wrappers of a compressed stream
_WINDOW_BITS = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
INVALID = "Invalid JSON"


class TooLargeError(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "Request body is too large"


class JSONBodyParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """An object; `{}` for an empty body and for an array, which has none of the keys that endpoints read."""
        request: HttpRequest = parser_context["request"]._request if parser_context else stream
        body = read_body(request)
        body = body.removeprefix(BOM_UTF8)
        value = loads(body) if body.strip() else {}
        if not isinstance(value, dict | list):
            raise ParseError(INVALID)
        return value if isinstance(value, dict) else {}


class NoJSONParser(BaseParser):
    """Bodies of other types are not read: the original took them for no body at all."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        return {}


def expect_chunks(request: HttpRequest) -> None:
    """Django takes a body that comes without its length for none, but the server knows where it ends."""
    limit: int = settings.API_MAX_BODY_BYTES
    request._stream = LimitedStream(request.META["wsgi.input"], limit + 1)
    request.META["CONTENT_LENGTH"] = str(limit)


def read_body(request: HttpRequest) -> bytes:
    """Raises TooLargeError, also for what would be too large unpacked."""
    limit: int = settings.API_MAX_BODY_BYTES
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.lower() not in ("utf-8", "utf8"):
        raise ParseError(f"Unsupported charset {charset}")
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise TooLargeError
    try:
        body = request.read(limit + 1)
    except UnreadablePostError as error:
        raise ParseError("The request ended before its body was complete") from error
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity":
        body = _unpack(body, encoding, limit)
    if len(body) > limit:
        raise TooLargeError
    return body


def _unpack(body: bytes, encoding: str, limit: int) -> bytes:
    if encoding not in _WINDOW_BITS:
        raise UnsupportedMediaType(encoding, detail=f"Unsupported content encoding {encoding}")
    unpacker = zlib.decompressobj(_WINDOW_BITS[encoding])
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise ParseError(f"The body is not valid {encoding}") from error
    if len(unpacked) <= limit and not unpacker.eof:
        raise ParseError(f"The body is not valid {encoding}")
    return unpacked


def loads(body: bytes) -> Any:
    """As JSON.parse reads it. A lone surrogate becomes U+FFFD, as it did when the original stored it."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        if b"\\u" not in body:
            raise ParseError(INVALID) from None
    try:
        return _without_surrogates(json.loads(body, parse_int=_number, parse_constant=_refuse))
    except (ValueError, RecursionError):
        raise ParseError(INVALID) from None


def _number(digits: str) -> int | float:
    """As orjson: what 64 bits do not hold is a float."""
    value = float(digits)
    return int(digits) if -(2.0**63) <= value < 2.0**64 else value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(element) for element in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(element) for key, element in value.items()}
    return value
