"""The board: deals by stage, with what the buyer confirmed of each."""

from urllib.parse import urlsplit

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pipeline.models import Pipeline

from ..models import Status
from ..overview import board
from .board_page import Page, read_place


def _page(request, slug=None, asked=None):
    """The board's page for that pipeline, or for the first one; None where none is published yet."""
    pipelines = list(Pipeline.objects.active().select_related("version"))
    pipeline = next((p for p in pipelines if slug in (None, p.slug)), None)
    if pipeline is None and slug is not None:
        raise Http404
    return pipeline and Page(request.user, pipelines, pipeline, request.GET if asked is None else asked)


@require_safe
def show(request, slug=None):
    """The whole board."""
    page = _page(request, slug)
    if page is None:
        return render(request, "deals/board_first_run.html")
    return render(request, "deals/board.html", {"page": page, "columns": page.filled(page.columns)})


@require_safe
def column(request, slug, stage_id=None):
    """The next cards of one column: a fragment for the board, a page of its own without JavaScript."""
    page = _page(request, slug)
    if stage_id is not None and stage_id not in page.process:
        raise Http404
    after, shown = read_place(request.GET["after"]) if "after" in request.GET else (None, 0)
    found = page.column(stage_id or board.RE_ENGAGE)
    context = {"page": page, "columns": page.filled([found], after, shown), "column": found, "alone": True}
    return render(request, "deals/board.html#cards" if request.htmx else "deals/board.html", context)


@require_safe
def changes(request, slug):
    """Nothing (204) while the board is as the asker saw it, else its columns as they are now."""
    page = _page(request, slug)
    if request.GET.get("since") == page.version:
        return HttpResponse(status=204)
    return render(request, "deals/board.html#changes", {"page": page, "columns": page.filled(page.columns)})


def moved_response(request, deal, from_stage_id):
    """The board after a move, as out-of-band swaps: the card, every column's head, the sentence, waiting toasts.

    `deal` is as the move left it. Filters are those of the board that sent the request.
    """
    page = _page(request, deal.pipeline.slug, QueryDict(urlsplit(request.htmx.current_url or "").query))
    there = board.card_of(page.scope, deal.pk, page.today, page.grace)
    key = board.RE_ENGAGE if deal.status == Status.RE_ENGAGING else deal.stage_id
    goal = there and next((column for column in page.columns if column.key == key), None)
    card = goal and page.card(there, board.deciders([deal.pk]), goal)
    context = {"page": page, "columns": page.columns, "deal": deal, "card": card, "goal": goal}
    response = render(request, "deals/moved.html", context)
    response["X-Focus"] = f"#deal-{deal.pk} .t a" if card else f"#col-{from_stage_id} .t a"
    return response
