"""The page of one deal."""

from django.shortcuts import render

from .access import visible_deal


def deal(request, pk):
    return render(request, "deals/deal.html", {"deal": visible_deal(request, pk)})
