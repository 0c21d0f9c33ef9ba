"""Deals in the administration: what describes them can be mended here; where they stand changes on their page."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.admin import PipelineAdmin
from pipeline.admin.kept import KeptOnceUsed, ReadOnly
from team.calendar import local_date

from . import deal_facts, figures
from .evidence.judging import House
from .input.money import CODES
from .locking import locked_deal
from .models import (
    Company,
    Competitor,
    Contact,
    Deal,
    ExchangeRate,
    GateRefusal,
    LossReason,
    Task,
    Transition,
)
from .people import people_changed
from .publishing import page as publishing
from .settle import settle

WRITABLE = ("name", "deal_type", "lead_source", "discount_percent", "expected_close", "goals", "commitments")


PipelineAdmin.more_pages = publishing.PAGES
PipelineAdmin.more_notes = [publishing.what_follows]


class NeverDeleted:
    def has_delete_permission(self, request, obj=None):
        return False


class DealForm(forms.ModelForm):
    """The same words are refused here as at the gate: a full stop is no goal."""

    class Meta:
        model = Deal
        fields = WRITABLE
        help_texts = {
            "name": gettext_lazy("What the deal is called beside its company."),
            "deal_type": gettext_lazy("Such as new, renewal; a process may ask more of one type."),
            "lead_source": gettext_lazy("Where the deal came from."),
            "discount_percent": gettext_lazy(
                "What we offered; a process may ask for approval from some percent on."
            ),
            "expected_close": gettext_lazy("The day the buyer is expected to sign."),
            "goals": gettext_lazy("What the customer wants to reach."),
            "commitments": gettext_lazy("What we promised."),
        }

    def clean(self):
        cleaned = super().clean()
        house, today = House.current(), local_date(timezone.now())
        for name in set(self.changed_data) & set(cleaned):
            try:
                deal_facts.write(Deal(), name, _typed(cleaned[name]), today, house)
            except ValueError as error:
                self.add_error(name, str(error))
        return cleaned


def _typed(value):
    return "" if value is None else str(value)


@admin.register(Deal)
class DealAdmin(NeverDeleted, admin.ModelAdmin):
    form = DealForm
    list_display = ("name", "company", "pipeline", "stage", "status", "amount", "currency", "owner", "team")
    list_filter = ("status", "pipeline", "team")
    list_select_related = ("company", "pipeline", "stage", "owner", "team")
    search_fields = ("name", "company__name")
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": WRITABLE}),
        (gettext_lazy("Where it stands"), {
            "description": gettext_lazy("Only a move on the deal’s own page changes this, and its gate decides."),
            "fields": ("pipeline", "stage", "status", "seq", "rev", "stage_entered_at", "closed_at", "loss_reason"),
        }),
        (gettext_lazy("Changed on its page"), {"fields": (
            "company", "amount", "currency", "amount_base", "owner", "next_owner", "team", "next_step", "next_step_on",
        )}),
        (gettext_lazy("Counted by itself"), {"classes": ("collapse",), "fields": (
            "probability", "open_before", "held_here", "claimed_here", "total_here", "holds_until", "exception_until",
            "counts_as_pipeline", "last_buyer_activity_at", "awaiting_since", "created_at", "import_batch", "landed_in",
            "external_id",
        )}),
    )  # fmt: skip

    def get_queryset(self, request):
        return Deal.objects.visible_to(request.user)

    def get_readonly_fields(self, request, obj=None):
        shown = [name for _title, part in self.fieldsets for name in part["fields"]]
        return [name for name in shown if name not in WRITABLE]

    def has_add_permission(self, request):
        """New deals come through “New deal”, which starts them at the first stage."""
        return False

    def save_model(self, request, obj, form, change):
        """Only the columns that changed, on the deal as it is now, with everything counted anew."""
        deal, process = locked_deal(obj.pk)
        house, now, before = House.current(), timezone.now(), figures.said(deal)
        changed = set()
        for name in form.changed_data:
            today = local_date(now, house.organisation)
            changed |= deal_facts.write(deal, name, _typed(form.cleaned_data[name]), today, house)
        if changed:
            deal.save(update_fields=changed)  # first: counting reads these columns from the database
            settle(deal, process, now)
            figures.note(deal, before, request.user, now)


@admin.register(Transition)
class TransitionAdmin(ReadOnly, admin.ModelAdmin):
    """The ledger, to be read."""

    list_display = (
        "deal",
        "seq",
        "kind",
        "from_stage",
        "to_stage",
        "to_status",
        "actor",
        "source",
        "happened_at",
    )
    list_filter = ("kind", "source")
    list_select_related = ("deal", "from_stage", "to_stage", "actor")
    search_fields = ("deal__name",)
    ordering = ("-pk",)
    show_full_result_count = False


@admin.register(GateRefusal)
class GateRefusalAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("deal", "at", "actor", "from_stage", "to_stage", "source")
    list_filter = ("source",)
    list_select_related = ("deal", "actor", "from_stage", "to_stage")
    search_fields = ("deal__name",)
    show_full_result_count = False


@admin.register(Company)
class CompanyAdmin(NeverDeleted, admin.ModelAdmin):
    list_display = ("name", "domain", "industry", "country", "employees")
    search_fields = ("name", "domain")
    fields = ("name", "domain", "industry", "country", "employees", "note")
    show_full_result_count = False


@admin.register(Contact)
class ContactAdmin(NeverDeleted, admin.ModelAdmin):
    list_display = ("name", "company", "job_title", "email", "phone")
    list_select_related = ("company",)
    search_fields = ("name", "email", "company__name")
    fields = ("company", "name", "job_title", "email", "phone", "left_at")
    raw_id_fields = ("company",)
    show_full_result_count = False

    def get_readonly_fields(self, request, obj=None):
        """A person who changes company is a new contact; the old one has left."""
        return ("company",) if obj else ()

    def save_model(self, request, obj, form, change):
        """Deals that rest on this person are judged anew with it."""
        if not change:
            return super().save_model(request, obj, form, change)
        if form.changed_data:
            people_changed.save(obj, form.changed_data)


@admin.register(LossReason)
class LossReasonAdmin(KeptOnceUsed, admin.ModelAdmin):
    instead = gettext_lazy("Untick “offered” instead: nobody can choose it any more, and the deals keep it.")
    list_display = ("name", "disqualifies", "is_active", "by_rule", "position")
    list_filter = ("disqualifies", "is_active")
    search_fields = ("name",)


@admin.register(Competitor)
class CompetitorAdmin(KeptOnceUsed, admin.ModelAdmin):
    instead = gettext_lazy(
        "Untick “offered” instead: nobody can choose them any more, and the deals keep them."
    )
    list_display = ("name", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name",)


class ExchangeRateForm(forms.ModelForm):
    class Meta:
        model = ExchangeRate
        fields = ("currency", "day", "rate")
        help_texts = {
            "currency": gettext_lazy("Three letters, such as USD."),
            "day": gettext_lazy("The first day this rate is used; until a newer one."),
            "rate": gettext_lazy("How much of the organisation’s currency one unit is worth."),
        }

    def clean_currency(self):
        code = self.cleaned_data["currency"].strip().upper()
        if code not in CODES:
            raise forms.ValidationError(_("No currency has this code; an example is USD."))
        return code

    def clean_rate(self):
        if self.cleaned_data["rate"] <= 0:
            raise forms.ValidationError(_("A rate is above zero."))
        return self.cleaned_data["rate"]


@admin.register(ExchangeRate)
class ExchangeRateAdmin(admin.ModelAdmin):
    form = ExchangeRateForm
    list_display = ("currency", "day", "rate")
    list_filter = ("currency",)


@admin.register(Task)
class TaskAdmin(ReadOnly, admin.ModelAdmin):
    """To be read; a task is given, done and cancelled on the page of its deal."""

    list_display = ("title", "deal", "assignee", "due_on", "done_at", "cancelled_at")
    list_select_related = ("deal", "assignee")
    search_fields = ("title", "deal__name")
    date_hierarchy = "due_on"
