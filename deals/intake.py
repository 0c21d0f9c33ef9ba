"""A new deal in one screen: its company and first contact matched or made, its pipeline proposed."""

import uuid
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from pipeline.models import Pipeline
from team.calendar import local_date
from team.models import Organisation, Team, User

from . import moves, segments
from .activities import put_on_map
from .input import normalise, parsing
from .input.money import CODES
from .locking import lock_address_book
from .models import AMOUNT_LIMIT, Company, Contact, Deal, Source
from .rates import NoRate, in_base

LONGEST_KEY = 64


class TypedAmount(forms.CharField):
    """An amount as people type it: 86k, 86,000, € 86.000."""

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            return parsing.amount(text, maximum=Decimal(AMOUNT_LIMIT))
        except parsing.ParseError as error:
            raise ValidationError(str(error)) from error


class TypedDay(forms.CharField):
    """A date as people type it or as the browser's picker gives it."""

    widget = forms.DateInput(attrs={"type": "date"})

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            return parsing.day(text, today=local_date(timezone.now()))
        except parsing.ParseError as error:
            raise ValidationError(str(error)) from error


class NewDealForm(forms.Form):
    company = forms.CharField(label=_("Company"), max_length=160)
    name = forms.CharField(
        label=_("Deal"), max_length=160, required=False, help_text=_("Empty: the company's name.")
    )
    amount = TypedAmount(label=_("Amount"), max_length=40, required=False)
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)
    deal_type = forms.CharField(label=_("Type"), max_length=60, required=False)
    pipeline = forms.ModelChoiceField(
        Pipeline.objects.none(), label=_("Pipeline"), required=False, empty_label=_("By amount and type")
    )
    contact = forms.CharField(label=_("Contact"), max_length=120, required=False)
    job_title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=254, required=False)
    lead_source = forms.CharField(label=_("Where it came from"), max_length=80, required=False)
    next_step = forms.CharField(label=_("Next step"), max_length=200, required=False)
    next_step_on = TypedDay(label=_("On"), max_length=40, required=False)
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"), required=False, empty_label=None)
    team = forms.ModelChoiceField(Team.objects.none(), label=_("Team"), required=False, empty_label=None)
    key = forms.CharField(widget=forms.HiddenInput, max_length=LONGEST_KEY, required=False)

    def __init__(self, user, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.organisation = Organisation.current()
        self.fields["currency"].initial = self.organisation.currency
        self.fields["amount"].widget.attrs |= _asks_for_pipeline()
        self.fields["pipeline"].queryset = Pipeline.objects.active()
        self.fields["owner"].queryset = assignable_to(user)
        self.fields["owner"].initial = user.pk
        self.fields["team"].queryset = Team.objects.all() if user.is_admin else user.teams.all()
        self.fields["key"].initial = uuid.uuid4().hex

    def clean_company(self):
        return self._named("company")

    def clean_name(self):
        return self._named("name") if self.cleaned_data["name"] else ""

    def clean_contact(self):
        return self._named("contact") if self.cleaned_data["contact"] else ""

    def _named(self, field):
        text = normalise.clean(self.cleaned_data[field])
        if flaw := normalise.flaw(text):
            raise ValidationError(flaw)
        return text

    def clean_currency(self):
        text = self.cleaned_data["currency"].strip().upper() or self.organisation.currency
        if text not in CODES:
            raise ValidationError(_("Give a currency such as EUR."))
        return text

    def clean_email(self):
        address = self.cleaned_data["email"].strip()
        if address:
            validate_email(address)
        return address

    def clean(self):
        data = super().clean()
        if data.get("email") and not data.get("contact"):
            self.add_error("contact", _("Whose address is this?"))
        if data.get("next_step_on") and not data.get("next_step"):
            self.add_error("next_step", _("Say what happens on that day."))
        if data.get("next_step") and not data.get("next_step_on"):
            self.add_error("next_step_on", _("A next step needs its date."))
        day = data.get("next_step_on")
        if day and day < local_date(timezone.now(), self.organisation):
            self.add_error("next_step_on", _("This day has passed."))
        self._clean_place(data)
        self._clean_money(data)
        return data

    def _clean_place(self, data):
        """The pipeline, the owner and the team the deal will belong to."""
        data["owner"] = data.get("owner") or self.user
        data["team"] = data.get("team") or data["owner"].teams.first() or self.fields["team"].queryset.first()
        if data["team"] is None:
            none_yet = _("There is no team yet. Make one first: Admin, Teams.")
            in_none = _("You are in no team yet. An admin adds you to one.")
            self.add_error("team", none_yet if self.user.is_admin else in_none)
        data["pipeline"] = data.get("pipeline") or segments.proposed(
            data.get("amount"), data.get("deal_type", "")
        )
        if data["pipeline"] is None:
            self.add_error("pipeline", _("No process is published yet. An admin loads or writes one."))

    def _clean_money(self, data):
        data["amount_base"] = 0
        if data.get("amount") is not None and data.get("currency"):
            try:
                data["amount_base"] = in_base(data["amount"], data["currency"], self.organisation)
            except NoRate as error:
                self.add_error("currency", str(error))

    def save(self, *, company=None, source=Source.PAGE):
        """The deal of this form, of the company given or of the one that is named; sent again, the one it made."""
        key = self.cleaned_data["key"]
        try:
            with transaction.atomic():
                return made_by(self.user, key) or self._made(company, source)
        except IntegrityError:
            if earlier := made_by(self.user, key):  # by the same form, sent at the same instant
                return earlier
            raise

    def _made(self, company, source):
        """Through the door. Who it is about is found first: the address book is locked before the pipeline."""
        data = self.cleaned_data
        company = company or matched_company(data["company"])
        contact = matched_contact(company, data) if data["contact"] else None
        columns = [
            "amount",
            "amount_base",
            "currency",
            "deal_type",
            "lead_source",
            "next_step",
            "next_step_on",
        ]
        token = {"token": _token(self.user, data["key"])} if data["key"] else {}
        deal = moves.create(
            by=self.user,
            pipeline=data["pipeline"],
            name=data["name"] or company.name,
            company=company,
            owner=data["owner"],
            team=data["team"],
            source=source,
            **{name: data[name] for name in columns},
            **token,
        )
        if contact:
            put_on_map(deal, [contact])
        return deal


def made_by(user, key):
    """The deal that this user's form with this key made already."""
    return Deal.objects.filter(token=_token(user, key), seq__gt=0).first() if key else None


def _token(user, key):
    """A deal's token salts its digests: it follows from the key for us alone."""
    return uuid.UUID(bytes=salted_hmac("new deal", f"{user.pk}:{key}", algorithm="sha256").digest()[:16])


def _asks_for_pipeline():
    """While an amount is typed, the page shows the pipeline it would go to."""
    return {
        "hx-get": reverse("proposed_pipeline"),
        "hx-trigger": "input changed delay:300ms",
        "hx-target": "#proposed",
        "hx-swap": "textContent",
        "hx-include": "closest form",
    }


def assignable_to(user):
    """Active people a deal may be given to by this user: themselves; a manager's teams; everybody for an admin."""
    people = User.objects.active()
    if user.is_admin:
        return people
    if user.is_manager:
        return people.filter(teams__in=user.team_ids).distinct()
    return people.filter(pk=user.pk)


def matched_company(name):
    """The company of that name, spelled in any case, or a new one."""
    if known := _company(name):
        return known
    lock_address_book()
    return _company(name) or Company.objects.create(name=name)


def _company(name):
    return Company.objects.filter(name__iexact=name, merged_into__isnull=True).order_by("pk").first()


def matched_contact(company, data):
    """The company's contact with that address or name, or a new one."""
    if known := _contact(company, data):
        return known
    lock_address_book()
    return _contact(company, data) or Contact.objects.create(
        company=company, name=data["contact"], job_title=data["job_title"], email=data["email"]
    )


def _contact(company, data):
    people = Contact.objects.filter(company=company, merged_into__isnull=True)
    known = people.filter(email__iexact=data["email"]).first() if data["email"] else None
    return known or people.filter(name__iexact=data["contact"]).first()
