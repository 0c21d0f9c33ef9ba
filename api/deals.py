"""Deals: listed, made, changed, answered for; their files."""

from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Query, UploadedFile

from deals import answers as answering_deals
from deals import edits
from deals.evidence.judging import House
from deals.forms import Malformed
from deals.intake import NewDealForm
from deals.models import Company, Deal, Source
from deals.views.access import RELATED, editable_deal
from deals.views.files import store
from pipeline.process import process_of
from team.calendar import grace_date, local_date
from team.digits import number_in
from team.models import Organisation

from . import answering, bodies, fields, paging, shapes
from .door import operation, seen_rev
from .lists import DealFilters, listed

# what a body calls a field -> the field on the deal's page, and its column there
COLUMNS = {
    "name": ("name", "name"),
    "next_step": ("next_step", "next_step"),
    "next_step_on": ("next_step", "next_step_on"),
    "amount": ("amount", "amount"),
    "currency": ("amount", "currency"),
    "expected_close": ("expected_close", "expected_close"),
    "discount_percent": ("discount", "discount_percent"),
    "probability": ("own_probability", "probability_override"),
    "deal_type": ("type", "deal_type"),
    "lead_source": ("source", "lead_source"),
    "goals": ("goals", "goals"),
    "commitments": ("promises", "commitments"),
    "owner_id": ("owner", "owner"),
    "next_owner_id": ("next_owner", "next_owner"),
}


def told_deals():
    """Deals with all that the API tells of them, by one statement."""
    organisation = Organisation.current()
    today = local_date(timezone.now(), organisation)
    deals = Deal.objects.with_proven(today, grace_date(today, organisation))
    return deals.select_related(*RELATED, "stage")


def as_told(deal_id):
    return shapes.Deal.of(told_deals().get(pk=deal_id))


class Deals(listed(shapes.Deal)):
    """Deals you may see."""


@operation("GET", "/deals", Deals, tag="Deals")
def list_deals(request, asked: Query[DealFilters]):
    """Deals you may see, in the order they came in."""
    found = (
        told_deals()
        .filter(pk__in=Deal.objects.visible_to(request.user))
        .filter(_narrowed(asked, request.user))
    )
    return Deals(**paging.page(found, asked.cursor, asked.limit, shapes.Deal.of))


def _narrowed(asked, user):
    found = Q()
    if asked.q.strip():
        found &= Q(name__icontains=asked.q.strip()) | Q(company__name__icontains=asked.q.strip())
    if asked.pipeline:
        found &= Q(pipeline__slug=asked.pipeline)
    if asked.stage:
        found &= Q(stage=asked.stage)
    if asked.status:
        found &= Q(status=asked.status)
    if asked.owner:
        found &= Q(owner=user.pk if asked.owner == "me" else int(asked.owner))
    return found


@operation("POST", "/deals", shapes.Deal, status=201, tag="Deals")
def create_deal(request, body: bodies.NewDeal):
    """A new deal, in the first stage of its pipeline."""
    company = get_object_or_404(Company, pk=body.company_id, merged_into=None) if body.company_id else None
    form = NewDealForm(request.user, _typed_deal(body, company))
    pipeline = form.fields["pipeline"]
    pipeline.to_field_name = "slug"
    there_are = ", ".join(pipeline.queryset.values_list("slug", flat=True))
    pipeline.error_messages["invalid_choice"] = _("There is no such pipeline. There are: %s.") % there_are
    refuse_unfit(form, {"owner": "owner_id", "team": "team_id"})
    deal = form.save(company=company, source=Source.API)
    return as_told(deal.pk)


def _typed_deal(body, company):
    sent = body.model_dump(exclude={"company_id", "owner_id", "team_id"}, exclude_none=True)
    sent |= {"owner": body.owner_id or "", "team": body.team_id or ""}
    if company:
        sent["company"] = company.name
    return sent | {name: typed(value) for name, value in sent.items() if name in ("amount", "next_step_on")}


def typed(value):
    """A value as somebody would type it."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return "" if value is None else str(value)


def refuse_unfit(form, names=()):
    """Unfit with the messages of a form that is not valid."""
    if not form.is_valid():
        names = dict(names)
        raise edits.Unfit({names.get(name, name): " ".join(texts) for name, texts in form.errors.items()})


@operation("GET", "/deals/{int:deal_id}", shapes.Deal, tag="Deals")
def read_deal(request, deal_id: int):
    """One deal."""
    visible = Deal.objects.visible_to(request.user)
    return shapes.Deal.of(get_object_or_404(told_deals().filter(pk__in=visible), pk=deal_id))


@operation("PATCH", "/deals/{int:deal_id}", shapes.Deal, tag="Deals")
def change_deal(request, deal_id: int, body: bodies.DealChange):
    """Change what a deal says of itself: all fields sent, or none. Where it stands changes by moves alone."""
    deal = editable_deal(request, deal_id)
    rev = seen_rev(request, body)
    given = body.model_dump(exclude={"rev"}, exclude_unset=True)
    if not given:
        raise Malformed("Send at least one field.")
    edits.change_all(deal.pk, _by_field(deal, given), by=request.user, rev=number_in(rev))
    return as_told(deal.pk)


def _by_field(deal, given):
    """{field of the page: {column: text}}; columns of a field that were not sent keep what the deal says."""
    found = {}
    for name, value in given.items():
        field, column = COLUMNS[name]
        if field not in found:
            found[field] = {other: edits.plain(deal, other) for other in edits.FIELDS[field]}
        found[field][column] = typed(value)
    return found


@operation("POST", "/deals/{int:deal_id}/answers", shapes.Answered, tag="Deals")
def answer(request, deal_id: int, body: bodies.Answers):
    """Answer criteria without moving. A correction is sent the same way; the old answer stays in the history."""
    deal = editable_deal(request, deal_id)
    process = process_of(deal.pipeline)
    given = answering.submission(body).given(process)
    answering.check_files(deal, body)
    changed, reading = answering_deals.save(deal.pk, given, by=request.user, source=Source.API)
    return left_open(changed, reading)


def left_open(deal, reading):
    found = fields.findings(reading.here(), reading.process, House.current())
    return shapes.Answered(deal=deal.pk, rev=str(deal.rev), seq=deal.seq, criteria=found)


@operation("POST", "/deals/{int:deal_id}/files", shapes.File, status=201, tag="Deals")
def add_file(request, deal_id: int, file: File[UploadedFile]):
    """Put a file on the deal, as multipart/form-data. Answers name it as file_id."""
    deal = editable_deal(request, deal_id)
    if unknown := {*request.POST, *request.FILES} - {"file"}:
        raise Malformed(f"There is no field {min(unknown)[:60]}.")
    with transaction.atomic():
        stored = store(deal, file, request.user)
    names = ["name", "content_type", "size", "sha256"]
    return shapes.File(id=stored.pk, **{name: getattr(stored, name) for name in names})
