from django.contrib import admin

from courses.models import Course, Enrollment
from scribetree.admin import ReadOnlyAdmin


@admin.register(Course)
class CourseAdmin(ReadOnlyAdmin):
    list_display = ("title", "subject", "instructor", "status", "is_active", "start_date", "object_id")
    list_select_related = ("instructor",)
    list_filter = ("status", "is_active", "is_public")
    search_fields = ("title", "subject", "enrollment_code", "instructor__email")
    long_texts = ("description",)


@admin.register(Enrollment)
class EnrollmentAdmin(ReadOnlyAdmin):
    list_display = ("student", "course", "status", "enrolled_at")
    list_select_related = ("student", "course")
    list_filter = ("status",)
    search_fields = ("student__email", "student__last_name", "course__title")
    ordering = ("course_id", "student_id")
