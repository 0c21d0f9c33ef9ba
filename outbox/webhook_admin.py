"""Webhooks as admins set them up, and every message that left, waits or was given up."""

from django import forms
from django.contrib import admin, messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import addresses, rotating, signing, webhooks
from .models import Delivery, Endpoint


class EndpointForm(forms.ModelForm):
    class Meta:
        model = Endpoint
        fields = ("name", "url", "is_active")
        widgets = {"url": forms.TextInput(attrs={"class": "vLargeTextField", "placeholder": "https://"})}

    def clean_url(self):
        try:
            addresses.checked(self.cleaned_data["url"])
        except addresses.Refused as error:
            raise forms.ValidationError(str(error)) from error
        except OSError as error:
            raise forms.ValidationError(_("There is no such name, or nobody knows it just now.")) from error
        return self.cleaned_data["url"]


class NewEndpointForm(EndpointForm):
    secret = forms.CharField(
        label=gettext_lazy("Secret"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Empty: one is made, and shown once."),
    )

    class Meta(EndpointForm.Meta):
        fields = ("name", "url", "secret")

    def clean_secret(self):
        secret = self.cleaned_data["secret"] or signing.new_secret()
        try:
            signing.key_of(secret)
        except ValueError as error:
            raise forms.ValidationError(_("A secret is whsec_ and 24 to 64 bytes in base64.")) from error
        return secret


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin):
    """Its secret is shown once, when it is made; nothing shows it later."""

    form = EndpointForm
    list_display = ("name", "url", "is_active", "waits", "given_up")
    search_fields = ("name", "url")
    actions = ("new_secret",)
    readonly_fields = ("created_at",)

    def get_form(self, request, obj=None, **kwargs):
        return super().get_form(request, obj, **({} if obj else {"form": NewEndpointForm}) | kwargs)

    def get_fields(self, request, obj=None):
        return ("name", "url", "is_active", "created_at") if obj else ("name", "url", "secret")

    def get_queryset(self, request):
        return rotating.counted(super().get_queryset(request))

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=gettext_lazy("waiting"))
    def waits(self, endpoint):
        return endpoint.waits

    @admin.display(description=gettext_lazy("given up"))
    def given_up(self, endpoint):
        return endpoint.given_up

    def response_add(self, request, obj, post_url_continue=None):
        self._show_secret(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        if "_test" not in request.POST:
            return super().response_change(request, obj)
        webhooks.put_test(obj, now=timezone.now())
        listed = f"{reverse('admin:outbox_delivery_changelist')}?endpoint__id__exact={obj.pk}"
        self.message_user(
            request, _("A test is on its way; what became of it is shown here within a minute or two.")
        )
        return redirect(listed)

    @admin.action(description=gettext_lazy("Make a new secret"), permissions=["change"])
    def new_secret(self, request, endpoints):
        for endpoint in endpoints:
            rotating.rotate(endpoint, timezone.now())
            self._show_secret(request, endpoint)

    def _show_secret(self, request, endpoint):
        words = _("The secret of {name}, shown this once: {secret}")
        self.message_user(
            request, format_html(words, name=endpoint.name, secret=endpoint.secret), messages.WARNING
        )


@admin.register(Delivery)
class DeliveryAdmin(admin.ModelAdmin):
    list_display = (
        "event", "endpoint", "state", "attempts", "status", "created_at", "next_attempt_at", "error",
    )  # fmt: skip
    list_filter = (
        "endpoint", ("given_up_at", admin.EmptyFieldListFilter), ("sent_at", admin.EmptyFieldListFilter), "event",
    )  # fmt: skip
    list_select_related = ("endpoint",)
    search_fields = ("message_id", "key")
    fields = (
        "event", "endpoint", "state", "attempts", "status", "created_at", "sent_at", "next_attempt_at", "given_up_at",
        "error", "message_id", "payload",
    )  # fmt: skip
    readonly_fields = fields
    actions = ("try_again",)
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=gettext_lazy("state"))
    def state(self, delivery):
        if delivery.sent_at:
            return _("Sent")
        if delivery.given_up_at:
            return _("Given up")
        return _("Will be tried again") if delivery.attempts else _("Waiting")

    @admin.action(description=gettext_lazy("Try again"), permissions=["view"])
    def try_again(self, request, deliveries):
        count = webhooks.try_again(list(deliveries.values_list("pk", flat=True)), now=timezone.now())
        words = ngettext("%d message will be tried again.", "%d messages will be tried again.", count)
        self.message_user(request, words % count, messages.SUCCESS if count else messages.WARNING)
