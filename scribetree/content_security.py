"""The Content-Security-Policy of pages: nothing of another host, no inline script."""

from csp.constants import UNSAFE_EVAL
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

from scribetree.page_middleware import OfPages

ADMIN = "/admin/"


class ContentSecurityPolicy(OfPages, CSPMiddleware):
    """What Alpine.js, by which the admin's theme moves, compiles at run time is allowed below /admin/ alone."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.config and request.path_info.startswith(ADMIN):
            parts.update = {**(parts.update or {}), "script-src": [UNSAFE_EVAL]}
        return parts
