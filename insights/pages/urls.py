from django.urls import path

from . import learning, printed, stalled

urlpatterns = [
    path("learning/", learning.page, name="learning"),
    path("print/", printed.page, name="review_pack"),
    path("stalled/", stalled.page, name="stalled"),
    path("stalled/deals.csv", stalled.sheet, name="stalled_csv"),
]
