from django.contrib import admin
from django.urls import path, re_path
from django.views.generic import RedirectView

from scribetree.views import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    re_path(r"^api/health/?$", health, name="health"),
]
