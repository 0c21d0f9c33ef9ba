from django.urls import path

from . import acting, reviewing, views

urlpatterns = [
    path("", views.audit, name="audit"),
    path("<slug:name>.csv", views.sheet, name="audit_sheet"),
    path("act/", acting.choose, name="audit_choose"),
    path("act/start/", acting.start, name="audit_start"),
    path("review/", reviewing.review, name="audit_review"),
    path("review/decide/", reviewing.decide, name="audit_decide"),
    path("review/advise/", reviewing.advise, name="audit_advise"),
    path("review/carry-out/", reviewing.carry_out, name="audit_carry_out"),
    path("landing/", views.landing, name="audit_landing"),
    path("keep/", views.keep, name="keep_audit"),
    path("kept/", views.kept_all, name="kept_audits"),
    path("kept/<int:pk>/", views.kept, name="kept_audit"),
    path("kept/<int:pk>.csv", views.kept_sheet, name="kept_audit_sheet"),
]
