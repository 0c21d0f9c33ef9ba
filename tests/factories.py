"""Facts for tests, as plain functions. Everything goes through the doors the product itself uses.

Who reads the organisation's settings more than once reads them once, as a request does.
"""

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from deals import activities, moves, recaps
from deals.answers import Given
from deals.answers import save as save_answers
from deals.approving import approvals
from deals.gate import needs_answer
from deals.locking import locked_deal
from deals.models import (
    Approval,
    CoachingNote,
    Company,
    Contact,
    Contradiction,
    Deal,
    LossReason,
    MailDraft,
    Objection,
    Stakeholder,
    StakeholderRole,
)
from deals.settle import settle
from pipeline.models import Criterion, Pipeline, Rule, Stage
from pipeline.process import process_of
from pipeline.publishing import publish
from pipeline.vocabulary import Evidence, Kind, RuleAction, RuleTrigger
from team.memory import remembered
from team.models import Level, Role, Team, User

_count = itertools.count(1)
PASSWORD = "correct-horse-battery"


def make_team(name="North"):
    return Team.objects.get_or_create(name=name)[0]


def make_user(name="Mara Kessel", level=Level.REP, team="North", **fields):
    email = fields.pop("email", f"{name.split()[0].lower()}{next(_count)}@seller.example")
    user = User.objects.create_user(email, fields.pop("password", None), name=name, level=level, **fields)
    if team:
        user.teams.add(make_team(team))
    return user


def make_manager(name="Ruth Adelmar", **fields):
    return make_user(name, Level.MANAGER, **fields)


def make_admin(name="Sofia Brandvik", **fields):
    return make_user(name, Level.ADMIN, **fields)


def make_role(name="Account executive"):
    return Role.objects.get_or_create(slug=name.lower().replace(" ", "-"), defaults={"name": name})[0]


# stage name -> criteria as (slug, kind, columns)
SIMPLE = {
    "Qualify": [
        ("problem", Kind.TEXT, {"evidence": Evidence.WORDS, "core": True}),
        ("budget", Kind.MONEY, {"evidence": Evidence.WHO, "expires_after_days": 90}),
    ],
    "Discover": [("summary", Kind.FILE_OR_LINK, {"evidence": Evidence.OWN})],
    "Propose": [
        ("review", Kind.DATE, {"evidence": Evidence.WHO, "future": True}),
        ("next_step", Kind.NEXT_STEP, {"evidence": Evidence.WHO}),
    ],
    "Close": [("signed", Kind.FILE_OR_LINK, {"evidence": Evidence.FILE, "with_date": True})],
}
OPEN_GATES = {"Qualify": [], "Discover": [], "Propose": [], "Close": []}


def make_pipeline(name=None, stages=None, owner=None, **fields):
    """A published pipeline. `stages`: {name: [(slug, kind, columns)]}; a stage's qualifying order is as given."""
    name = name or f"Sale {next(_count)}"
    owner = owner or User.objects.filter(level=Level.ADMIN).first() or make_admin()
    slug = name.lower().replace(" ", "-")
    pipeline = Pipeline.objects.create(slug=slug, name=name, process_owner=owner, **fields)
    add_stages(pipeline, stages or SIMPLE)
    add_rules(pipeline)
    publish(pipeline, by=owner, note="first")
    return Pipeline.objects.get(pk=pipeline.pk)


def add_stages(pipeline, stages):
    role = make_role()
    rows = [_stage(pipeline, name, position, owner_role=role) for position, name in enumerate(stages, 1)]
    Stage.objects.bulk_create(rows)
    asked = zip(rows, stages.values(), strict=True)
    Criterion.objects.bulk_create(row for stage, criteria in asked for row in _criteria(stage, criteria))


def add_stage(pipeline, name, position, criteria=(), **fields):
    stage = _stage(
        pipeline, name, position, owner_role=fields.pop("owner_role", None) or make_role(), **fields
    )
    stage.save(force_insert=True)
    Criterion.objects.bulk_create(_criteria(stage, criteria))
    return stage


def _stage(pipeline, name, position, **fields):
    return Stage(
        pipeline=pipeline,
        slug=name.lower().replace(" ", "-"),
        name=name,
        position=position,
        objective=f"What {name} is for.",
        buyer_action=f"Did what {name} waits for.",
        probability=min(position * 20, 95),
        qualifies=position == 2,
        **fields,
    )


def _criteria(stage, criteria):
    rows = enumerate(criteria, 1)
    return [_criterion(stage, slug, kind, position=order, **columns) for order, (slug, kind, columns) in rows]


def add_criterion(stage, slug, kind, **columns):
    criterion = _criterion(stage, slug, kind, **columns)
    criterion.save(force_insert=True)
    return criterion


def _criterion(stage, slug, kind, **columns):
    columns.setdefault("label", f"The buyer confirmed {slug.replace('_', ' ')}")
    columns.setdefault("verification", "By the conversation it came from")
    return Criterion(stage=stage, slug=slug, kind=kind, **columns)


def add_rules(pipeline):
    silent, quiet = RuleTrigger.NO_RESPONSE, RuleTrigger.NO_ACTIVITY
    rows = [
        ("follow_up", silent, 5, True, RuleAction.TASK),
        ("re_engage", silent, 14, False, RuleAction.RE_ENGAGE),
        ("archive", quiet, 30, False, RuleAction.ARCHIVE),
    ]
    Rule.objects.bulk_create(
        Rule(pipeline=pipeline, key=key, trigger=trigger, days=days, business_days=business, action=action)
        for key, trigger, days, business, action in rows
    )


def stage_of(pipeline, name):
    return pipeline.stages.get(name=name)


def criterion_of(pipeline, slug):
    return Criterion.objects.get(stage__pipeline=pipeline, slug=slug)


def make_company(name=None):
    return Company.objects.create(name=name or f"Vellgrove {next(_count)}")


def make_contact(company, name="Lena Vossberg", email=None, **fields):
    address = f"{name.split()[0].lower()}{next(_count)}@buyer.example" if email is None else email
    return Contact.objects.create(company=company, name=name, email=address, **fields)


@remembered()
def make_deal(pipeline=None, owner=None, stage=None, **fields):
    """A deal made through the door; `stage` walks it there by answering every gate on the way."""
    pipeline = pipeline or Pipeline.objects.active().first() or make_pipeline()
    owner = owner or User.objects.filter(level=Level.REP).first() or make_user()
    company = fields.pop("company", None) or make_company()
    deal = moves.create(
        by=None,
        pipeline=pipeline,
        name=fields.pop("name", company.name),
        company=company,
        owner=owner,
        team=fields.pop("team", None) or owner.teams.first(),
        amount=fields.pop("amount", Decimal(86000)),
        **fields,
    )
    return walk_to(deal, stage) if stage else deal


@remembered()
def next_step(deal, days=7, text="Go through the offer"):
    """Give the deal a next step without anybody having agreed to it."""
    deal.next_step, deal.next_step_on = text, today() + timedelta(days=days)
    deal.save(update_fields=["next_step", "next_step_on"])
    resettle(deal)
    deal.refresh_from_db()
    return deal


@remembered()
def log_call(deal, contact=None, days_ago=0, by=None, **fields):
    contact = contact or deal.company.contacts.first() or make_contact(deal.company)
    moment = timezone.now() - timedelta(days=days_ago)
    fields.setdefault("kind", "call")
    return activities.log(deal.pk, by=by, happened_at=moment, attendees=[contact], **fields)


def good_answer(deal, definition, activity=None):
    """A Given that opens the criterion."""
    activity = activity or deal.activities.filter(from_buyer=True).first() or log_call(deal)
    contact = activity.attendees.first()
    item = Given(definition.criterion_id, conversation=str(activity.pk), by=str(contact.pk))
    item.value = _VALUES.get(definition.kind, "yes")
    if definition.kind == Kind.TEXT:
        item.value = f"We lose a shift a month to shutdowns, case {next(_count)}"
    if definition.min_items:
        pains = ["night shutdowns", "disputed water bills", "two days of reporting", "leaks", "stock losses"]
        item.value = "\n".join(pains[: definition.min_items])
    if definition.kind == Kind.DATE:
        item.value = (today() + timedelta(days=10)).isoformat()
    if definition.kind in (Kind.CONTACT, Kind.STAKEHOLDER):
        item.value, item.priority = str(contact.pk), "Payback under 18 months"
    if definition.kind == Kind.NEXT_STEP:
        item.value, item.date = "Go through the offer", (today() + timedelta(days=7)).isoformat()
    if definition.kind == Kind.CHOICE:
        item.value = definition.choice_list[0]
    if definition.evidence in (Evidence.OWN, Evidence.FILE) or definition.kind == Kind.FILE_OR_LINK:
        item.file, item.value = upload(), item.value if definition.kind == Kind.DATE else ""
    if definition.with_date:
        item.date = today().isoformat()
    item.words = "We lose a shift a month" if definition.evidence == Evidence.WORDS else ""
    return item


_VALUES = {Kind.NUMBER: "5", Kind.MONEY: "60-90k", Kind.YES_NO: "yes"}


def upload(name="reply.pdf", content=b"%PDF-1.4 yes, and add the night shift"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content, content_type="application/pdf")


@remembered()
def satisfy(deal, definition):
    """Make a criterion hold, whatever its kind."""
    if definition.kind == Kind.ACTIVITY:
        kinds = [k for k in definition.activity_list if k != "email_in"] or ["meeting"]
        people = [make_contact(deal.company, f"Person {n}") for n in range(definition.min_people or 1)]
        moment = timezone.now()
        activities.log(deal.pk, by=None, kind=kinds[0], happened_at=moment, attendees=people)
        for role in definition.role_list:
            put_in_role(deal, people[0], role)
        return
    if definition.kind == Kind.STAKEHOLDER:
        for role in [*definition.role_list, *filter(None, [definition.must_include])]:
            put_in_role(deal, make_contact(deal.company, f"{role} person"), role)
        for n in range(definition.min_people or 0):
            put_in_role(deal, make_contact(deal.company, f"Other {n}"), "user")
    if definition.kind == Kind.DEAL_FIELD:
        deal.refresh_from_db()
        deal.goals, deal.commitments = "Fewer shutdowns", "No work in August"
        deal.save(update_fields=["goals", "commitments"])
        put_in_role(deal, make_contact(deal.company), "user")
    if definition.kind == Kind.APPROVAL and not definition.needs_buyer:
        return approve(deal, definition)
    if needs_answer(definition) or definition.kind == Kind.APPROVAL:
        save_answers(deal.pk, [good_answer(deal, definition)], by=None)
    else:
        resettle(deal)


@remembered()
def approve(deal, definition):
    """Ask a colleague for each role the criterion names, and let them say yes."""
    for role in definition.role_list or [""]:
        colleague = make_user("Hugo Lenzmar")
        if role:
            colleague.roles.add(make_role(role))
        typed = {"criterion": str(definition.criterion_id), "approver": f"{colleague.pk}:{role}"}
        asked = approvals.ask(deal.pk, typed, by=None)
        approvals.decide(asked.pk, {"decision": "approved"}, by=colleague)


def ask_for(deal, colleague, subject="The final terms", **columns):
    """An approval that waits for this colleague, whatever the process asks."""
    criterion = Criterion.objects.filter(stage=deal.stage_id).first()
    moment = timezone.now()
    return Approval.objects.create(
        deal=deal,
        criterion=criterion,
        side="other",
        approver=colleague,
        subject=subject,
        asked_at=moment,
        **columns,
    )


def make_agreement(deal, contact):
    """(approval asked of the contact, their objection, a note against an answer), put on record as they are."""
    moment, criterion = timezone.now(), Criterion.objects.filter(stage=deal.stage_id).first()
    shared = {"deal": deal, "criterion": criterion}
    approval = Approval.objects.create(
        side="buyer", contact=contact, subject="The final terms", asked_at=moment, **shared
    )
    objection = Objection.objects.create(
        deal=deal, stage_id=deal.stage_id, text="The price is above the budget", raised_at=moment
    )
    note = Contradiction.objects.create(
        text="The register names another signer", source="Trade register", noted_at=moment, **shared
    )
    return approval, objection, note


def make_advice(deal, manager, criterion=None, text="Ask who else has to sign", **fields):
    fields.setdefault("at", timezone.now())
    return CoachingNote.objects.create(deal=deal, criterion=criterion, text=text, by=manager, **fields)


@remembered()
def resettle(deal):
    """Recount a deal whose facts a test wrote directly."""
    with transaction.atomic():
        settle(*locked_deal(deal.pk), timezone.now())
    return fresh(deal)


def put_in_role(deal, contact, role, priority="Payback"):
    stakeholder, _made = Stakeholder.objects.get_or_create(
        deal=deal, contact=contact, defaults={"priority": priority}
    )
    StakeholderRole.objects.get_or_create(stakeholder=stakeholder, role=role)
    return stakeholder


@remembered()
def satisfy_all(deal, criteria):
    for definition in criteria:
        satisfy(deal, definition)
    deal.refresh_from_db()
    return deal


@remembered()
def walk_to(deal, stage_name):
    """Advance gate by gate, answering each, until the deal stands in the stage of that name."""
    process = process_of(Pipeline.objects.get(pk=deal.pipeline_id))
    while process.stage(deal.stage_id).name != stage_name:
        target = process.stage_after(deal.stage_id)
        satisfy_all(deal, process.asked_from(deal.stage_id, target.stage_id))
        moves.advance(deal.pk, to=target.stage_id, seen_seq=deal.seq, by=None)
        deal.refresh_from_db()
    return deal


def make_loss_reason(name="No decision", **fields):
    return LossReason.objects.get_or_create(name=name, defaults=fields)[0]


def today():
    return timezone.now().astimezone(ZoneInfo("UTC")).date()


def at(day, hour=12):
    """An instant at that UTC hour."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("UTC"))


def fresh(deal):
    return Deal.objects.get(pk=deal.pk)


def make_draft(deal, contact=None, **fields):
    """A mail that waits for somebody of us to send it."""
    fields = {
        "subject": "Where do we stand?",
        "body": "Hello,\n\nis it for later?",
        "owner": deal.owner,
    } | fields
    return MailDraft.objects.create(deal=deal, contact=contact, created_at=timezone.now(), **fields)


def send_recap(deal, contact, by=None, now=None, **typed):
    """Send everything a recap can put to the contact. Returns the link's secret, as only the mail knows it."""
    known, made = [], recaps.draft(deal, by)
    statements = {line.criterion_id: line.statement for line in made.lines}
    typed = {"subject": made.subject, "intro": made.intro, "statements": statements} | typed
    form = recaps.Typed(contact=str(contact.pk), **typed)
    link = f"https://crm.example.com{reverse('confirm', args=['SECRET'])}"
    recaps.send(
        deal.pk,
        form,
        by=by or deal.owner,
        link=lambda token: known.append(token) or link.replace("SECRET", token),
        now=now or timezone.now(),
    )
    return known[0]
