from django.urls import path

from . import views, waiting

urlpatterns = [
    path("operations/", views.index, name="operations"),
    path("operations/holds/<int:pk>/release/", views.release, name="release_hold"),
    path("waiting/", waiting.page, name="waiting"),
    path("firings/", views.firings, name="firings"),
    path("firings/<int:pk>/undo/", views.undo, name="undo_firing"),
    path("deals/<int:pk>/archive-decision/<int:firing_id>/", views.archive_decision, name="archive_decision"),
]
