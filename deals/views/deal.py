"""The page of one deal."""

from django.db.models import Exists, OuterRef, Subquery
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from team.calendar import grace_date, local_date
from team.models import Organisation

from .. import new_owner
from ..learning import coaching, rivals
from ..mails.mail_drafts import open_drafts
from ..models import LOGGABLE, Activity, ActivityKind, Attachment, Deal, GateException, Recap
from ..page import figure_events
from ..page.dealpage import DealPage
from ..page.timeline import Cursor
from ..rows.rows_within import RowsWithin
from ..summary import Pack
from .access import RELATED


@require_safe
def deal(request, pk):
    """The whole page; a fragment with `before` asks for the next part of what happened."""
    page = page_of(request, pk, Cursor.read(request.GET.get("before")))
    part = "deals/page/events.html" if request.htmx and page.cursor else "deals/deal.html"
    return render(request, part, {"deal": page.deal, "page": page})


@require_safe
def pack(request, pk):
    """What whoever takes the customer over must know, on one page to read or print."""
    page = page_of(request, pk)
    return render(request, "deals/pack.html", {"deal": page.deal, "page": page, "pack": Pack(page)})


def page_of(request, pk, cursor=None):
    """DealPage of a deal this person may see; 404 else."""
    organisation = Organisation.current()
    today = local_date(timezone.now(), organisation)
    deals = Deal.objects.visible_to(request.user).with_proven(today, grace_date(today, organisation))
    asked = GateException.objects.filter(deal=OuterRef("pk"))
    sent = Recap.objects.filter(deal=OuterRef("pk"))
    deals = deals.annotate(had_exception=Exists(asked), had_recap=Exists(sent), **last_talk(), **draft())
    deals = deals.annotate(newest_files=RowsWithin(_files(), "pk", "name", "size", "added_at"))
    deals = deals.annotate(
        figure_changes=figure_events.within(),
        coaching_rows=coaching.within(),
        handed_over=new_owner.within(),
        **rivals.within(),
    )
    found = get_object_or_404(deals.select_related(*RELATED, "stage", "loss_review__by"), pk=pk)
    return DealPage(found, request.user, organisation, cursor)


def _files():
    return Attachment.objects.filter(deal=OuterRef("pk")).order_by("-added_at", "-pk")[:20]


def last_talk():
    """Columns of the last thing heard from the buyer, and when we acted last; NULL where there was none."""
    heard = Activity.objects.filter(deal=OuterRef("pk"), from_buyer=True, kind__in=LOGGABLE)
    columns = {"talk_id": "pk", "talk_at": "happened_at", "talk_kind": "kind", "talk_subject": "subject"}
    found = {name: Subquery(heard.values(column)[:1]) for name, column in columns.items()}
    ours = Activity.objects.filter(deal=OuterRef("pk"), from_buyer=False, kind__in=LOGGABLE)
    ours = ours.exclude(kind=ActivityKind.NOTE)
    return found | {"acted_at": Subquery(ours.values("happened_at")[:1])}


def draft():
    """Columns of the mail that waits to be sent, the newest where there are several; NULL where there is none."""
    waiting = open_drafts().filter(deal=OuterRef("pk"))
    columns = {"draft_id": "pk", "draft_subject": "subject", "draft_to": "contact__name"}
    return {name: Subquery(waiting.values(column)[:1]) for name, column in columns.items()}
