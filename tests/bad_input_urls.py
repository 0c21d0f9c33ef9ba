"""Views as a careless developer would write them, to see what bad input makes of them."""

import json

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpResponse
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500, urlpatterns  # noqa: F401
from team.models import Team, User


@login_not_required
def by_id(request):
    return HttpResponse(User.objects.filter(id=request.GET["id"]).count())


@login_not_required
def named(request):
    return HttpResponse(Team.objects.filter(name=request.POST["name"]).count())


@login_not_required
def from_json(request):
    Team.objects.create(name=json.loads(request.body)["name"])
    return HttpResponse()


@login_not_required
def away(request):
    raise OperationalError("server closed the connection unexpectedly")


urlpatterns = [
    *urlpatterns,
    path("by-id", by_id),
    path("named", named),
    path("from-json", from_json),
    path("away", away),
]
