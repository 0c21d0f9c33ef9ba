"""The whole list of deals at risk, by cause and by the filters of the address, on a page and as a sheet."""

from django.core.paginator import Paginator
from django.db.models import Count, Sum
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from team.csv_files import csv_stream

from .. import choices
from ..attention import at_risk
from ..attention.risks import WORDS, Risks
from ..lens import Lens

PAGE, CHUNK = 50, 2000


@require_safe
def page(request):
    """A page of them, the largest first."""
    lens, found, cause = _asked(request)
    deals = found.deals(cause)
    sums = deals.order_by().aggregate(count=Count("pk"), money=Sum("amount_base", default=0))
    shown = Paginator(at_risk.ranked(deals.values_list("pk", flat=True)), PAGE).get_page(
        request.GET.get("page")
    )
    rows = at_risk.rows(lens, found, at_risk.ranked(lens.open().filter(pk__in=list(shown))))
    filters = [("cause", _("Cause"), [(key, _first_up(words)) for key, words in WORDS.items()], cause)]
    filters += choices.of(lens, choices.LABELS.keys() - {"period"})
    context = {"lens": lens, "page": shown, "rows": rows, "sums": sums, "filters": filters, "cause": cause}
    return render(request, "insights/at_risk.html", context)


def _asked(request):
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    cause = request.GET.get("cause", "")
    return lens, Risks(lens), cause if cause in WORDS else ""


def _first_up(words):
    return str(words)[:1].upper() + str(words)[1:]


@require_safe
def sheet(request):
    """The list without its pages."""
    lens, found, cause = _asked(request)
    deals = at_risk.with_people(found.marked(at_risk.ranked(found.deals(cause))))
    head = [_("Deal"), _("Company"), _("Stage"), _("Owner"), _("Amount"), _("Why")]
    rows = (
        [deal.name, deal.company.name, deal.stage.name, deal.owner.name, deal.amount_base,
         "; ".join(at_risk.why(deal, lens))]
        for deal in deals.select_related("company", "stage", "owner").iterator(CHUNK)
    )  # fmt: skip
    return csv_stream(f"at-risk-{lens.today}", head, rows)
