"""Request bodies: what is read, what counts as none, what is refused, and that all this comes before the token."""

import gzip
import json
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.tokens import issue_token
from scribetree.testing import make_user

pytestmark = pytest.mark.django_db

PATH = "/api/auth/profile"
LIMIT = 16 * 1024 * 1024
JSON = "application/json"
TOO_LARGE, INVALID = "Request body is too large", "Invalid JSON"


@pytest.fixture
def ben() -> User:
    return make_user("ben")


def put(user: User | None, body: bytes, content_type: str = JSON, **headers: str) -> Any:
    authorization = {"Authorization": f"Bearer {issue_token(user)}"} if user else {}
    return Client().generic("PUT", PATH, body, content_type, headers={**authorization, **headers})


def outcome(answer: Any) -> tuple[int, Any]:
    return answer.status_code, answer.json().get("error")


def bio(ben: User) -> str | None:
    return User.objects.get(pk=ben.pk).bio


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        (b'{"bio": "Hello"}', "Hello"),
        (b' \n{"bio": "Hello"}\n ', "Hello"),
        (b'\xef\xbb\xbf{"bio": "Hello"}', "Hello"),
        ('{"bio": "Grüße 😀"}'.encode(), "Grüße 😀"),
        (rb'{"bio": "\ud83d\ude00"}', "😀"),
        (rb'{"bio": "a\ud800b\udc00"}', "a\ufffdb\ufffd"),
        (rb'{"bio": "\ud800\ud83d\ude00", "\udfff": [{"\ud800": 12345678901234567890123}]}', "\ufffd😀"),
        (b'{"bio": "first", "bio": "second"}', "second"),
    ],
)
def test_body_is_read_as_the_original_read_it(ben: User, body: bytes, stored: str) -> None:
    answer = put(ben, body)

    assert answer.status_code == 200
    assert answer.json()["user"]["bio"] == stored == bio(ben)


@pytest.mark.parametrize("body", [b"", b"  \n", b"{}", b"[]", b'[{"bio": "Hello"}]'])
def test_body_without_an_object_has_no_keys(ben: User, body: bytes) -> None:
    assert outcome(put(ben, body)) == (200, None)
    assert bio(ben) is None


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"],
)
def test_body_of_another_type_counts_as_none(ben: User, content_type: str) -> None:
    assert outcome(put(ben, b'{"bio": "Hello"}', content_type)) == (200, None)
    assert bio(ben) is None


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"bio": }',
        b"{'bio': 1}",
        b'{"bio": NaN}',
        rb'{"bio": Infinity, "x": "\ud800"}',
        rb'{"bio": "\ud800"',
        b'{"bio": "\xff"}',
        b"null",
        b'"text"',
        b"5",
        b"true",
        b"[" * 100_000,
        b'"\\ud800' + b"[" * 100_000,
    ],
    ids=range(13),
)
def test_body_that_is_no_json_is_refused_before_the_token_is_asked_for(body: bytes) -> None:
    assert outcome(put(None, body)) == (400, INVALID)


@pytest.mark.parametrize("content_type", [JSON, "Application/JSON", f"{JSON}; charset=UTF-8", f'{JSON};charset="utf8"'])
def test_charset_is_utf_8(ben: User, content_type: str) -> None:
    assert outcome(put(ben, b'{"bio": "Hello"}', content_type)) == (200, None)
    assert bio(ben) == "Hello"


@pytest.mark.parametrize("charset", ["latin1", "utf-16", "nonsense"])
def test_other_charset_is_refused(charset: str) -> None:
    assert outcome(put(None, b"{}", f"{JSON}; charset={charset}")) == (400, f"Unsupported charset {charset}")


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress)]
)
def test_packed_body_is_unpacked(ben: User, encoding: str, pack: Any) -> None:
    answer = put(ben, pack(b'{"bio": "Hello"}'), **{"Content-Encoding": encoding})

    assert outcome(answer) == (200, None)
    assert bio(ben) == "Hello"


@pytest.mark.parametrize(
    ("encoding", "body", "status", "error"),
    [
        ("gzip", b"no gzip", 400, "The body is not valid gzip"),
        ("gzip", gzip.compress(b'{"bio": "Hello"}')[:-9], 400, "The body is not valid gzip"),
        ("deflate", b"no deflate", 400, "The body is not valid deflate"),
        ("br", b"whatever", 415, "Unsupported content encoding br"),
        ("gzip", gzip.compress(b" " * (LIMIT + 1)), 413, TOO_LARGE),
        ("deflate", zlib.compress(b" " * (LIMIT + 1)), 413, TOO_LARGE),
    ],
    ids=["no gzip", "half", "no deflate", "unknown", "gzip bomb", "deflate bomb"],
)
def test_packed_body_is_refused(encoding: str, body: bytes, status: int, error: str) -> None:
    assert outcome(put(None, body, **{"Content-Encoding": encoding})) == (status, error)


def test_body_is_taken_up_to_its_limit(ben: User) -> None:
    body = json.dumps({"unknown": ""}).encode()
    body = body[:-2] + b"x" * (LIMIT - len(body)) + body[-2:]

    assert outcome(put(ben, body)) == (200, None)
    assert outcome(put(None, body + b" ")) == (413, TOO_LARGE)


def test_body_that_ends_too_early_is_refused() -> None:
    answer = Client().generic("PUT", PATH, b"{", JSON, **{"CONTENT_LENGTH": "5", "wsgi.input": BytesIO(b'{"b')})

    assert outcome(answer) == (400, INVALID)


@pytest.mark.parametrize("size", [0, 20, LIMIT, LIMIT + 1])
def test_body_in_chunks_has_no_length(ben: User, size: int) -> None:
    body = b'{"bio": "Hello"}'.ljust(size) if size else b""
    headers = {"Authorization": f"Bearer {issue_token(ben)}", "Transfer-Encoding": "chunked"}
    environment = {"CONTENT_LENGTH": "", "wsgi.input": BytesIO(body), "wsgi.input_terminated": True}

    answer = Client().generic("PUT", PATH, b"x", JSON, headers=headers, **environment)

    assert outcome(answer) == ((413, TOO_LARGE) if size > LIMIT else (200, None))
    assert bio(ben) == ("Hello" if 0 < size <= LIMIT else None)


def test_body_of_a_read_is_not_looked_at(ben: User) -> None:
    headers = {"Authorization": f"Bearer {issue_token(ben)}"}

    assert Client().generic("GET", PATH, b"{", JSON, headers=headers).status_code == 200


def test_unpacked_body_stays_within_the_limit_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a bomb, no more than the limit is unpacked."""
    unpacked: list[int] = []
    make = zlib.decompressobj

    class Counting:
        def __init__(self, *args: Any) -> None:
            self.inner = make(*args)

        def decompress(self, data: bytes, limit: int) -> bytes:
            unpacked.append(limit)
            return self.inner.decompress(data, limit)

    monkeypatch.setattr("scribetree.api.parsers.zlib.decompressobj", Counting)

    assert outcome(put(None, gzip.compress(b" " * 10 * LIMIT), **{"Content-Encoding": "gzip"})) == (413, TOO_LARGE)
    assert unpacked == [LIMIT + 1]
