"""Recap and answer in two browsers: the rep's, who is signed in, and the buyer's, who is not."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from deals.models import Recap, RecapState
from outbox import sending
from tests import factories as f
from tests.browser import DESKTOP, PHONE, listen_for_complaints
from tests.trust.test_buyer_link import Case

from .test_recaps import ASKED, pk_of

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = {"desktop": DESKTOP, "phone": PHONE}
EVERY_SIZE = pytest.mark.parametrize("size", SIZES)


@pytest.fixture
def case():
    return Case()


def link_in_the_mail(folder):
    """The address, as the buyer reads it."""
    sending.send_due(timezone.now())
    (written,) = folder.iterdir()
    return re.search(r"http://\S+/confirm/[\w-]+/", written.read_text())[0]


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_recap_is_sent_one_point_corrected_and_two_confirmed(
    open_page, browser, settings, tmp_path, javascript
):
    rep = f.make_user("Mara Kessel")
    deal = f.make_deal(f.make_pipeline(stages=ASKED), rep, name="Vellgrove Dairies: three plants")
    lena = f.make_contact(deal.company, "Lena Vossberg", "lena@buyer.example")
    f.log_call(deal, lena)
    deal = f.walk_to(f.fresh(deal), "Discover")
    f.save_answers(deal.pk, [f.Given(pk_of(deal, "summary"), value="yes", state="claimed")], by=rep)
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")

    page = open_page(reverse("deal", args=[deal.pk]), rep, javascript=javascript)
    page.click("text=Send a recap")
    page.check(f"[name=line{pk_of(deal, 'problem')}]")
    page.fill("[name=intro]", "Thank you for the tour of the plant.")
    page.click("button:has-text('Send it')")
    expect(page.locator("section:has(#recaps)")).to_contain_text("On its way")
    url = link_in_the_mail(tmp_path / "mail")

    page.goto(url)  # the rep, if the link ever came their way
    expect(page.locator("h1")).to_have_text("Only the buyer answers this")

    buyer = browser.new_context(viewport=PHONE, java_script_enabled=javascript).new_page()
    listen_for_complaints(buyer)
    buyer.goto(url)
    expect(buyer.locator("main")).to_contain_text("Thank you for the tour of the plant.")
    points = buyer.locator("fieldset")
    expect(points).to_have_count(3)
    for number, choice in enumerate(["Yes, that is right", "Not quite", "Yes, that is right"]):
        points.nth(number).get_by_text(choice, exact=True).click()
    points.nth(1).locator("textarea").fill("Nearer to 40,000 this year")
    buyer.click("button:has-text('Send my answers')")
    expect(buyer.locator("h1")).to_have_text("Thank you")
    expect(buyer.locator("main")).to_contain_text("Nearer to 40,000 this year")
    buyer.goto(url)
    expect(buyer.locator("h1")).to_have_text("Answered already")
    assert [line for line in buyer.complaints if "410" not in line] == []
    buyer.context.close()

    assert Recap.objects.get().state == RecapState.CORRECTED
    page.goto(reverse("deal", args=[deal.pk]))
    expect(page.locator(".tl")).to_contain_text("Lena Vossberg confirmed 2 points and corrected 1 point")
    expect(page.locator(".tl")).to_contain_text("“Nearer to 40,000 this year”")


@EVERY_SIZE
def test_the_form_of_a_recap_has_no_barrier(open_page, axe, case, size):
    page = open_page(reverse("recap", args=[case.deal.pk]), case.rep, size=SIZES[size])
    assert axe(page) == [] and page.complaints == []
    page.fill("[name=subject]", "")
    page.fill(f"[name=text{pk_of(case.deal, 'budget')}]", "")
    page.click("button:has-text('Send it')")
    expect(page.locator(".err")).to_have_count(2)
    assert axe(page) == [] and no_sideways(page)


@EVERY_SIZE
def test_the_deals_page_with_recaps_has_no_barrier(open_page, axe, case, size):
    page = open_page(reverse("deal", args=[case.deal.pk]), case.rep, size=SIZES[size])
    expect(page.locator("section:has(#recaps)")).to_contain_text("Sent to an address added")
    assert axe(page) == [] and no_sideways(page)


@EVERY_SIZE
def test_the_buyers_page_has_no_barrier_open_refused_and_done(open_page, axe, case, size):
    page = open_page(case.url, size=SIZES[size])
    expect(page.locator("h1")).to_have_text("Is this right?")
    expect(page.locator("textarea:visible")).to_have_count(0)
    assert axe(page) == [] and no_sideways(page) and page.complaints == []
    page.locator("fieldset").nth(1).get_by_text("Not quite", exact=True).click()
    expect(page.locator("textarea:visible")).to_have_count(1)
    page.click("button:has-text('Send my answers')")
    expect(page.locator(".err")).to_have_count(3)
    assert axe(page) == [] and no_sideways(page)
    for point in page.locator("fieldset").all():
        point.get_by_text("Yes, that is right").click()
    page.click("button:has-text('Send my answers')")
    expect(page.locator("h1")).to_have_text("Thank you")
    assert axe(page) == [] and no_sideways(page)


@EVERY_SIZE
def test_the_buyers_page_has_no_barrier_where_there_is_nothing_to_answer(open_page, axe, case, size):
    def nothing_to_answer(url, user=None):
        page = open_page(url, user, size=SIZES[size])
        expect(page.locator("form")).to_have_count(0)
        assert axe(page) == [] and no_sideways(page), (url, user)

    nothing_to_answer("/confirm/nobody-sent-this/")
    nothing_to_answer(case.url, case.rep)
    Recap.objects.update(expires_at=timezone.now())
    nothing_to_answer(case.url)


def no_sideways(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
