"""Addresses of the weekly review below /dashboard/."""

from django.urls import path

from .pages import peoplepage, riskpage

urlpatterns = [
    path("people/<int:pk>/", peoplepage.person, name="person"),
    path("people/<int:pk>/adherence.csv", peoplepage.adherence, name="adherence_csv"),
    path("at-risk/", riskpage.page, name="at_risk"),
    path("at-risk.csv", riskpage.sheet, name="at_risk_csv"),
]
