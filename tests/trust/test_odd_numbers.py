"""Where a page of ours sends a number, others send five thousand digits, or digits int() cannot read."""

import pytest
from django.urls import reverse

from deals.models import Task
from team.digits import number_in

from .. import factories as f
from ..admin_process import page_of, save
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db

ODD = ["9" * 5000, "²", "٣", "１", "-1", "1e3", "1_0", "9" * 19]


@pytest.mark.parametrize("text", [*ODD, " 1", "", None])
def test_only_plain_digits_are_a_number(text):
    assert number_in(text) is None


def test_plain_digits_are_a_number_as_far_as_a_column_holds_it():
    assert [number_in(text) for text in ("0", "007", "9" * 18)] == [0, 7, 10**18 - 1]
    assert number_in("1234567890", digits=9) is None


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


@pytest.fixture
def deal(rep):
    return f.make_deal(f.make_pipeline(), rep)


# the page's address -> the field that names something by its number, and what else makes the form whole
FORMS = {
    "gate": ("criterion", {}),
    "answers": ("criterion", {"c1": "1", "c1_on": "no day at all"}),
    "move": ("to", {"seen_seq": "1"}),
    "log": ("people", {"kind": "call"}),
    "just_now": ("conversation", {}),
    "note_rival": ("competitor", {"state": "seen"}),
    "approvals": ("approver", {"name": "Price"}),
    "advise": ("criterion", {"text": "Ask who signs"}),
}


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_a_deal_refuses_them(page, deal, name, text):
    field, rest = FORMS[name]
    before = fingerprint()
    response = page.post(reverse(name, args=[deal.pk]), {field: text, **rest})
    assert response.status_code in {200, 400, 403, 404, 422}
    assert fingerprint() == before and not Task.objects.exists()


@pytest.mark.parametrize("name", ["owner", "next_owner"])
@pytest.mark.parametrize("text", ODD)
def test_nobody_gets_a_deal_by_digits_of_another_script(page, deal, name, text):
    before = fingerprint()
    response = page.post(reverse("edit", args=[deal.pk, name]), {name: text, "rev": str(deal.rev)})
    assert response.status_code == 422 and fingerprint() == before


@pytest.mark.parametrize("text", ODD)
def test_a_person_is_not_put_in_a_team_of_such_a_number(client, admin, text):
    """Of the administration's own form: a page in words, and nobody is added."""
    before = fingerprint()
    asked = {"email": "new@example.com", "name": "New One", "teams": text, "roles": text}
    assert client.post(reverse("admin:team_user_add"), asked).status_code in {400, 422}
    assert fingerprint() == before


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("button", ["_up", "_down", "_bring_back"])
def test_a_criterion_is_neither_moved_nor_brought_back_by_them(client, pipeline, button, text):
    stage = f.stage_of(pipeline, "Qualify")
    before = list(stage.criteria.values())
    assert save(client, page_of(stage), **{button: text}).status_code == 200
    assert list(stage.criteria.values()) == before


@pytest.mark.parametrize("text", ODD)
def test_a_new_stage_belongs_to_no_pipeline_of_such_a_number(client, pipeline, text):
    before = pipeline.stages.count()
    asked = {"pipeline": text, "name": "Legal review"}
    assert client.post(reverse("admin:pipeline_stage_add"), asked).status_code in {404, 422}
    assert pipeline.stages.count() == before
