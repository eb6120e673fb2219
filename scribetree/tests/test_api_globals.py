"""What holds for every path: CORS, slashes, JSON for every error, ids of requests."""

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.test import Client, RequestFactory, override_settings

from accounts.models import Role
from scribetree import views
from scribetree.testing import client_of, make_user

pytestmark = pytest.mark.django_db

ORIGIN = "http://localhost:5173"
JSON = "application/json"
NOT_FOUND = {"error": "Not found"}


def ask(method: str, path: str, body: bytes = b"", **headers: str) -> Any:
    return Client(raise_request_exception=False).generic(method, path, body, JSON, headers=headers)


def assert_cors(answer: Any, origin: str = ORIGIN) -> None:
    assert answer["Access-Control-Allow-Origin"] == origin
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert "origin" in answer["Vary"].lower()
    assert answer["Access-Control-Expose-Headers"] == "X-Request-ID, Retry-After"


@pytest.fixture
def crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("accounts.authentication.BearerTokenAuthentication.authenticate", fail)


@pytest.mark.usefixtures("crash")
def test_crash_answers_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    answer = ask("GET", "/api/auth/profile", Origin=ORIGIN)

    assert (answer.status_code, answer.json()) == (500, {"error": "Internal server error"})
    assert_cors(answer)
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:3000"])
@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/health", b"", 200),
        ("GET", "/api/auth/profile", b"", 401),
        ("POST", "/api/auth/login", b"{}", 400),
        ("POST", "/api/auth/login", b"{", 400),
        ("POST", "/api/auth/login", b'{"email": "x", "password": "y"}', 401),
        ("PATCH", "/api/auth/login", b"", 405),
        ("POST", "/api/health", b"", 405),
        ("GET", "/api/nothing", b"", 404),
        ("PUT", "/api/auth/profile", b" " * (16 * 1024 * 1024 + 1), 413),
    ],
)
def test_every_answer_can_be_read_by_the_client(origin: str, method: str, path: str, body: bytes, status: int) -> None:
    answer = ask(method, path, body, Origin=origin)

    assert answer.status_code == status
    assert answer["Content-Type"] == JSON
    assert ("error" in answer.json()) == (status != 200)
    assert_cors(answer, origin)


def test_foreign_origin_is_served_and_not_let_in() -> None:
    answer = ask("GET", "/api/health", Origin="https://elsewhere.example")

    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer


@override_settings(CORS_ALLOWED_ORIGINS=["https://write.example"])
def test_origins_are_a_setting() -> None:
    assert_cors(ask("GET", "/api/health", Origin="https://write.example"), "https://write.example")


@pytest.mark.parametrize("path", ["/api/auth/login", "/api/auth/login/", "/api/nothing", "/api/courses/5/unenroll"])
def test_preflight_is_answered_on_any_path(path: str) -> None:
    answer = ask(
        "OPTIONS",
        path,
        **{
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "PATCH",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    assert answer["Access-Control-Allow-Methods"] == "GET, POST, PUT, DELETE, OPTIONS, PATCH"
    assert answer["Access-Control-Allow-Headers"] == "content-type, authorization, x-requested-with"


def test_options_without_an_origin_is_answered_too() -> None:
    answer = ask("OPTIONS", "/api/nothing")

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/auth/profile", 200),
        ("PUT", "/api/auth/profile", 200),
        ("HEAD", "/api/auth/profile", 200),
        ("GET", "/api/courses", 200),
        ("POST", "/api/courses", 400),
        ("PUT", "/api/courses/no-id", 404),
        ("GET", "/api/courses/my-courses", 200),
        ("POST", "/api/auth/login", 400),
        ("DELETE", "/api/courses", 405),
        ("GET", "/api/nothing", 404),
        ("GET", "/api/ready", 200),
    ],
)
def test_slash_at_the_end_makes_no_difference(method: str, path: str, status: int) -> None:
    client = client_of(make_user("ada", Role.EDUCATOR))

    answers = [client.generic(method, path + slash, b"{}", JSON) for slash in ("", "/", "/?page=1", "?")]

    assert [answer.status_code for answer in answers] == [status] * 4


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/auth", "/api/auth/nothing", "/api/Auth/login"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_unknown_path_is_not_found(method: str, path: str) -> None:
    answer = ask(method, path)

    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize("path", ["/api/%", "/api/%zz", "/api/%ff%fe", "/api/a%00b", "/api/auth/%c3%28"])
def test_badly_encoded_path_is_not_found(path: str) -> None:
    answer = ask("GET", path)

    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/auth/profile"), ("GET", "/api/auth/login")])
def test_wrong_method_is_told_without_asking_for_a_token(method: str, path: str) -> None:
    answer = ask(method, path, Authorization="Bearer nonsense")

    assert (answer.status_code, answer.json()) == (405, {"error": f'Method "{method}" not allowed.'})


@pytest.mark.parametrize("path", ["/api/health", "/api/ready"])
def test_cross_site_checks_do_not_concern_the_api(path: str) -> None:
    answer = Client(enforce_csrf_checks=True).post(path)

    assert (answer.status_code, answer.json()) == (405, {"error": "Method not allowed"})
    assert answer["Allow"] == "GET, HEAD"


def test_accept_header_and_format_change_nothing() -> None:
    answer = ask("GET", "/api/nothing?format=xml", Accept="text/html")

    assert answer["Content-Type"] == JSON


def test_host_that_is_not_ours_is_refused_in_json() -> None:
    answer = ask("GET", "/api/health", Host="evil.example", Origin=ORIGIN)

    assert (answer.status_code, answer.json()) == (400, {"error": "Bad request"})


HANDLERS = [
    (views.bad_request, {"exception": SuspiciousOperation("no")}, 400, "Bad request"),
    (views.permission_denied, {"exception": PermissionDenied("no")}, 403, "Access denied"),
    (views.page_not_found, {"exception": Http404("no")}, 404, "Not found"),
    (views.server_error, {}, 500, "Internal server error"),
]


@pytest.mark.parametrize(("handler", "error", "status", "text"), HANDLERS)
def test_error_outside_the_views_is_json_below_the_api_only(
    handler: Any, error: dict[str, Exception], status: int, text: str
) -> None:
    requests = RequestFactory()

    below, beside = (handler(requests.get(path), **error) for path in ("/api/health", "/admin/"))

    assert (below.status_code, beside.status_code) == (status, status)
    assert below.content == b'{"error": "%s"}' % text.encode()
    assert beside["Content-Type"].startswith("text/html")


def test_errors_of_the_admin_stay_pages() -> None:
    answer = ask("GET", "/admin/nothing/")

    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("given", ["abc-123", "A.b_c", "x" * 64])
def test_request_keeps_the_id_that_it_came_with(given: str) -> None:
    assert ask("GET", "/api/health", **{"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "é", "<script>"])
def test_request_gets_an_id(given: str) -> None:
    first, second = (ask("GET", "/api/nothing", **{"X-Request-ID": given})["X-Request-ID"] for _ in range(2))

    assert len(first) == 16
    assert int(first, 16)
    assert first != second


def test_log_names_the_request(caplog: pytest.LogCaptureFixture) -> None:
    (handler,) = (handler for handler in logging.getLogger().handlers if handler.filters)
    lines: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            handler.filter(record)
            lines.append(handler.format(record))

    listener = Listener()
    logging.getLogger().addHandler(listener)
    try:
        ask("GET", "/api/nothing", **{"X-Request-ID": "abc-123"})
    finally:
        logging.getLogger().removeHandler(listener)

    assert any("WARNING [abc-123] django.request: Not Found: /api/nothing" in line for line in lines)
