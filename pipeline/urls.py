from django.urls import path

from . import version_pages, views

urlpatterns = [
    path("process/", views.process, name="process"),
    path("process/<slug:slug>/", views.process, name="process"),
    path("process/<slug:slug>/versions/", version_pages.versions, name="process_versions"),
    path("process/<slug:slug>/versions/compare/", version_pages.compare, name="process_compare"),
    path("process/<slug:slug>/read/", views.read, name="process_read"),
]
