from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView

from accounts.views import AdminViewSet, AuthViewSet
from analytics.views.ai import AssistanceViewSet
from assignments.learning_objectives.views import LearningObjectiveViewSet
from assignments.views.assignment_lists import AssignmentListViewSet, CourseAssignmentsViewSet
from assignments.views.assignments import AssignmentViewSet
from assignments.views.deployments import DeploymentViewSet
from assignments.views.templates import TemplateViewSet
from courses.views import CourseViewSet
from documents.submissions.views import SubmissionViewSet
from documents.views import DocumentViewSet
from scribetree.api.middleware import not_found
from scribetree.api.pages import RedocView, SwaggerView
from scribetree.api.routing import ApiRouter
from scribetree.views import health, ready

router = ApiRouter()
router.register("auth", AuthViewSet, "auth")
router.register("admin", AdminViewSet, "admin")
router.register("learning-objectives", LearningObjectiveViewSet, "learning-objectives")
router.register("courses", CourseViewSet, "courses")
router.register("courses", CourseAssignmentsViewSet, "assignments-of-course")
router.register("assignments", AssignmentListViewSet, "assignment-lists")
router.register("assignments", AssignmentViewSet, "assignments")
router.register("analytics", AssistanceViewSet, "analytics-ai")
router.register("documents", DocumentViewSet, "documents")
router.register("assignment-templates", TemplateViewSet, "assignment-templates")
router.register("course-assignments", DeploymentViewSet, "course-assignments")
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
    path("api/docs", SwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/redoc", RedocView.as_view(url_name="schema"), name="redoc"),
    path("api/", include(router.grouped())),
    re_path(r"^api(/|$)", not_found),
]
