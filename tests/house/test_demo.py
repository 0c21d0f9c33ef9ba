"""The demo company: who can log in, what the twelve deals show, and that everything in it is consistent."""

from datetime import UTC, datetime, timedelta
from statistics import mean, median

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Sum
from django.test import Client

from deals import answers, counts, moves
from deals.approving import approvals
from deals.asking import exceptions
from deals.demo import build
from deals.gate import Reading
from deals.models import (
    Activity,
    Contact,
    Deal,
    GateException,
    GateRefusal,
    LossReason,
    Rivalry,
    Task,
    Transition,
)
from deals.moves.ledger import broken_rows
from deals.moves.replay import Hop, replay_many
from insights.forecast import history
from insights.lens import Lens
from insights.metrics import closing, cohorts, rivals, six, stays
from insights.metrics.stages import qualifying_ids, steps
from insights.models import ForecastDay, ForecastRow, Target
from insights.panels import changed, headline, leak, losses, winloss
from outbox.models import Mail
from pipeline import reviews
from pipeline.models import Pipeline, Stage
from pipeline.process import process_of
from team.calendar import grace_date, local_date
from team.models import Level, Organisation, User

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 19, 9, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def company(django_db_setup, django_db_blocker):
    """The demo company, made once for all tests here; each of them runs in a savepoint on top of it."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        world = build.build(AT)
    yield world
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


def deal(name):
    return Deal.objects.get(name__startswith=name)


def reading(company, found):
    process = process_of(Pipeline.objects.select_related("version").get(pk=found.pipeline_id))
    return Reading(found, process, company.clock.t)


def stage_of(found):
    return found.stage.slug


def open_here(company, found):
    return {finding.definition.slug for finding in reading(company, found).here() if not finding.holds}


def open_before(company, found):
    return {
        finding.definition.slug: finding.state
        for finding in reading(company, found).before()
        if not finding.holds
    }


def is_proven(company, found):
    grace = grace_date(company.clock.t, Organisation.current())
    return Deal.objects.proven(company.clock.t, grace).filter(pk=found.pk).exists()


@pytest.mark.parametrize(
    ("login", "level"),
    [
        ("rep", Level.REP),
        ("manager", Level.MANAGER),
        ("admin", Level.ADMIN),
        ("jonas", Level.REP),
        ("success", Level.REP),
    ],
)
def test_everybody_logs_in_with_the_demo_password_and_has_their_level(login, level):
    user = User.objects.get(email=f"{login}@demo.example")
    assert user.check_password("headgate-demo")
    assert user.level == level
    assert Client().login(username=user.email, password="headgate-demo")


def test_vellgrove_is_refused_to_propose_with_exactly_wider_audience_and_next_step(company):
    found = deal("Vellgrove")
    propose = found.pipeline.stages.get(slug="propose")
    before = fingerprint()
    with pytest.raises(moves.GateClosed) as refusal:
        moves.advance(found.pk, to=propose.pk, seen_seq=found.seq, by=found.owner, now=AT)
    assert {x.definition.slug for x in refusal.value.open_criteria} == {"wider_audience", "next_step"}
    assert fingerprint() == before
    assert stage_of(found) == "present" and is_proven(company, found)
    assert found.refusals.exists()


def test_marrowfen_is_silent_since_its_offer_and_the_follow_up_is_due(company):
    found = deal("Marrowfen")
    assert stage_of(found) == "propose" and is_proven(company, found)
    assert (company.clock.t - found.awaiting_since.date()).days >= 8
    assert found.last_buyer_activity_at < found.awaiting_since
    assert "review_date" in open_here(company, found)
    task = Task.objects.get(deal=found)
    assert task.due_on <= company.clock.t and task.done_at is None


def test_skarholt_is_re_engaging_and_keeps_its_stage(company):
    found = deal("Skarholt")
    assert found.status == "re_engaging" and stage_of(found) == "discover"
    assert not is_proven(company, found)


def test_brindleby_was_archived_by_the_rule_out_of_offer_and_can_be_undone():
    found = deal("Brindleby")
    row = found.transitions.last()
    assert (found.status, stage_of(found), row.source, row.actor) == ("archived", "offer", "rule", None)
    assert found.loss_reason.name == "Went silent" and found.loss_reason.by_rule
    moves.undo(found.pk, seen_seq=found.seq, by=found.owner, now=AT)
    assert deal("Brindleby").status == "re_engaging"


def test_tarnwick_waits_for_more_people_and_how_they_choose(company):
    found = deal("Tarnwick")
    assert stage_of(found) == "discover" and is_proven(company, found)
    assert open_here(company, found) == {"buying_group", "decision_criteria"}


def test_tarnwicks_buyer_answered_a_recap_by_their_own_link(company):
    recap = deal("Tarnwick").recaps.get()
    assert recap.state == "confirmed" and not recap.address_is_fresh
    assert recap.sent_at < recap.answered_at < AT
    own = deal("Tarnwick").answers.filter(is_current=True, source="buyer")
    assert own.count() == recap.lines.filter(confirmed=True).count() > 1
    assert not Mail.objects.filter(sent_at__isnull=True).exists()


def test_corvendale_passed_by_exception_and_only_claims_its_approval_path(company):
    found = deal("Corvendale")
    assert stage_of(found) == "negotiate"
    assert open_before(company, found) == {"approval_path": "claimed"}
    assert not is_proven(company, found)
    row = found.transitions.latest("seq")
    assert (row.kind, row.actor.name, row.approver.name) == ("exception", "Tom Averell", "Ruth Adelmar")
    exception = found.exceptions.get()
    assert (exception.state, exception.reason) == ("granted", row.reason)
    waived = exception.waived.get().criterion
    assert waived.slug == "approval_path"
    assert found.exception_until == exception.expires_on == company.clock.t + timedelta(days=8)


def test_four_deals_are_let_pass_by_exception_three_of_them_toms(company):
    live = GateException.objects.filter(state="granted", ended_at__isnull=True).order_by("asked_by__name")
    assert [each.asked_by.name for each in live] == ["Mara Kessel"] + ["Tom Averell"] * 3
    for each in live:
        assert each.expires_on >= company.clock.t and each.decided_by.name == "Ruth Adelmar"
        assert each.deal.exception_until == each.expires_on and not is_proven(company, each.deal)
        assert set(open_before(company, each.deal)) == {"approval_path"}
    tom = company.people["tom"]
    with pytest.raises(moves.MissingInput, match="3 exceptions open"):
        found = Deal.objects.open().filter(owner=tom, stage__slug="discover").first()
        exceptions.ask(found.pk, to=found.pipeline.stages.get(slug="propose").pk, seen_seq=found.seq, by=tom,
                       reason="One more, since three went so well so far.", now=AT)  # fmt: skip


def test_wexholm_is_won_with_two_fields(company):
    found = deal("Wexholm")
    assert stage_of(found) == "close" and is_proven(company, found)
    assert open_here(company, found) == {"signed_agreement", "implementation_date"}


def test_lorvane_was_won_four_days_ago_with_its_agreement_attached(company):
    found = deal("Lorvane")
    assert found.status == "won" and stage_of(found) == "close"
    assert (company.clock.t - found.closed_at.date()).days in range(4, 7)
    assert found.attachments.filter(name__startswith="Order form").get().content_type == "application/pdf"


def test_kestermont_came_with_the_import_and_its_signer_is_contested(company):
    found = deal("Kestermont")
    assert [row.kind for row in found.transitions.all()] == ["create", "import", "back"]
    assert stage_of(found) == "discover" and found.landed_in.slug == "propose"
    assert open_before(company, found) == {"economic_buyer": "claimed"}
    assert found.next_step_on < company.clock.t and not is_proven(company, found)


def test_fenlark_is_claimed_because_its_budget_proof_is_too_old(company):
    found = deal("Fenlark")
    assert stage_of(found) == "negotiate"
    assert open_before(company, found) == {"budget_access": "lapsed"}
    assert not is_proven(company, found)


def test_fenlark_is_solid_again_with_one_tap(company):
    found = deal("Fenlark")
    budget = f.criterion_of(found.pipeline, "budget_access")
    yesterday = found.activities.first()
    answers.still_true(found.pk, budget.pk, activity_id=yesterday.pk, by=found.owner, now=AT)
    assert is_proven(company, deal("Fenlark"))


def test_dunmarrow_waits_for_our_own_approvals(company):
    found = deal("Dunmarrow")
    assert stage_of(found) == "negotiate" and is_proven(company, found)
    assert open_here(company, found) == {"our_approvals"}
    (late,) = [row for row in found.approvals.filter(decision="pending") if row.is_late(company.clock.t)]
    assert late.approver.name == "Hugo Lenzmar" and late.escalated_at is not None


def test_two_approvals_wait_for_legal_and_one_of_them_is_late(company):
    waiting = list(approvals.waiting_for(company.people["hugo"]))
    assert [row.is_late(company.clock.t) for row in waiting] == [True, False]


def test_deals_in_negotiation_had_objections_that_were_answered(company):
    assert set(deal("Dunmarrow").objections.values_list("status", flat=True)) == {"accepted"}
    assert deal("Sundermark").objections.get().status == "answered"


def test_sundermark_waits_for_the_buyers_yes_to_the_summary_alone(company):
    found = deal("Sundermark")
    present = found.pipeline.stages.get(slug="present")
    judgement = reading(company, found).for_move(present.pk)
    assert [(x.definition.slug, x.state) for x in judgement.open] == [("need_summary", "claimed")]
    assert is_proven(company, found)


TWELVE = [
    "Vellgrove", "Marrowfen", "Skarholt", "Brindleby", "Tarnwick", "Corvendale", "Wexholm", "Lorvane", "Kestermont",
    "Fenlark", "Dunmarrow", "Sundermark",
]  # fmt: skip


def test_the_twelve_add_up_to_what_the_presenter_says(company):
    found = [deal(name) for name in TWELVE]
    in_pipeline = [each for each in found if each.status == "open"]
    assert sum(each.amount for each in in_pipeline) == 1_377_000
    assert sum(each.amount for each in in_pipeline if is_proven(company, each)) == 1_169_000


def test_the_process_went_through_three_versions(company):
    versions = Pipeline.objects.get(slug="new-business").versions.order_by("number")
    assert [(company.clock.t - each.published_at.date()).days for each in versions] == [540, 330, 150]
    asked = {each.slug for each in company.processes.now("new-business").criteria_of_all()}
    assert "economic_buyer_engaged" in asked and "value_agreed" not in asked


def test_both_processes_were_reviewed_in_this_quarter(company):
    due = [reviews.due_on(pipeline) for pipeline in Pipeline.objects.all()]
    assert len(due) == 2 and min(due) > company.clock.t + timedelta(days=30)


def open_money(deals):
    return deals.open().filter(counts_as_pipeline=True).aggregate(money=Sum("amount_base"))["money"]


def test_three_quarters_of_the_open_money_is_proven(company):
    grace = grace_date(company.clock.t, Organisation.current())
    claimed, proven = open_money(Deal.objects), open_money(Deal.objects.proven(company.clock.t, grace))
    assert 5_300_000 < claimed < 5_600_000
    assert 0.72 < proven / claimed < 0.76
    live = Deal.objects.open().values_list("pipeline__slug").annotate(count=Count("pk"))
    assert dict(live) == {"new-business": 96, "small-sites": 54}
    assert Deal.objects.filter(status="re_engaging").count() == 11


def test_six_hundred_deals_were_closed_as_the_presenter_says():
    closed = Deal.objects.exclude(status__in=["open", "re_engaging"])
    disqualified = closed.filter(loss_reason__disqualifies=True).count()
    by_status = dict(closed.values_list("status").annotate(count=Count("pk")))
    assert disqualified == 90
    assert by_status == {"won": 138, "lost": 262 + 90, "archived": 110}
    assert closed.filter(loss_reason__name="Went silent").count() == 80
    assert closed.filter(loss_reason__name="No decision").count() == 81


def test_an_audience_of_one_is_what_stops_most_deals_at_present(company):
    wider = f.criterion_of(deal("Vellgrove").pipeline, "wider_audience").pk
    stops = GateRefusal.objects.filter(from_stage__slug="present")[:15]
    assert sum(wider in stop.criteria for stop in stops) == 11
    assert GateRefusal.objects.filter(from_stage__slug="present").count() > GateRefusal.objects.count() / 3


def test_what_is_stored_on_every_live_deal_is_what_its_answers_say(company):
    for found in Deal.objects.live().select_related("pipeline__version"):
        derived = counts.of_reading(Reading(found, process_of(found.pipeline), company.clock.t))
        assert {name: getattr(found, name) for name in derived} == derived, found.name


def test_every_deal_stands_where_its_ledger_says_and_the_chain_is_whole():
    assert not list(broken_rows(Transition.objects.order_by("deal", "seq")))
    last = Transition.objects.filter(seq=F("deal__seq"))
    assert last.filter(to_stage=F("deal__stage"), to_status=F("deal__status")).count() == Deal.objects.count()


def test_nobody_is_silent_longer_than_the_rules_allow(company):
    """The first tick after the demo was made must not sweep half of it away."""
    month_ago = company.clock.exactly(-29)
    assert not Deal.objects.open().filter(last_buyer_activity_at__lt=month_ago).exists()
    assert not Deal.objects.open().filter(awaiting_since__lt=company.clock.exactly(-13)).exists()


def test_nothing_lies_in_the_future_and_buyers_are_never_one_of_us(company):
    assert not Activity.objects.filter(happened_at__gt=AT).exists()
    assert not Transition.objects.filter(happened_at__gt=AT).exists()
    assert not Contact.objects.filter(email__iendswith="@demo.example").exists()


def test_a_replayed_hop_whose_gate_does_not_hold_is_refused(company):
    found = deal("Vellgrove")
    found.last_hash = found.transitions.last().hash
    process = company.processes.now("new-business")
    hop = Hop(found, "advance", AT, company.clock.t, found.owner, process, to=process.stages[4].stage_id)
    before = fingerprint()
    with pytest.raises(moves.GateClosed):
        replay_many([hop])
    assert fingerprint() == before


def test_a_second_demo_changes_nothing(capsys):
    before = fingerprint()
    call_command("demo")
    assert "already there" in capsys.readouterr().out
    assert fingerprint() == before


def test_the_demo_is_not_mixed_with_deals_of_ones_own(company):
    User.objects.filter(email="rep@demo.example").update(email="rep@other.example")
    before = fingerprint()
    with pytest.raises(CommandError, match="of its own"):
        call_command("demo")
    assert fingerprint() == before


def test_eight_months_of_forecast_nights_are_there_but_for_tonights(company):
    days = list(ForecastDay.objects.order_by("day").values_list("day", flat=True))
    assert days == [company.clock.t - timedelta(days=back) for back in range(245, 0, -1)]
    first = ForecastRow.objects.filter(day__day__day=1).values("day").annotate(money=Sum("proven_weighted"))
    assert len(first) == 8 and all(row["money"] > 0 for row in first)
    assert Target.objects.filter(month=company.clock.t.replace(day=1)).count() == 4


def test_what_became_of_deals_by_stage_is_what_a_walk_over_the_ledger_finds(company):
    """One deal after the other, row by row: no statement of the product's is asked."""
    since, until = company.clock.at(-300), company.clock.at(-20)
    position = dict(Stage.objects.values_list("pk", "position"))
    stages, known = {}, {}
    for stage in Stage.objects.all():
        stages.setdefault(stage.pipeline_id, []).append(stage)
    for one in Deal.objects.prefetch_related("transitions"):
        rows = sorted(
            (row for row in one.transitions.all() if row.happened_at < until), key=lambda row: row.seq
        )
        if not rows or rows[-1].to_status not in ("won", "lost", "archived") or rows[-1].happened_at < since:
            continue
        undone = {row.seq - 1 for row in rows if row.kind == "undo"} | {
            r.seq for r in rows if r.kind == "undo"
        }
        seen = [row for row in rows if row.seq not in undone and not (row.kind == "create" and row.batch)]
        depth = [position[row.to_stage_id] for row in seen]
        for stage in stages[one.pipeline_id]:
            if min(depth) <= stage.position <= max(depth):
                ended, won = known.get(stage.pk, (0, 0))
                known[stage.pk] = ended + 1, won + (rows[-1].to_status == "won")
    found = history.count(since, until)
    assert {stage: (record.ended, record.won) for stage, record in found.items()} == known and len(
        known
    ) == 11


def test_competitors_took_the_deals_the_company_says(company):
    """21, 15 and 11 of the 47 that were lost to one; each loss names whom its note names."""
    taken = Rivalry.objects.filter(state=Rivalry.State.LOST_TO).values_list("competitor__name")
    assert dict(taken.annotate(Count("pk"))) == {"Pelloran": 21, "Hydrovane Nord": 15, "Metrisk": 11}
    assert Rivalry.objects.filter(state=Rivalry.State.LOST_TO).exclude(deal__status="lost").count() == 0
    assert Rivalry.objects.filter(deal__status="open").count() >= 10


def test_the_bridge_since_last_weeks_monday_shows_life_and_adds_up(company):
    lens = Lens.from_query(User.objects.get(email="admin@demo.example"), {}, company.clock.at(0, 12))
    data = changed.of(lens)
    assert data.since == company.clock.t - timedelta(days=company.clock.t.weekday() + 7)
    assert {"new", "proven", "up", "down", "date_past", "re_engaging", "won"} <= {
        part.key for part in data.parts
    }
    assert data.start and data.end == headline.of(lens).proven
    assert data.pushes and data.slipped_count


LIVE = {"open", "paused", "re_engaging"}


@pytest.fixture
def lens(company):
    """Eighteen months of the company, through the eyes of who sees all."""
    boss = User.objects.get(email="admin@demo.example")
    return Lens(boss, AT, "own", AT.date() - timedelta(days=560), AT.date())


def one(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchone()


def test_win_rate_and_close_rate_are_those_of_the_company_and_of_plain_sql(lens):
    marks = ", ".join(map(str, qualifying_ids(lens)))
    won, closed = one(
        "SELECT SUM(CASE WHEN status = 'won' THEN 1 ELSE 0 END), COUNT(*) FROM deals_deal d"
        " WHERE status IN ('won', 'lost', 'archived') AND EXISTS"
        f" (SELECT 1 FROM deals_transition t WHERE t.deal_id = d.id AND t.to_stage_id IN ({marks}))"
    )
    qualified, ended = cohorts.cohorts(lens).qualified, closing.ended(lens)
    assert (qualified.won, qualified.closed) == (won, closed) == (138, 480)
    assert (ended.won, ended.lost, ended.disqualified, ended.archived) == (138, 262, 90, 110)
    assert (round(qualified.win_rate, 1), round(ended.close_rate, 1)) == (28.8, 34.5)


def test_value_and_cycle_are_those_of_plain_sql(lens):
    (value,) = one("SELECT SUM(amount_base) / COUNT(*) FROM deals_deal WHERE status = 'won'")
    assert float(closing.ended(lens).value) == pytest.approx(float(value))
    days = [(each.closed_at - each.created_at).days for each in Deal.objects.filter(status="won")]
    found = closing.cycle(lens)
    assert (found.median, found.mean) == (median(days), pytest.approx(mean(days)))


def test_leads_and_opportunities_are_those_of_plain_sql(lens):
    marks = ", ".join(map(str, qualifying_ids(lens)))
    begun, qualified = one(
        "SELECT COUNT(*), SUM(CASE WHEN EXISTS (SELECT 1 FROM deals_transition t WHERE t.deal_id = d.id"
        f" AND t.kind <> 'undo' AND t.to_stage_id IN ({marks})) THEN 1 ELSE 0 END) FROM deals_deal d"
    )
    assert six.measured(lens)["lead_to_opportunity"][1] == (qualified, begun)


def test_losses_are_those_of_the_company(lens):
    found = {each.reason: each.count for each in closing.losses(lens)}
    assert found == {
        "No decision": 81, "Signer never involved": 52, "Lost to a competitor": 47, "Price": 31, "Timing moved": 28,
        "Missing capability": 15, "Lost to doing it themselves": 8,
    }  # fmt: skip
    assert closing.silent(lens) == 80
    for name, count in found.items():
        reason = LossReason.objects.get(name=name)
        assert losses.PANEL.behind["lost"].deals(lens, str(reason.pk)).count() == count


def test_every_deal_has_a_type_and_they_are_told_apart_by_it(lens):
    parts = {
        part.key: part.ended for turn in winloss.of(lens).turns if turn.by == "type" for part in turn.parts
    }
    assert set(parts) == {"New customer", "Extension"} and all(ended.won for ended in parts.values())
    assert not Deal.objects.filter(deal_type="").exists()
    extended, known = one(
        "SELECT SUM(CASE WHEN deal_type = 'Extension' THEN 1 ELSE 0 END), COUNT(*) FROM deals_deal"
        " WHERE lead_source = 'Existing customer'"
    )
    assert extended == known


def test_competitors_are_those_of_the_company(lens):
    found = {each.name: each.lost_to for each in rivals.rivals(lens)}
    assert found == {"Pelloran": 21, "Hydrovane Nord": 15, "Metrisk": 11}


def test_present_leaks_most_and_what_is_open_there_is_named(lens):
    data = leak.of(lens)
    assert data.worst.step.name == "Present"
    assert (data.stops.n, data.stops.of) == (11, 15)


def test_conversion_and_time_are_what_a_walk_over_the_ledger_finds(lens):
    """Deal by deal in Python, from the rows as they are."""
    place = {step.id: (step.pipeline.pk, step.index) for step in steps(lens)}
    reached, moved, days = {}, {}, {}
    for deal in Deal.objects.prefetch_related("transitions"):
        rows = sorted(deal.transitions.all(), key=lambda row: row.seq)
        undone = {row.seq - 1 for row in rows if row.kind == "undo"}
        rows = [row for row in rows if row.kind != "undo" and row.seq not in undone]
        rows = rows[1:] if deal.landed_in_id else rows
        seen = {pk for row in rows for pk in (row.to_stage_id, *row.passed)}
        furthest = max(place[pk][1] for pk in seen)
        for pk in seen:
            reached[pk] = reached.get(pk, 0) + 1
            moved[pk] = moved.get(pk, 0) + (place[pk][1] < furthest or deal.status == "won")
        _walk(lens, rows, days)
    found = cohorts.cohorts(lens)
    assert {step.id: found.stage(step.id).reached for step in steps(lens)} == reached
    assert {step.id: found.stage(step.id).moved for step in steps(lens)} == moved
    times = stays.stays(lens)
    assert {pk: sorted(counts.items()) for pk, counts in days.items()} == {
        pk: sorted(stay.days.items()) for pk, stay in times.items() if stay.days
    }


def _walk(lens, rows, days):
    """Adds the calendar days of stays that ended with a move onward, pauses taken out."""
    since, paused, waiting = _day(lens, rows[0]), 0, None
    for before, row in zip(rows, rows[1:], strict=False):
        if waiting is not None:
            paused, waiting = paused + (_day(lens, row) - waiting).days, None
        if row.kind == "pause":
            waiting = _day(lens, row)
        if row.to_stage_id == before.to_stage_id and {row.to_status, before.to_status} <= LIVE:
            continue
        if row.kind in ("advance", "exception", "win"):
            stay = days.setdefault(before.to_stage_id, {})
            length = max(0, (_day(lens, row) - since).days - paused)
            stay[length] = stay.get(length, 0) + 1
        since, paused = _day(lens, row), 0


def _day(lens, row):
    return local_date(row.happened_at, lens.organisation)
