"""What a publication would do is said before, in deals and money, and that is what it then does."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from deals.models import Deal
from deals.publishing.effect import effect
from pipeline import ordering
from pipeline.models import Criterion, Pipeline
from pipeline.vocabulary import Kind

from .. import factories as f
from .. import publications as p

pytestmark = pytest.mark.django_db

CHANGES = {
    "a higher limit": lambda it: p.edit(it, "score", minimum=Decimal(6)),
    "a lower limit": lambda it: p.edit(it, "score", minimum=Decimal(1)),
    "more evidence": lambda it: p.edit(it, "problem", evidence="words"),
    "a longer text": lambda it: p.edit(it, "problem", min_length=60),
    "more items": lambda it: p.edit(it, "problem", min_items=3),
    "the buyer's word": lambda it: p.edit(it, "score", needs_buyer=True, evidence="who"),
    "another kind": lambda it: p.edit(it, "problem", kind=Kind.YES_NO),
    "an earlier end": lambda it: p.edit(it, "budget", expires_after_days=1),
    "no end": lambda it: p.edit(it, "budget", expires_after_days=None),
    "other choices": lambda it: p.edit(it, "tender", choices="by letter\ntender"),
    "asked of more": lambda it: p.edit(it, "worth", applies_when="amount >= 50000"),
    "a fact with a limit": lambda it: p.edit(it, "worth", minimum=Decimal(50000)),
    "an entry criterion": lambda it: p.edit(it, "tender", side="exit"),
    "a new criterion": lambda it: f.add_criterion(
        f.stage_of(it, "Two"), "pain", Kind.TEXT, applies_when="amount >= 50000"
    ),
    "one retired": lambda it: p.edit(it, "problem", retired_at=timezone.now()),
    "one moved": lambda it: p.edit(it, "problem", stage=f.stage_of(it, "Three")),
    "another label": lambda it: p.edit(it, "problem", label="The buyer named the problem"),
    "not counted": lambda it: it.stages.filter(name="Three").update(counts_as_pipeline=False),
    "stages swapped": lambda it: swapped(it),
    "a stage between": lambda it: inserted(it),
}


def swapped(pipeline):
    two = f.stage_of(pipeline, "Two")
    ordering.swap(pipeline.stages.current(), two.pk, ordering.DOWN)


def inserted(pipeline):
    for stage in pipeline.stages.current().filter(position__gte=3).reverse():
        stage.position += 1
        stage.save()
    f.add_stage(pipeline, "Between", 3, [("pain", Kind.YES_NO, {})])


@pytest.fixture(scope="module")
def made(kept):
    return p.world()[0].pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_change_does_is_foretold_and_counted_right(pipeline, change):
    CHANGES[change](pipeline)
    p.published(pipeline)


def several(**options):
    return settings(
        phases=[Phase.generate],
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
        **options,
    )


@several(max_examples=3)
@given(data=st.data())
def test_so_are_several_publications_with_several_changes_and_any_binding(pipeline, data):
    publish_twice(pipeline, data)


@pytest.mark.soak
@several(max_examples=60)
@given(data=st.data())
def test_so_are_very_many(pipeline, data):
    publish_twice(pipeline, data)


def publish_twice(pipeline, data):
    with transaction.atomic():
        for _version in range(2):
            for change in data.draw(
                st.lists(st.sampled_from(sorted(CHANGES)), min_size=2, max_size=4, unique=True)
            ):
                if change not in ("a stage between", "a new criterion") or not f.Stage.objects.filter(
                    pipeline=pipeline, criteria__slug="pain"
                ):
                    CHANGES[change](pipeline)
            criteria = Criterion.objects.filter(stage__pipeline=pipeline, retired_at__isnull=True)
            whens = st.sampled_from(["now", "entering", f.today() + timedelta(days=9), None])
            chosen = {criterion.pk: data.draw(whens) for criterion in criteria}
            p.published(pipeline, {pk: when for pk, when in chosen.items() if when})
        transaction.set_rollback(True)


def test_the_effect_counts_deals_and_money_by_stage_and_lists_the_largest_first(pipeline):
    p.edit(pipeline, "score", minimum=Decimal(6))
    found = effect(Pipeline.objects.select_related("version").get(pk=pipeline.pk))
    rows = {row.stage.name: (row.claimed.count, row.claimed.money) for row in found.rows if row.claimed}
    assert rows == {"Two": (1, Decimal(9000)), "Three": (1, Decimal(9000)), "Four": (1, Decimal(86000))}
    amounts = [deal.amount_base for deal in found.deals()[0:10]]
    assert amounts == sorted(amounts, reverse=True) and sum(amounts) == found.claimed.money


def test_looking_at_the_effect_changes_nothing(pipeline):
    from ..fingerprint import fingerprint

    p.edit(pipeline, "score", minimum=Decimal(6))
    before = fingerprint()
    effect(Pipeline.objects.select_related("version").get(pk=pipeline.pk))
    assert fingerprint() == before and Deal.objects.filter(open_before__gt=0).count() == 3
