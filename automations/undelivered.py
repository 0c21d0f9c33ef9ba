"""Who hears of what could not be delivered."""

from django.urls import reverse
from django.utils.translation import gettext as _

from deals.mails import mail_drafts
from deals.models import MailDraft
from outbox.models import Delivery
from team.calendar import local_date
from team.models import Level, User
from team.notices import tell


def webhooks(keys, now):
    """Tell the admins, once a day for each receiver. `keys` are those of messages given up."""
    if not keys:
        return
    admins = list(User.objects.active().filter(level=Level.ADMIN))
    lost = Delivery.objects.filter(key__in=keys).select_related("endpoint").order_by("pk")
    for delivery in {one.endpoint_id: one for one in lost}.values():
        text = _("A message to the webhook %(name)s was given up: %(error)s")
        tell(
            admins,
            text % {"name": delivery.endpoint, "error": delivery.error},
            key=f"webhook:{delivery.endpoint_id}:{local_date(now)}",
            url=reverse("admin:outbox_delivery_changelist"),
            now=now,
        )


def drafted_mails(keys, now):
    """Tell who sent a drafted mail. `keys` are those of mails given up."""
    ids = [int(key.removeprefix(mail_drafts.KEY)) for key in keys if key.startswith(mail_drafts.KEY)]
    for draft in MailDraft.objects.filter(pk__in=ids).select_related("deal", "contact", "owner"):
        text = _("Your mail to %(who)s (%(deal)s) could not be delivered.")
        tell(
            [draft.owner],
            text % {"who": draft.contact.name, "deal": draft.deal},
            key=f"{mail_drafts.KEY}{draft.pk}:undelivered",
            url=reverse("deal", args=[draft.deal_id]),
            now=now,
        )
