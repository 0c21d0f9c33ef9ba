from django.urls import include, path

from . import views
from .pages import stage_page, views_forecast, views_targets

urlpatterns = [
    path("process/<slug:slug>/<slug:stage_slug>/", stage_page.stage, name="process_stage"),
    path("dashboard/forecast/", views_forecast.forecast, name="forecast"),
    path("dashboard/forecast/<slug:name>.csv", views_forecast.sheet, name="forecast_csv"),
    path("dashboard/targets/", views_targets.targets, name="targets"),
    path("dashboard/targets.csv", views_targets.sheet, name="targets_csv"),
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/changes/", views.changes, name="dashboard_changes"),
    path("dashboard/", include("insights.review_urls")),
    path("dashboard/deals/", views.deals_behind, name="deals_behind"),
    path("dashboard/", include("insights.pages.urls")),
    path("dashboard/deals.csv", views.deals_behind_csv, name="deals_behind_csv"),
    path("dashboard/<slug:panel>.csv", views.panel_csv, name="panel_csv"),
    path("audit/", include("insights.audit.urls")),
]
