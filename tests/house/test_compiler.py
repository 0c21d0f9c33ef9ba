"""What the compiler of statements remembers changes no statement and no row."""

from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Count, F
from django.db.models.sql import compiler as djangos
from django.db.models.sql.where import NothingNode

from deals.models import Company, Contact, Deal, Transition
from pipeline.models import Criterion, Stage
from team import compiler as ours
from team.models import Team, User

from .. import factories as f

SHAPES = [
    lambda rows: rows.all(),
    lambda rows: rows.order_by(),
    lambda rows: rows.order_by("pk"),
    lambda rows: rows.order_by("-pk"),
    lambda rows: rows.reverse(),
    lambda rows: rows.order_by("-pk").reverse(),
    lambda rows: rows.filter(pk__gt=3)[2:7],
    lambda rows: rows.filter(pk__in=rows.filter(pk__lt=9)),
    lambda rows: rows.filter(pk__in=rows.order_by("pk").values("pk")[:3]),
    lambda rows: rows.only("pk"),
    lambda rows: rows.distinct(),
    lambda rows: rows.values("pk"),
    lambda rows: rows.values_list("pk", flat=True),
    lambda rows: rows.values("pk").order_by("pk"),
    lambda rows: rows.annotate(n=Count("pk")),
    lambda rows: rows.annotate(other=F("pk")).order_by("other"),
    lambda rows: rows.order_by(F("pk").desc()),
    lambda rows: rows.select_related(),
    lambda rows: rows.order_by("?"),
    lambda rows: rows.order_by().union(rows.order_by().filter(pk=1)),
    lambda rows: rows.order_by().union(rows.order_by().filter(pk=1)).order_by("pk"),
    lambda rows: rows.select_for_update(of=("self",)),
    lambda rows: rows.none(),
]
# Statements that are shaped by what one can reach from a row, or by what it is called.
OF_ONE = [
    lambda: Deal.objects.order_by("company__name", "-amount"),
    lambda: Deal.objects.order_by("company", "name"),
    lambda: Deal.objects.order_by("company_id"),
    lambda: Deal.objects.filter(company__name="A").order_by("name"),
    lambda: Deal.objects.filter(answers__text="A").distinct().order_by("name", "-pk"),
    lambda: Deal.objects.extra(select={"name": "1"}).order_by("name"),
    lambda: Deal.objects.values("name").order_by("name"),
    lambda: Deal.objects.values("name").annotate(n=Count("pk")).order_by("name"),
    lambda: Deal.objects.values("team").annotate(n=Count("pk")),
    lambda: Deal.objects.defer("name").order_by("name"),
    lambda: Deal.objects.exclude(company__contacts__name="A"),
    lambda: Contact.objects.filter(company__in=Company.objects.filter(name="A")),
    lambda: Stage.objects.all(),
    lambda: Criterion.objects.filter(stage__pipeline=1),
    lambda: Transition.objects.select_related("deal"),
    lambda: User.objects.filter(teams=Team.objects.filter(pk=1)[:1]),
]


def statement(queryset, compiler_class):
    """Its SQL with its parameters; None where there is nothing to ask."""
    query = queryset.query.clone()
    try:
        return compiler_class(query, connection, "default").as_sql()
    except djangos.EmptyResultSet:
        assert any(isinstance(child, NothingNode) for child in query.where.children)
        return None


@pytest.mark.django_db
@pytest.mark.parametrize("model", list(apps.get_models(include_auto_created=True)), ids=lambda m: m.__name__)
def test_each_model_is_asked_as_django_asks(model):
    rows = model._base_manager.all()
    for number, shape in enumerate(SHAPES):
        expected = statement(shape(rows), djangos.SQLCompiler)
        for _again in range(2):
            assert statement(shape(rows), ours.SQLCompiler) == expected, number


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(len(OF_ONE)))
def test_orders_through_others_and_words_that_mean_something_else_are_djangos(number):
    expected = statement(OF_ONE[number](), djangos.SQLCompiler)
    for _again in range(2):
        assert statement(OF_ONE[number](), ours.SQLCompiler) == expected


@pytest.mark.django_db
def test_rows_have_the_kinds_of_values_that_django_gives_them():
    deal = f.make_deal(f.make_pipeline(), amount=Decimal("86000.50"))
    for model in (Deal, Transition, Stage, Criterion, User, ContentType):
        for row in model.objects.all():
            again = model.objects.annotate(other=F("pk")).get(pk=row.pk)
            for field in model._meta.concrete_fields:
                one, other = getattr(row, field.attname), getattr(again, field.attname)
                assert (type(one), one) == (type(other), other), field
    assert Deal.objects.get().created_at.utcoffset() is not None and deal.pk


def test_every_connection_asks_by_it():
    assert connection.ops.compiler("SQLCompiler") is ours.SQLCompiler
