"""Which deals to talk about: each cause by itself, in words, with what is open and whom to ask; the largest first."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone

from deals import activities
from deals.approving import contradictions
from deals.models import Answer, Approval, Deal, FieldChange, StakeholderRole
from insights.attention import at_risk, risks
from insights.lens import Lens
from insights.panels import headline, talk
from pipeline.models import Criterion
from pipeline.publishing import publish
from pipeline.vocabulary import Kind
from team import formats

from .. import factories as f

pytestmark = pytest.mark.django_db
STAGES = {
    "Qualify": [("buyer", Kind.STAKEHOLDER, {"roles": "economic_buyer", "needs_buyer": False})],
    "Discover": [],
    "Propose": [("yes", Kind.YES_NO, {"label": "They say yes"})],
    "Close": [],
}


def lens_of(user, **asked):
    return Lens.from_query(user, asked, timezone.now())


def mail(deal, contact, days_ago):
    moment = timezone.now() - timedelta(days=days_ago)
    return activities.log(
        deal.pk, by=None, kind="email", direction="in", happened_at=moment, attendees=[contact], now=moment
    )


def healthy(pipeline, amount=100, **fields):
    """A deal nothing is wrong with: two of theirs wrote, the next step and the close lie ahead."""
    deal = f.make_deal(pipeline, stage=fields.pop("stage", "Propose"), amount=Decimal(amount), **fields)
    for name in ("Lena Vossberg", "Viktor Lundquen"):
        mail(deal, f.make_contact(deal.company, name), 1)
    return f.next_step(deal, days=30)


def update(deal, **columns):
    Deal.objects.filter(pk=deal.pk).update(**columns)


@pytest.fixture
def boss():
    return f.make_admin()


@pytest.fixture
def pipeline(boss):
    return f.make_pipeline("New business", stages=STAGES, owner=boss)


def silent(deal, days=20):
    moment = timezone.now() - timedelta(days=days)
    deal.activities.update(happened_at=moment)
    update(deal, last_buyer_activity_at=moment, created_at=moment - timedelta(days=5))


def traceless(deal):
    silent(deal, days=60)
    f.log_call(deal)


def pushed(deal):
    for old, new in (
        ("2026-01-01", "2026-02-01"),
        ("2026-02-01", "2026-03-01"),
        ("2026-03-01", "2026-01-15"),
    ):
        FieldChange.objects.create(deal=deal, field="expected_close", old=old, new=new, at=timezone.now())


def roles_of(deal):
    return StakeholderRole.objects.filter(stakeholder__deal=deal)


def late_approval(deal):
    criterion, today = f.criterion_of(deal.pipeline, "yes"), f.today()
    Approval.objects.create(
        deal=deal, criterion=criterion, side="legal", subject="Terms", approver=f.make_manager(),
        asked_at=timezone.now(), due_on=today - timedelta(days=1),
    )  # fmt: skip


def champion_left(deal):
    person = deal.company.contacts.get(name="Lena Vossberg")
    f.put_in_role(deal, person, "champion")
    person.left_at = f.today()
    person.save()


def last_days(days):
    return f.today() - timedelta(days=days)


def day(when):
    return formats.day(when)


CASES = {
    "silent": (silent, lambda: "Silent for 20 days"),
    "no_step": (lambda deal: update(deal, next_step=""), lambda: "No next step"),
    "single": (lambda deal: deal.activities.first().delete(), lambda: "One contact only"),
    "past_close": (
        lambda deal: update(deal, expected_close=last_days(1)),
        lambda: f"Was to close on {day(last_days(1))}",
    ),
    "broken": (lambda deal: update(deal, holds_until=last_days(1)), lambda: "A gate behind it is broken"),
    "no_buyer": (lambda deal: roles_of(deal).delete(), lambda: "No economic buyer"),
    "left": (champion_left, lambda: "Lena Vossberg, champion, has left"),
    "exception": (lambda deal: update(deal, exception_until=f.today()), lambda: "By exception until"),
    "approval": (late_approval, lambda: "Our own approval is late"),
    "traceless": (traceless, lambda: "Nothing in the buyer’s own hand for 45 days"),
    "pushed": (pushed, lambda: "Pushed 2 times"),
}  # fmt: skip


def test_an_earlier_answer_that_turns_out_not_to_be_so_breaks_its_gate(boss, pipeline):
    deal, _fine = healthy(pipeline), healthy(pipeline)
    earlier = Criterion.objects.filter(
        stage__pipeline=pipeline, stage__position__lt=deal.stage.position
    ).first()
    said = {"criterion": earlier, "state": "disproved", "recorded_at": timezone.now()}
    Answer.objects.create(deal=deal, **said)
    assert [each.pk for each in risks.Risks(lens_of(boss)).deals("broken")] == [deal.pk]


def test_a_note_against_an_agreed_next_step_of_an_earlier_stage_breaks_its_gate(boss):
    sold = f.make_pipeline("Sold", owner=boss)
    deal = f.make_deal(sold, stage="Close")
    said = {"text": "They said on the phone it is not so at all", "source": "Call with Lena"}
    contradictions.note(deal.pk, f.criterion_of(sold, "next_step").pk, said, by=boss)
    assert f.fresh(deal).open_before == 0
    assert [each.pk for each in risks.Risks(lens_of(boss)).deals("broken")] == [deal.pk]


def test_each_cause_has_its_case():
    assert set(CASES) == set(risks.WORDS)


@pytest.mark.parametrize("cause", CASES)
def test_a_deal_is_at_risk_for_each_cause_alone_and_says_it(boss, pipeline, cause):
    deal, _fine = healthy(pipeline), healthy(pipeline)
    assert talk.of(lens_of(boss)).count == 0
    spoil, words = CASES[cause]
    spoil(deal)
    data = talk.of(lens_of(boss))
    assert (data.count, data.money) == (1, Decimal(100))
    assert [row.deal for row in data.rows] == [deal]
    assert len(data.rows[0].why) == 1 and data.rows[0].why[0].startswith(words())
    for other in risks.WORDS:
        assert talk.PANEL.behind["deals"].deals(lens_of(boss), other).count() == (other == cause)


def test_a_champion_who_left_is_no_risk_once_somebody_else_is_one(boss, pipeline):
    deal = healthy(pipeline)
    champion_left(deal)
    assert talk.of(lens_of(boss)).count == 1
    f.put_in_role(deal, deal.company.contacts.get(name="Viktor Lundquen"), "champion")
    assert talk.of(lens_of(boss)).count == 0


def test_a_row_says_what_is_open_and_whom_to_ask(boss, pipeline):
    deal = healthy(pipeline)
    update(deal, next_step="")
    row = talk.of(lens_of(boss)).rows[0]
    assert (row.open, row.more) == ("They say yes", 0)
    decider = StakeholderRole.objects.get(stakeholder__deal=deal).stakeholder.contact
    assert row.ask == decider.name
    type(decider).objects.filter(pk=decider.pk).update(job_title="Finance director")
    assert talk.of(lens_of(boss)).rows[0].ask == f"{decider.name}, Finance director"
    type(decider).objects.filter(pk=decider.pk).update(left_at=f.today())
    assert talk.of(lens_of(boss)).rows[0].ask in ("Lena Vossberg", "Viktor Lundquen")


def test_one_contact_is_enough_in_the_qualifying_stage(boss, pipeline):
    deal = healthy(pipeline, stage="Discover")
    deal.activities.first().delete()
    assert talk.of(lens_of(boss)).count == 0


def test_the_largest_come_first_and_six_are_shown_of_all(boss, pipeline):
    for amount in range(10, 130, 10):
        update(healthy(pipeline, amount), next_step="")
    data = talk.of(lens_of(boss))
    assert [row.deal.amount_base for row in data.rows] == [120, 110, 100, 90, 80, 70]
    assert (data.count, data.money) == (12, Decimal(780))


def test_the_phantom_pipeline_is_the_money_of_silent_deals(boss, pipeline):
    deals = [healthy(pipeline, amount) for amount in (10, 20, 40, 80)]
    for deal, days in zip(deals, (13, 14, 40, 0), strict=True):
        silent(deal, days) if days else update(deal, next_step="")
    later = healthy(pipeline, 160)
    silent(later, 30)
    update(later, awaiting_since=timezone.now() + timedelta(days=9))  # the buyer named a day
    data = talk.of(lens_of(boss))
    behind = talk.PANEL.behind["deals"].deals(lens_of(boss), "silent")
    assert (data.silent_count, data.silent) == (2, Decimal(60))
    assert set(behind) == set(deals[1:3]) and behind.aggregate(money=Sum("amount_base"))["money"] == 60
    assert headline.of(lens_of(boss)).whole == Decimal(310)  # what it is a part of


def test_how_long_silence_may_last_is_the_rule_of_the_pipeline(boss, pipeline):
    deal = healthy(pipeline)
    silent(deal, 20)
    pipeline.rules.filter(key="re_engage").update(days=21)
    publish(pipeline, by=boss, note="more patience")
    assert risks.Risks(lens_of(boss)).deals("silent").count() == 0


def test_the_whole_list_is_filtered_by_cause_and_comes_as_a_sheet(boss, pipeline, client):
    client.force_login(boss)
    first, second = healthy(pipeline, 10, name="Alpha works"), healthy(pipeline, 20, name="Beta works")
    update(first, next_step="")
    update(second, expected_close=last_days(1))
    page = client.get("/dashboard/at-risk/").content.decode()
    assert (
        "Alpha works" in page
        and "Beta works" in page
        and page.index("Beta works") < page.index("Alpha works")
    )
    page = client.get("/dashboard/at-risk/?cause=no_step").content.decode()
    assert "Alpha works" in page and "Beta works" not in page and "1 deal" in page
    sheet = client.get("/dashboard/at-risk.csv?cause=no_step").getvalue().decode("utf-8-sig").splitlines()
    assert (
        len(sheet) == 2 and sheet[1].startswith("Alpha works,") and sheet[1].endswith(",10.00,No next step")
    )
    assert client.get("/dashboard/at-risk/?cause=x&page=99").status_code == 200


def test_the_sheet_says_why_also_where_a_champion_has_left(boss, pipeline, client):
    client.force_login(boss)
    champion_left(healthy(pipeline, 10, name="Alpha works"))
    assert "Lena Vossberg, champion, has left" in client.get("/dashboard/at-risk.csv").getvalue().decode()


def test_a_rep_sees_the_deals_of_their_team_alone(pipeline, client):
    update(healthy(pipeline, 10, owner=f.make_user("Mara Kessel"), name="Alpha works"), next_step="")
    stranger = f.make_user("Tom Averell", team="South")
    client.force_login(stranger)
    assert talk.of(lens_of(stranger)).count == 0
    for address in ("/dashboard/at-risk/", "/dashboard/at-risk.csv"):
        assert "Alpha works" not in client.get(address).getvalue().decode()


def test_as_many_statements_for_six_deals_as_for_one(boss, pipeline, django_assert_num_queries):
    update(healthy(pipeline), next_step="")
    lens = lens_of(boss)
    assert lens.today and lens.grace and lens.pipelines and talk.of(lens).count == 1
    for size in (1, 6):
        for _deal in range(size - 1):
            update(healthy(pipeline), next_step="")
        with django_assert_num_queries(8):
            assert talk.of(lens).count == size


def test_deals_at_risk_are_shown_where_the_largest_ones_are_well(boss, pipeline, monkeypatch):
    monkeypatch.setattr(talk, "LARGEST", 1)
    update(healthy(pipeline), amount_base=900_000)
    small = [healthy(pipeline), healthy(pipeline)]
    for deal, amount in zip(small, (10, 20), strict=True):
        update(deal, next_step="", amount_base=amount)
    assert [row.deal for row in talk.of(lens_of(boss)).rows] == small[::-1]


def test_words_of_a_deal_with_several_causes_stand_in_one_order(boss, pipeline):
    deal = healthy(pipeline)
    silent(deal)
    update(deal, next_step="", expected_close=last_days(1))
    assert talk.of(lens_of(boss)).rows[0].why[:2] == ["Silent for 20 days", "No next step"]
    assert at_risk.ranked(risks.Risks(lens_of(boss)).deals()).get() == deal
