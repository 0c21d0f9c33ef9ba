"""Deals whose silence is told in days, for tests of what happens when nobody acts."""

from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from django.utils import timezone

from automations.sweep import sweep
from deals import activities
from deals.models import Firing
from pipeline.documents import read
from pipeline.loading import TEMPLATES, load
from team.memory import remembered
from team.models import Organisation

from . import factories as f

MONDAY = datetime(2026, 11, 2, 10, tzinfo=ZoneInfo("UTC"))


def seven_stages(**organisation):
    """The default process with its three rules, in an organisation without holidays unless told."""
    Organisation.current()
    Organisation.objects.update(**organisation) if organisation else None
    admin = f.make_admin()
    pipeline = load(_seven(), by=admin, owner=admin)
    return type(pipeline).objects.get(pk=pipeline.pk)


@cache
def _seven():
    return read(TEMPLATES / "b2b-seven-stages.toml")


@remembered()
def quiet_deal(pipeline, at=MONDAY, **fields):
    """A deal made at that moment, with a contact and nothing heard from them."""
    from deals import moves

    owner = fields.pop("owner", None) or f.make_user()
    company = fields.pop("company", None) or f.make_company()
    deal = moves.create(
        by=None, pipeline=pipeline, name=company.name, company=company, owner=owner,
        team=owner.teams.first(), amount=fields.pop("amount", 50_000), now=at, **fields,
    )  # fmt: skip
    f.make_contact(company)
    return deal


@remembered()
def proposal(deal, at=MONDAY, **fields):
    """A proposal is sent, which expects an answer."""
    return activities.log(
        deal.pk, by=deal.owner, kind="proposal", happened_at=at, expects_answer=True, now=at, **fields
    )


@remembered()
def reply(deal, at, **fields):
    """The buyer writes."""
    contact = deal.company.contacts.first()
    fields.setdefault("kind", "email")
    fields.setdefault("direction", "in")
    return activities.log(deal.pk, by=deal.owner, happened_at=at, attendees=[contact], now=at, **fields)


def last_day(count):
    """So many re-engaging deals that are due to be archived at `now`; returns (deals, now)."""
    from pipeline.publishing import publish

    pipeline, now, owner = f.make_pipeline(), timezone.now(), f.make_user()
    pipeline.rules.filter(key="re_engage").update(window_days=8)
    publish(pipeline, by=pipeline.process_owner, note="a window for the attempt")
    deals = [quiet_deal(pipeline, at=now - timedelta(days=40), owner=owner) for _number in range(count)]
    sweep(now - timedelta(days=8))
    rules = {deal.next_due_rule.action for deal in type(deals[0]).objects.filter(status="re_engaging")}
    assert rules == {"archive"}
    return deals, now


def midnight(day, zone="UTC"):
    return datetime.combine(day, time(0), tzinfo=ZoneInfo(zone))


def days(count, start=MONDAY):
    return start + timedelta(days=count)


def swept(at):
    return sweep(at)


def fired(deal):
    """[(key, day it fired)] in order."""
    rows = Firing.objects.filter(deal=deal).order_by("fired_at", "pk")
    return [(row.key, row.fired_at.date()) for row in rows]
