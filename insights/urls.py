from django.urls import include, path

from . import views, views_targets
from .audit import views as audits

urlpatterns = [
    path("dashboard/targets/", views_targets.targets, name="targets"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/changes/", views.changes, name="dashboard_changes"),
    path("dashboard/", include("insights.review_urls")),
    path("dashboard/deals/", views.deals_behind, name="deals_behind"),
    path("dashboard/", include("insights.pages.urls")),
    path("dashboard/<slug:panel>.csv", views.panel_csv, name="panel_csv"),
    path("audit/", audits.audit, name="audit"),
    path("audit/<slug:name>.csv", audits.sheet, name="audit_sheet"),
    path("audit/keep/", audits.keep, name="keep_audit"),
    path("audit/kept/", audits.kept_all, name="kept_audits"),
    path("audit/kept/<int:pk>/", audits.kept, name="kept_audit"),
]
