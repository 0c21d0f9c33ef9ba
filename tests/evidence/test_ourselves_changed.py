"""Who is one of us changes in the administration or on a profile: deals that rest on such a contact follow at once."""

import pytest
from django.urls import reverse

from deals.models import Answer
from pipeline.vocabulary import Evidence, Kind
from team.models import Organisation, User, remembered

from .. import factories as f
from ..agreement.test_approvals import STAGES

pytestmark = pytest.mark.django_db
ASKED = {"Qualify": [("budget", Kind.MONEY, {"evidence": Evidence.WHO})], "Discover": [], "Close": []}


def told_by(name="Lena Vossberg", email="lena@buyer.example"):
    """A deal in Discover whose budget this person confirmed."""
    rep = User.objects.filter(name="Mara Kessel").first() or f.make_user()
    deal = f.make_deal(f.make_pipeline(stages=ASKED), owner=rep)
    f.log_call(deal, f.make_contact(deal.company, name, email=email))
    return f.fresh(f.walk_to(f.fresh(deal), "Discover"))


@pytest.fixture
def deal(admin):
    made = told_by()
    assert made.open_before == 0 and made.last_buyer_activity_at
    return made


def counts(deal):
    deal = f.fresh(deal)
    return deal.open_before, deal.last_buyer_activity_at is not None


CLAIMED, PROVEN = (1, False), (0, True)


def say_domains(client, text):
    form = client.get(reverse("admin:team_organisation_change", args=[1])).context["adminform"].form
    typed = {name: form[name].value() or "" for name in form.fields}
    address = reverse("admin:team_organisation_change", args=[1])
    return client.post(address, {**typed, "own_domains": text})


@pytest.mark.parametrize(
    "domain", ["buyer.example", "@Buyer.example", "other.example\nbuyer.example", "example"]
)
def test_a_domain_of_ours_makes_deals_confirmed_by_such_an_address_claimed_and_taking_it_away_mends_them(
    client, deal, domain
):
    assert say_domains(client, domain).status_code == 302
    assert counts(deal) == CLAIMED
    answer = Answer.objects.current().get(deal=deal)
    assert not answer.opens and "one of us" in answer.flaw and not answer.activity.from_buyer
    assert say_domains(client, "").status_code == 302
    assert counts(deal) == PROVEN


def test_a_domain_that_only_ends_like_the_buyers_changes_nothing(client, deal):
    rev = f.fresh(deal).rev
    say_domains(client, "er.example\nuyer.example")
    assert counts(deal) == PROVEN and f.fresh(deal).rev == rev


def test_other_settings_of_the_organisation_judge_nothing_anew(client, deal):
    Answer.objects.update(opens=False)  # to see whether anybody judges it
    organisation = Organisation.current()
    organisation.grace_days = 3
    organisation.save()
    assert not Answer.objects.get(deal=deal).opens


def test_who_is_added_as_a_user_is_no_buyer_any_more(client, deal):
    typed = {"email": "Lena@buyer.example", "name": "Lena V", "level": "rep", "usable_password": "false"}
    assert client.post(reverse("admin:team_user_add"), typed).status_code == 302
    assert counts(deal) == CLAIMED


def test_another_address_of_a_user_frees_the_old_one_and_takes_the_new_one(admin):
    deals = [told_by("Lena Vossberg", "lena@buyer.example"), told_by("Noor Ashgrave", "noor@buyer.example")]
    user = f.make_user("Jonas Lindvarr", email="lena@buyer.example")
    assert [counts(deal) for deal in deals] == [CLAIMED, PROVEN]
    user.email = "noor@buyer.example"
    user.save()
    assert [counts(deal) for deal in deals] == [PROVEN, CLAIMED]


def test_a_contact_without_an_address_is_known_by_name_while_the_user_works_here(client, admin):
    deal = told_by("Noor Ashgrave", email="")
    user = f.make_user("Jonas Lindvarr")
    client.force_login(user)
    client.post(reverse("profile"), {"name": "noor ashgrave", "theme": "system", "letter_keys": "on"})
    assert User.objects.get(pk=user.pk).name == "noor ashgrave" and counts(deal) == CLAIMED
    user.refresh_from_db()
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert counts(deal) == PROVEN


def test_an_address_where_the_name_belongs_counts_as_one(admin):
    deal = told_by("lena@buyer.example", email="")
    f.make_user("Jonas Lindvarr", email="lena@buyer.example")
    assert counts(deal) == CLAIMED


def test_signing_in_judges_nothing_anew(client, deal):
    Answer.objects.update(opens=False)
    User.objects.get(pk=deal.owner_id).save(update_fields=["last_login"])
    assert not Answer.objects.get(deal=deal).opens


def test_what_a_request_remembers_of_the_organisation_is_not_what_deals_are_judged_by(deal):
    with remembered():
        assert Organisation.current().own_domains == ""
        Organisation(own_domains="buyer.example").save()
    assert counts(deal) == CLAIMED


def test_a_deal_that_nobody_concerned_is_part_of_is_not_written(client, deal):
    other = told_by("Noor Ashgrave", "noor@elsewhere.example")
    rev = f.fresh(other).rev
    say_domains(client, "buyer.example")
    assert f.fresh(other).rev == rev and f.fresh(deal).rev > deal.rev


def test_an_approval_of_the_buyers_side_by_one_of_us_holds_no_gate(admin, rep):
    deal = f.make_deal(f.make_pipeline(stages=STAGES), owner=rep)
    theirs = next(d for d in f.process_of(deal.pipeline).criteria_of_all() if d.slug == "theirs")
    f.log_call(deal, f.make_contact(deal.company, email="lena@buyer.example"))
    f.satisfy(deal, theirs)
    assert f.fresh(deal).held_here == 1
    f.make_user("Jonas Lindvarr", email="lena@buyer.example")
    assert f.fresh(deal).held_here == 0
