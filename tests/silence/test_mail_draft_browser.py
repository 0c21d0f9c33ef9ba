"""A drafted mail in a browser: read from the deal, changed, copied, sent; the page is for everybody and fits."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from deals.models import MailDraft
from outbox.models import Mail
from tests import factories as f
from tests.browser import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture
def draft():
    rep = f.make_user("Mara Kessel")
    deal = f.make_deal(f.make_pipeline(), rep, name="Vellgrove Dairies: three plants")
    for name in ("Lena Vossberg", "Maximiliana Featherstonehaugh-Wendrick"):
        f.put_in_role(
            deal,
            f.make_contact(deal.company, name, f"{name.lower().replace(' ', '.')}@buyer.example"),
            "user",
        )
    return f.make_draft(deal, subject="Where do we stand?", body="Hello Lena,\n\nis it for later?")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_it_is_read_from_the_deal_changed_and_sent(open_page, draft, javascript):
    page = open_page(reverse("deal", args=[draft.deal_id]), draft.owner, javascript=javascript)
    page.click("text=Read and send")
    page.click("button:text-is('Send')")
    expect(page.locator("#e-contact")).to_contain_text("Choose who")
    page.get_by_label("Lena Vossberg").check()
    page.fill("[name=subject]", "Is it for later?")
    page.click("button:text-is('Send')")
    expect(page.locator("body")).to_contain_text("The mail is on its way to Lena Vossberg.")
    expect(page.locator("#draft")).to_have_count(0)
    assert Mail.objects.get(key=f"draft:{draft.pk}").subject == "Is it for later?"
    # The browser says so itself of the answer that was refused.
    assert [line for line in page.complaints if "422" not in line] == []


def test_enter_in_the_subject_keeps_it_and_sends_nothing(open_page, draft):
    page = open_page(reverse("mail_draft", args=[draft.deal_id, draft.pk]), draft.owner)
    page.fill("[name=subject]", "Is it for later?")
    page.press("[name=subject]", "Enter")
    expect(page.locator("body")).to_contain_text("It has not been sent.")
    draft = MailDraft.objects.get()
    assert (draft.subject, draft.sent_at) == ("Is it for later?", None)


def test_its_words_are_copied(open_page, draft):
    page = open_page(reverse("mail_draft", args=[draft.deal_id, draft.pk]), draft.owner)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.fill("[name=subject]", "Is it for later?")
    page.click("[data-copy]")
    expect(page.locator("[data-copy]")).to_have_text("Copied")
    said = page.evaluate("navigator.clipboard.readText()")
    assert re.sub("\r", "", said) == "Is it for later?\n\nHello Lena,\n\nis it for later?"


@pytest.mark.parametrize("size", SIZES)
def test_it_is_for_everybody_and_fits(open_page, axe, draft, size):
    f.make_draft(draft.deal, subject="Shall we close Vellgrove Dairies: three plants on our side?")
    page = open_page(reverse("mail_draft", args=[draft.deal_id, draft.pk]), draft.owner, size=SIZES[size])
    assert axe(page) == [] and page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(reverse("deal", args=[draft.deal_id]))
    assert axe(page) == []
    page.goto(reverse("profile"))
    assert axe(page) == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
