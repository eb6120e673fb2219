"""What the API does around its views: paths with or without a slash, preflights, errors before and beyond a view."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from scribetree.api.parsers import expect_chunks

PREFIX = "/api/"


class ApiPathMiddleware:
    """Stands inside the CORS middleware, so that these answers too have its headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not path.startswith(PREFIX):
            return self.get_response(request)
        if request.method == "OPTIONS":
            return HttpResponse()
        if path.endswith("/"):
            request.path_info = path.rstrip("/")
        if "Transfer-Encoding" in request.headers and request.META.get("wsgi.input_terminated"):
            expect_chunks(request)
        return self.get_response(request)


@csrf_exempt
def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return JsonResponse({"error": "Not found"}, status=404)
