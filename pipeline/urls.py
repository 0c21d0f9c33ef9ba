from django.urls import path

from . import views

urlpatterns = [
    path("process/", views.process, name="process"),
    path("process/<slug:slug>/", views.process, name="process"),
]
