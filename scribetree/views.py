"""What is asked without a token, and what is answered to errors that no view of the API has seen."""

from collections.abc import Callable
from functools import cache, wraps

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from scribetree.api.errors import INTERNAL, UNAVAILABLE, error_body
from scribetree.api.middleware import PREFIX
from scribetree.database import drop_dead_connection

View = Callable[..., HttpResponse]


def only_read(view: View) -> View:
    @csrf_exempt
    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return view(request)
        return JsonResponse(error_body("Method not allowed"), status=405, headers={"Allow": "GET, HEAD"})

    return checked


@only_read
def health(request: HttpRequest) -> JsonResponse:
    """The process answers. The database is not asked, as in the original."""
    return JsonResponse({"message": "GitHub for Writers API is running!"})


@only_read
def ready(request: HttpRequest) -> JsonResponse:
    """Requests can be served: the database answers, and its schema is the code's."""
    try:
        drop_dead_connection()
        applied = MigrationRecorder(connection).applied_migrations()
    except (DatabaseError, InterfaceError):
        return JsonResponse(error_body(UNAVAILABLE), status=503, headers={"Retry-After": "5"})
    if not known_migrations() <= applied.keys():
        return JsonResponse(error_body("Migrations are pending"), status=503)
    return JsonResponse({"status": "ready"})


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


def error_view(status: int, text: str, page: View) -> View:
    """JSON below the API's prefix, Django's page elsewhere."""

    def answer(request: HttpRequest, *args: Exception, **named: Exception) -> HttpResponse:
        if request.path_info.startswith(PREFIX):
            return JsonResponse(error_body(text), status=status)
        return page(request, *args, **named)

    return answer


bad_request = error_view(400, "Bad request", defaults.bad_request)
permission_denied = error_view(403, "Access denied", defaults.permission_denied)
page_not_found = error_view(404, "Not found", defaults.page_not_found)
server_error = error_view(500, INTERNAL, defaults.server_error)
