"""Learning, benchmarks, stalled deals, the pack to print and a deal with advice: for everybody, wide and narrow."""

import pytest
from django.utils import timezone

from deals.models import LossReview, Objection
from insights.models import Benchmark

from .. import factories as f
from ..browser import DESKTOP, PHONE
from ..exceptional import Case
from . import worlds as w

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    case = Case()
    case.grant()
    f.make_advice(case.deal, case.ruth, f.criterion_of(case.pipeline, "review"))
    Objection.objects.create(
        deal=case.deal, stage_id=case.deal.stage_id, text="Too dear", raised_at=timezone.now()
    )
    lost = w.end(f.make_deal(case.pipeline, case.tom, "Discover"), "lose")
    LossReview.objects.create(
        deal=lost, should_have_won=True, happened="Late", change="Sooner", by=case.tom, at=timezone.now()
    )
    w.stood(case.pipeline, case.tom, 40, ended="")
    Benchmark.objects.create(metric="proven", pipeline=case.pipeline, low=99, asks=case.ruth)
    case.lost = lost
    return case


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_are_accessible_and_fit(case, open_page, axe, size):
    pages = ["/dashboard/learning/", "/dashboard/benchmarks/", "/dashboard/stalled/", "/dashboard/print/"]
    for path in [*pages, f"/deals/{case.deal.pk}/", f"/deals/{case.lost.pk}/"]:
        page = open_page(path, user=case.ruth, size=size)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.complaints == [], path


def test_the_answers_of_the_printed_review_take_three_sheets_at_most(case, open_page):
    page = open_page("/dashboard/print/", user=case.ruth, size=DESKTOP)
    page.evaluate("document.querySelectorAll('.behind').forEach(part => part.remove())")
    sheets = page.pdf(prefer_css_page_size=True)
    assert 1 <= sheets.count(b"/Type /Page\n") <= 3 and b"/MediaBox [0 0 841" in sheets
