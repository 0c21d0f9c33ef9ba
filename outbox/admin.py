"""The outbox, to be read: what left, what waits, what was given up and why. Never what a mail says."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import queue
from .models import Mail
from .webhook_admin import DeliveryAdmin, EndpointAdmin

__all__ = ["DeliveryAdmin", "EndpointAdmin", "MailAdmin"]


@admin.register(Mail)
class MailAdmin(admin.ModelAdmin):
    """Bodies are not shown: some carry a link that is the receiver's alone."""

    list_display = ("to_address", "subject", "state", "attempts", "created_at", "next_attempt_at", "error")
    list_filter = (("given_up_at", admin.EmptyFieldListFilter), ("sent_at", admin.EmptyFieldListFilter))
    search_fields = ("to_address", "subject")
    fields = (
        "to_address", "to_name", "subject", "state", "attempts", "created_at", "sent_at", "next_attempt_at",
        "given_up_at", "error", "message_id",
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
    def state(self, mail):
        if mail.sent_at:
            return _("Sent")
        if mail.given_up_at:
            return _("Given up")
        if mail.error and not mail.attempts:
            return _("Held until the next day")
        return _("Will be tried again") if mail.attempts else _("Waiting")

    @admin.action(description=gettext_lazy("Try again"), permissions=["view"])
    def try_again(self, request, mails):
        count = queue.try_again(list(mails.values_list("pk", flat=True)), now=timezone.now())
        words = ngettext("%d mail will be tried again.", "%d mails will be tried again.", count)
        self.message_user(request, words % count, messages.SUCCESS if count else messages.WARNING)
