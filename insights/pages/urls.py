from django.urls import path

from . import benchmarks, learning, printed, stalled

urlpatterns = [
    path("benchmarks/", benchmarks.page, name="benchmarks"),
    path("benchmarks.csv", benchmarks.sheet, name="benchmarks_csv"),
    path("benchmarks/<int:pk>/", benchmarks.change, name="change_benchmark"),
    path("learning/", learning.page, name="learning"),
    path("print/", printed.page, name="review_pack"),
    path("stalled/", stalled.page, name="stalled"),
    path("stalled/deals.csv", stalled.sheet, name="stalled_csv"),
    path("stalled/stages.csv", stalled.stages_sheet, name="stalled_stages_csv"),
    path("stalled/owners.csv", stalled.owners_sheet, name="stalled_owners_csv"),
]
