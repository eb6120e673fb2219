from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """The process answers. The database is not asked, as in the original."""
    return JsonResponse({"message": "GitHub for Writers API is running!"})
