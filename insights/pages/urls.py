from django.urls import path

from . import learning, stalled

urlpatterns = [
    path("learning/", learning.page, name="learning"),
    path("stalled/", stalled.page, name="stalled"),
    path("stalled/deals.csv", stalled.sheet, name="stalled_csv"),
]
