from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from accounts.views import AdminViewSet, AuthViewSet
from assignments.views.assignment_lists import AssignmentListViewSet, CourseAssignmentsViewSet
from assignments.views.assignments import AssignmentViewSet
from courses.views import CourseViewSet
from documents.submissions.views import SubmissionViewSet
from documents.views import DocumentViewSet
from scribetree.api.middleware import not_found
from scribetree.api.routing import ApiRouter
from scribetree.views import health, ready

router = ApiRouter()
router.register("auth", AuthViewSet, "auth")
router.register("admin", AdminViewSet, "admin")
router.register("documents", DocumentViewSet, "documents")
router.register("courses", CourseViewSet, "courses")
router.register("courses", CourseAssignmentsViewSet, "assignments-of-course")
router.register("assignments", AssignmentListViewSet, "assignment-lists")
router.register("assignments", AssignmentViewSet, "assignments")
router.register("submissions", SubmissionViewSet, "submissions")

handler400 = "scribetree.views.bad_request"
handler403 = "scribetree.views.permission_denied"
handler404 = "scribetree.views.page_not_found"
handler500 = "scribetree.views.server_error"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/health", health, name="health"),
    path("api/ready", ready, name="ready"),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/", include(router.urls)),
    re_path(r"^api(/|$)", not_found),
]
