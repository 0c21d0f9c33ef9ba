"""A script that knows the contract alone: of each criterion the value, _by, _on, _how, _words, _link and _file."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from deals.models import Answer, Contact, Status
from pipeline.documents import read
from pipeline.loading import TEMPLATES, load
from pipeline.models import Stage
from team.models import Organisation

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}
VALUES = {
    "text": "Night shifts lost at hall {n}; two days of reporting; water bill disputes {n}",
    "number": "5",
    "money": "60000",
    "date": "{later}",
    "yes_no": "yes",
    "approval": "yes",
    "no_open_objection": "yes",
    "contact": "Lena Vossberg",
    "stakeholder": "Lena Vossberg, Daniel Oseidan, Iris Holmgard",
    "next_step": "Walk through hall {n}",
    "deal_field": "Price fixed for three years, one free training",
}


@pytest.fixture
def deal(client):
    rep = f.make_user()
    client.force_login(rep)
    admin = f.make_admin()
    pipeline = load(read(TEMPLATES / "b2b-seven-stages.toml"), by=admin, owner=admin)
    return f.make_deal(pipeline, rep, amount=60_000, next_step="", next_step_on=None)


def send(client, deal, target, **fields):
    fields = {"to": str(target), "seen_seq": f.fresh(deal).seq, **fields}
    return client.post(reverse("move", args=[deal.pk]), fields, headers=JSON)


@pytest.fixture
def colleagues(deal):
    """Those of us whom the process asks for approvals: {role: user}."""
    people = {
        "Legal": f.make_user("Hugo Lenzmar", team=None),
        "Finance": f.make_user("Amara Oseye", team=None),
    }
    for role, user in people.items():
        user.roles.add(f.make_role(role))
    return people


def get_approved(client, deal, asked, colleagues):
    """What our own side approves is asked for, and each colleague answers from their own session."""
    rows = [item for item in asked if item["slug"] == "our_approvals"]
    for item in rows:
        for role, user in colleagues.items():
            fields = {"criterion": item["criterion"], "approver": f"{user.pk}:{role}"}
            sent = client.post(reverse("approvals", args=[deal.pk]), fields, headers=JSON)
            assert sent.status_code == 200, sent.json()
            theirs = Client()
            theirs.force_login(user)
            address = reverse("approval", args=[sent.json()["id"]])
            assert theirs.post(address, {"decision": "approved"}, headers=JSON).status_code == 200
    return [item for item in asked if item not in rows]


def plain_answers(asked):
    """What the refusal lists, answered with the contract's fields alone."""
    fields = {}
    for n, item in enumerate(asked, start=1):
        name, kind = f"c{item['criterion']}", item["kind"]
        later = (f.today() + timedelta(days=20)).isoformat()
        day = later if kind == "next_step" else f.today().isoformat()
        if kind in VALUES:
            fields[name] = VALUES[kind].format(n=n, later=later)
        fields |= {f"{name}_on": day, f"{name}_words": f"They said so in hall {n}"}
        fields[f"{name}_by"] = "Lena Vossberg, Daniel Oseidan" if kind == "activity" else "Lena Vossberg"
        fields[f"{name}_how"] = "" if kind == "activity" else "meeting"
        if item["evidence"] in ("own", "file"):
            fields[f"{name}_file"] = f.upload(f"reply{n}.pdf", f"%PDF-1.4 yes, hall {n}".encode())
    return fields


def test_a_script_walks_a_deal_from_the_first_stage_to_won(client, deal, colleagues):
    stages = Stage.objects.filter(pipeline=deal.pipeline).order_by("position")
    for target in [*stages[1:].values_list("pk", flat=True), "won"]:
        refusal = send(client, deal, target)
        assert refusal.status_code == 422
        asked = get_approved(client, deal, refusal.json()["open"], colleagues)
        answered = send(client, deal, target, **plain_answers(asked))
        assert answered.status_code == 200, answered.json()
    assert f.fresh(deal).status == Status.WON


def test_a_script_answers_all_stages_in_one_jump(client, deal, colleagues):
    asked = get_approved(client, deal, send(client, deal, "won").json()["open"], colleagues)
    answered = send(client, deal, "won", **plain_answers(asked))
    assert answered.status_code == 200, answered.json()


def test_a_yes_to_our_own_approval_from_whoever_was_not_asked_opens_nothing(client, deal):
    asked = send(client, deal, "won").json()["open"]
    before = fingerprint()
    refusal = send(client, deal, "won", **plain_answers(asked))
    (ours,) = [item for item in asked if item["slug"] == "our_approvals"]
    assert refusal.status_code == 422 and fingerprint() == before
    assert "given by who was asked" in refusal.json()["error"]["fields"][f"c{ours['criterion']}"]


def test_a_day_to_come_is_the_day_of_the_next_step(client, deal, colleagues):
    asked = get_approved(client, deal, send(client, deal, "won").json()["open"], colleagues)
    (item,) = [item for item in asked if item["kind"] == "next_step"][:1]
    send(client, deal, "won", **plain_answers(asked))
    assert f.fresh(deal).next_step_on == f.today() + timedelta(days=20)
    assert Answer.objects.current().filter(deal=deal, criterion=item["criterion"], opens=True).exists()


def test_a_name_longer_than_is_kept_is_refused_and_not_cut(client, deal):
    asked = send(client, deal, "won").json()["open"]
    long = (
        "Vera Aldin, deputy head of the works council of the ceramics works in the north, beside the river, "
        + "since spring " * 2
    )
    fields = {n: long if n.endswith("_by") else value for n, value in plain_answers(asked).items()}
    before = fingerprint()
    refusal = send(client, deal, "won", **fields)
    assert refusal.status_code == 422 and "At most 120 characters." in refusal.content.decode()
    assert fingerprint() == before


@pytest.mark.parametrize("who", ["Mara Kessel", "mara kessel", "{rep.email}", "new@{domain}"])
def test_a_colleague_named_instead_of_the_buyer_confirms_nothing(client, deal, who):
    rep = deal.owner
    Organisation.objects.update_or_create(pk=1, defaults={"own_domains": rep.email.partition("@")[2]})
    who = who.format(rep=rep, domain=rep.email.partition("@")[2])
    asked = send(client, deal, "won").json()["open"]
    fields = {name: who if name.endswith("_by") else value for name, value in plain_answers(asked).items()}
    before = fingerprint()
    refusal = send(client, deal, "won", **fields)
    assert refusal.status_code == 422 and "is one of us, not the buyer" in refusal.content.decode()
    assert fingerprint() == before and not Contact.objects.filter(name__iexact=who).exists()


def test_an_address_typed_for_a_name_is_the_contact_who_has_it(client, deal, colleagues):
    lena = f.make_contact(deal.company, email="lena@buyer.example")
    asked = get_approved(client, deal, send(client, deal, "won").json()["open"], colleagues)
    fields = plain_answers(asked)
    fields |= {name: lena.email.upper() for name, value in fields.items() if value == "Lena Vossberg"}
    assert send(client, deal, "won", **fields).status_code == 200
    assert Contact.objects.filter(company=deal.company, name="Lena Vossberg").count() == 1
