"""Competitors of a deal: noted on its page, chosen when it is lost, kept with the stage it stood in."""

import pytest
from django.urls import reverse

from deals.models import Competitor, Deal, Rivalry, Status
from insights.metrics import rivals as counted
from insights.panels import losses
from pipeline.models import Pipeline

from .. import factories as f
from ..fingerprint import fingerprint
from ..insights.lives import at, spring, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    Competitor.objects.create(name="Pelloran")
    Competitor.objects.create(name="Hydrovane Nord")
    Competitor.objects.create(name="Metrisk", is_active=False)
    f.make_loss_reason()
    return f.make_pipeline(stages=f.OPEN_GATES).pk


@pytest.fixture
def rep(made):
    return f.make_user()


@pytest.fixture
def deal(made, rep):
    return f.make_deal(Pipeline.objects.get(pk=made), rep)


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


def rival(name="Pelloran"):
    return Competitor.objects.get(name=name)


def note(client, deal, **fields):
    fields = {"competitor": rival().pk, "state": "seen", "note": "They were there first", **fields}
    return client.post(reverse("note_rival", args=[deal.pk]), fields)


def lose(client, deal, **fields):
    reason = f.make_loss_reason().pk
    fields = {"to": "lost", "seen_seq": f.fresh(deal).seq, "loss_reason": reason, **fields}
    return client.post(reverse("move", args=[deal.pk]), fields)


def test_a_competitor_is_noted_with_the_stage_and_changed_later(page, deal, rep):
    assert note(page, deal).status_code in (302, 303)
    found = Rivalry.objects.get()
    assert (found.competitor.name, found.stage_id, found.by) == ("Pelloran", deal.stage_id, rep)
    shown = (
        page.get(reverse("deal", args=[deal.pk]))
        .content.decode()
        .split('id="rivals"')[1]
        .split("</section>")[0]
    )
    assert "Pelloran" in shown
    assert "They were there first" in shown
    note(page, deal, state="winning", note="Cheaper by a fifth")
    found.refresh_from_db()
    assert (found.state, found.note) == ("winning", "Cheaper by a fifth")
    assert Rivalry.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("competitor", "", "Choose a competitor of the list."),
        ("competitor", "99999999", "Choose a competitor of the list."),
        ("competitor", "'", "Choose a competitor of the list."),
        ("state", "beaten", "Say how it stands."),
        ("state", "lost_to", "A deal is lost to somebody once it is lost."),
        ("note", "a\0b", "This contains a character that cannot be stored."),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field_and_nothing_changes(page, deal, field, value, words):
    before = fingerprint()
    response = note(page, deal, **{field: value})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert fingerprint() == before


def test_a_competitor_no_longer_offered_cannot_be_chosen(page, deal):
    assert note(page, deal, competitor=rival("Metrisk").pk).status_code == 422
    assert "Metrisk" not in page.get(reverse("deal", args=[deal.pk])).content.decode()


def test_only_who_may_edit_the_deal_notes_one(client, deal):
    client.force_login(f.make_user("Ines Duarvo"))
    assert note(client, deal).status_code in (403, 404)
    assert not Rivalry.objects.exists()


def test_the_dialog_of_a_loss_asks_to_whom(page, deal):
    dialog = page.get(reverse("gate", args=[deal.pk]), {"to": "lost"}).content.decode()
    assert 'name="competitor"' in dialog
    assert "Pelloran" in dialog
    lose(page, deal, competitor=rival().pk)
    assert f.fresh(deal).status == Status.LOST
    assert Rivalry.objects.get().state == "lost_to"


def test_a_loss_needs_no_competitor(page, deal):
    lose(page, deal)
    assert f.fresh(deal).status == Status.LOST
    assert not Rivalry.objects.exists()


def test_a_competitor_there_is_not_keeps_the_deal_where_it_is(page, deal):
    before = fingerprint()
    response = lose(page, deal, competitor="4711")
    assert response.status_code == 422
    assert "Choose a competitor of the list." in response.content.decode()
    assert fingerprint() == before


def test_a_loss_that_is_refused_notes_nobody(page, deal):
    assert lose(page, deal, competitor=rival().pk, loss_reason="").status_code == 422
    assert not Rivalry.objects.exists()


def test_one_alone_takes_a_deal(page, deal):
    lose(page, deal, competitor=rival().pk)
    note(page, deal, competitor=rival("Hydrovane Nord").pk, state="lost_to")
    states = dict(Rivalry.objects.values_list("competitor__name", "state"))
    assert states == {"Pelloran": "seen", "Hydrovane Nord": "lost_to"}


def test_competitors_by_won_and_lost_deals(made, rep):
    """Of the lives told: re-entry lost to Pelloran, straight won against it, stands is open with it; the one that

    was reopened is not lost any more. Hydrovane Nord was seen in one that was lost otherwise.
    """
    told = tell(Pipeline.objects.get(pk=made), rep)
    noted = [
        ("re-entry", "Pelloran", "lost_to"), ("straight", "Pelloran", "winning"), ("stands", "Pelloran", "seen"),
        ("reopened", "Pelloran", "lost_to"), ("late", "Hydrovane Nord", "seen"),
    ]  # fmt: skip
    for name, who, state in noted:
        stage = Deal.objects.get(pk=told[name].pk).stage
        Rivalry.objects.create(deal=told[name], competitor=rival(who), state=state, stage=stage, at=at(40))
    lens = spring(f.make_admin())
    found = {each.name: (each.met, each.won, each.lost_to, each.open) for each in counted.rivals(lens)}
    assert found == {"Pelloran": (2, 1, 1, 2), "Hydrovane Nord": (1, 0, 0, 0)}
    data = losses.of(lens)
    assert (data.taken, [each.name for each in data.takers]) == (1, ["Pelloran"])
    behind = losses.PANEL.behind["lost_to"].deals(lens, str(rival().pk))
    assert [each.name for each in behind] == ["re-entry"]
