"""Companies and contacts: the address book that everybody here shares."""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.forms.models import model_to_dict
from django.shortcuts import get_object_or_404
from ninja import Query

from deals.edits import Unfit
from deals.models import Company, Contact
from deals.people.address_book import CompanyForm, ContactForm

from . import bodies, paging, shapes
from .deals import refuse_unfit, typed
from .door import operation, seen_rev
from .errors import StaleRow
from .lists import ContactFilters, Named, listed


def rev_of(row, form):
    """The state of a row, in a word: of exactly what its form shows."""
    shown = model_to_dict(row, form.base_fields)
    return hashlib.sha256(json.dumps(shown, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()[:16]


def company_told(company):
    names = ["id", "name", "domain", "industry", "country", "employees", "note", "created_at"]
    told = {name: getattr(company, name) for name in names}
    return shapes.Company(**told, rev=rev_of(company, CompanyForm), merged_into=company.merged_into_id)


def contact_told(contact):
    names = ["id", "name", "job_title", "email", "phone", "left_at", "created_at"]
    told = {name: getattr(contact, name) for name in names}
    company = shapes.Ref.of(contact.company)
    rev = rev_of(contact, ContactForm)
    return shapes.Contact(**told, company=company, rev=rev, merged_into=contact.merged_into_id)


class Companies(listed(shapes.Company)):
    """Companies in use."""


@operation("GET", "/companies", Companies, tag="Companies and contacts")
def list_companies(request, asked: Query[Named]):
    """Companies in use; "q" looks in name and web domain."""
    rows = Company.objects.filter(merged_into=None)
    if asked.q.strip():
        rows = rows.filter(Q(name__icontains=asked.q.strip()) | Q(domain__icontains=asked.q.strip()))
    return Companies(**paging.page(rows, asked.cursor, asked.limit, company_told))


@operation("POST", "/companies", shapes.Company, status=201, tag="Companies and contacts")
def create_company(request, body: bodies.NewCompany):
    """A new company."""
    form = CompanyForm(_typed(body.model_dump()))
    refuse_unfit(form)
    return company_told(form.save())


@operation("GET", "/companies/{int:company_id}", shapes.Company, tag="Companies and contacts")
def read_company(request, company_id: int):
    """One company; a merged one says into which."""
    return company_told(get_object_or_404(Company, pk=company_id))


@operation("PATCH", "/companies/{int:company_id}", shapes.Company, tag="Companies and contacts")
def change_company(request, company_id: int, body: bodies.CompanyChange):
    """Change a company: what is left out stays."""
    rows = Company.objects.select_for_update(of=("self",))
    return company_told(_changed(request, get_object_or_404(rows, pk=company_id), CompanyForm, body))


class Contacts(listed(shapes.Contact)):
    """Contacts in use."""


@operation("GET", "/contacts", Contacts, tag="Companies and contacts")
def list_contacts(request, asked: Query[ContactFilters]):
    """People of the companies; "q" looks in name and address."""
    rows = Contact.objects.filter(merged_into=None).select_related("company")
    if asked.company:
        rows = rows.filter(company=asked.company)
    if asked.q.strip():
        rows = rows.filter(Q(name__icontains=asked.q.strip()) | Q(email__icontains=asked.q.strip()))
    return Contacts(**paging.page(rows, asked.cursor, asked.limit, contact_told))


@operation("POST", "/contacts", shapes.Contact, status=201, tag="Companies and contacts")
def create_contact(request, body: bodies.NewContact):
    """A new contact at a company."""
    company = Company.objects.filter(pk=body.company_id, merged_into=None).first()
    if company is None:
        raise Unfit({"company_id": "Choose a company of the address book."})
    form = ContactForm(_typed(body.model_dump(exclude={"company_id"})), instance=Contact(company=company))
    refuse_unfit(form)
    return contact_told(form.save())


@operation("GET", "/contacts/{int:contact_id}", shapes.Contact, tag="Companies and contacts")
def read_contact(request, contact_id: int):
    """One contact."""
    return contact_told(get_object_or_404(Contact.objects.select_related("company"), pk=contact_id))


@operation("PATCH", "/contacts/{int:contact_id}", shapes.Contact, tag="Companies and contacts")
def change_contact(request, contact_id: int, body: bodies.ContactChange):
    """Change a contact: what is left out stays. Deals that rest on them are judged anew at once."""
    rows = Contact.objects.select_for_update(of=("self",)).select_related("company")
    return contact_told(_changed(request, get_object_or_404(rows, pk=contact_id), ContactForm, body))


def _changed(request, row, form_class, body):
    """The row, locked, with what was sent; StaleRow where it is not what the sender saw."""
    if seen_rev(request, body) != (rev := rev_of(row, form_class)):
        raise StaleRow(rev)
    sent = body.model_dump(exclude={"rev"}, exclude_unset=True)
    form = form_class(_typed(model_to_dict(row, form_class.base_fields) | sent), instance=row)
    refuse_unfit(form)
    return form.save_changes()


def _typed(values):
    return {name: typed(value) for name, value in values.items()}
