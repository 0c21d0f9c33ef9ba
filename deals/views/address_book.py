"""Pages of companies and contacts, and the search that finds everything by name."""

from contextlib import nullcontext

from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from team.toasts import toast

from ..evidence import staleness
from ..models import Activity, Company, Contact, Deal
from ..overview import finding
from ..people import address_book
from ..people.address_book import CompanyForm, ContactForm

FORMS = ["GET", "HEAD", "POST"]


@require_safe
def companies(request):
    query = request.GET.get("q", "").strip()[:100]
    page = Paginator(address_book.companies(query), 50).get_page(request.GET.get("page"))
    return render(request, "deals/companies.html", {"page": page, "query": query})


@require_http_methods(FORMS)
def new_company(request):
    form = _added(request, CompanyForm)
    if form.instance.pk:
        toast(request, _("%s is in the address book.") % form.instance.name)
        return redirect("company", form.instance.pk)
    context = {"form": form, "title": _("New company")}
    return render(request, "deals/entry.html", context, status=422 if form.errors else 200)


@require_http_methods(FORMS)
def company(request, pk):
    entry = get_object_or_404(Company, pk=pk)
    form = _taken(request, CompanyForm, pk)
    if form.is_bound and form.is_valid():
        toast(request, _("Saved."))
        return redirect("company", pk)
    context = {
        "company": entry,
        "form": form,
        "contacts": staleness.with_heard(entry.contacts.filter(merged_into__isnull=True)),
        "deals": Deal.objects.visible_to(request.user).filter(company=entry).select_related("stage", "owner"),
    }
    return render(request, "deals/company.html", context, status=_status(form))


@require_http_methods(FORMS)
def new_contact(request, pk):
    entry = get_object_or_404(Company, pk=pk, merged_into__isnull=True)
    form = _added(request, ContactForm, instance=Contact(company=entry))
    if form.instance.pk:
        toast(request, _("%s is in the address book.") % form.instance.name)
        return redirect("company", pk)
    context = {"form": form, "title": _("New contact at %s") % entry.name, "company": entry}
    return render(request, "deals/entry.html", context, status=422 if form.errors else 200)


@require_http_methods(FORMS)
def contact(request, pk):
    people = Contact.objects.select_related("company")
    form = _taken(request, ContactForm, pk)
    if form.is_bound and form.is_valid():
        toast(request, _("Saved."))
        return redirect("contact", pk)
    visible = Deal.objects.visible_to(request.user)
    context = {
        "contact": get_object_or_404(staleness.with_heard(people), pk=pk),
        "form": form,
        "deals": visible.filter(stakeholders__contact=pk).select_related("stage", "owner").distinct(),
        "activities": Activity.objects.filter(attendees=pk, deal__in=visible).select_related("deal")[:30],
    }
    return render(request, "deals/contact.html", context, status=_status(form))


def _taken(request, form_class, pk):
    """The form of a row. Sent, it is saved under the row's lock: of two who save at once, one sees the other's."""
    rows = form_class.Meta.model.objects
    if request.method != "POST":
        return form_class(instance=get_object_or_404(rows, pk=pk))
    with transaction.atomic():
        form = form_class(request.POST, instance=get_object_or_404(rows.select_for_update(), pk=pk))
        if form.is_valid():
            form.save_changes()
    return form


def _added(request, form_class, **kwargs):
    """The form of a new row, which it is once it was sent and is valid."""
    with transaction.atomic() if request.method == "POST" else nullcontext():
        form = form_class(request.POST or None, **kwargs)
        if form.is_valid():
            form.save()
    return form


def _status(form):
    return 409 if form.conflicts else 422 if form.errors else 200


@require_safe
def find(request):
    query = request.GET.get("q", "").strip()[:100]
    groups = finding.groups(query, request.user)
    template = "deals/find.html#hits" if request.htmx else "deals/find.html"
    return render(request, template, {"query": query, "groups": groups})
