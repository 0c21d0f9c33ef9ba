from django.urls import path

from team import notice_views, views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/theme/", views.theme, name="theme"),
    path("notices/", notice_views.notices, name="notices"),
    path("notices/read/", notice_views.read_all_notices, name="read_all_notices"),
    path("notices/<int:pk>/read/", notice_views.read_notice, name="read_notice"),
]
