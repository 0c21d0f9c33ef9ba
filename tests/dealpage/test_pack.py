"""What is known of a deal in short, and the pack that whoever takes the customer over reads or prints."""

import pytest
from django.urls import reverse

from deals.approving import contradictions
from deals.models import Answer
from pipeline.vocabulary import Evidence, Kind

from .. import factories as f
from ..agreement.test_contested import AGAINST
from .asking import html

pytestmark = pytest.mark.django_db

ASKED = {
    "Qualify": [
        ("problem_stated", Kind.TEXT, {"evidence": Evidence.WORDS}),
        ("budget_access", Kind.MONEY, {"evidence": Evidence.WHO}),
        ("partner_seen", Kind.TEXT, {"evidence": Evidence.WHO}),
    ],
    "Discover": [("success_metric", Kind.TEXT, {"evidence": Evidence.WHO})],
    "Close": [],
}


@pytest.fixture
def known(rep):
    deal = f.make_deal(f.make_pipeline(stages=ASKED), rep, stage="Close")
    person = deal.company.contacts.first()
    f.put_in_role(deal, person, "champion")
    deal.stakeholders.update(priority="Fewer calls at night")
    return deal


def pack(page, deal):
    response = page.get(reverse("pack", args=[deal.pk]))
    assert response.status_code == 200
    return response.content.decode()


def said(deal, slug):
    return Answer.objects.current().get(deal=deal, criterion__slug=slug).text


def test_a_card_says_in_short_what_was_found_out(page, known, deal):
    text = html(page, known)
    card = text[text.index("In short") :].split("</section>")[0]
    assert "Problem" in card and said(known, "problem_stated") in card and "Money" in card
    assert "Decision by" not in card, "nobody asked for it"
    assert "In short" not in html(page, deal), "nothing is known yet"


def test_the_pack_tells_who_takes_over_what_they_must_know(page, known):
    known.goals, known.commitments = "Half the leaks by June", "One free training"
    known.save(update_fields=["goals", "commitments"])
    text = pack(page, known)
    for words in ["Half the leaks by June", "One free training", said(known, "success_metric")]:
        assert words in text
    assert "Champion" in text and "Fewer calls at night" in text and "lena" in text
    assert said(known, "partner_seen") in text.split("What else is on record")[1]
    assert text.count(said(known, "problem_stated")) == 1, "nothing stands in it twice"
    assert "Not written down yet" not in text


def test_the_pack_names_what_nobody_wrote_down(page, known):
    text = pack(page, known)
    assert "Not written down yet: promises." in text and "Write the promises" in text
    assert "Write the goals" not in text, "the stated problem is a goal to reach"


def test_what_was_contested_is_not_handed_over_as_known(page, known, rep):
    words = said(known, "success_metric")
    criterion = f.criterion_of(known.pipeline, "success_metric")
    contradictions.note(known.pk, criterion.pk, AGAINST, by=rep)
    assert words not in pack(page, known)


def test_another_teams_pack_is_not_found(page, known, client):
    client.force_login(f.make_user("Ines Duarvo", team="South"))
    assert client.get(reverse("pack", args=[known.pk])).status_code == 404


def test_the_people_of_a_deal_show_their_weight_and_what_matters_to_them(page, known):
    seat = known.stakeholders.get()
    seat.influence, seat.stance = 3, "against"
    seat.save()
    assert "High influence, against: Fewer calls at night" in html(page, known)
