"""Who publishes sees how far it is while they wait."""

import time
from datetime import timedelta
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal
from deals.publishing import publication_steps
from deals.timers import due_stored, due_together
from pipeline import publishing
from pipeline.models import Criterion, Pipeline, Rule

from .. import factories as f


@pytest.fixture
def watched():
    """What somebody else does in the middle of a publication: it is called right before deals are judged."""
    seen = []
    publishing.observers.insert(0, lambda publication: [act(publication) for act in seen])
    yield seen
    del publishing.observers[0]


def changed(pipeline):
    """Some deal follows it; where none does, there is nothing to wait for."""
    f.make_deal(pipeline)
    Criterion.objects.filter(stage__pipeline=pipeline, slug="budget").update(evidence="file")
    return Pipeline.objects.get(pk=pipeline.pk)


def address(pipeline):
    return reverse("admin:pipeline_pipeline_publishing", args=[pipeline.pk])


@pytest.mark.django_db
def test_each_step_is_told_and_the_end_forgets_them(pipeline, client, monkeypatch):
    told, tell = [], publication_steps.Steps.taken

    def also_ask(steps, number=1):
        tell(steps, number)
        told.append(client.get(address(pipeline)).content.decode())

    monkeypatch.setattr(publication_steps.Steps, "taken", also_ask)
    publishing.publish(changed(pipeline), by=pipeline.process_owner, note="More evidence is asked")
    shares = [int(html.split(' % done"')[0].rpartition('"')[2]) for html in told]
    assert len(shares) > 2 and shares == sorted(shares) and 0 < shares[0] < 50 and shares[-1] == 100
    assert max(after - before for before, after in pairwise([0, *shares])) < 60, "it moves evenly"
    assert publication_steps.of(pipeline.pk) is None


@pytest.mark.django_db
def test_other_days_of_a_timer_are_told_by_how_many_clocks_are_set(pipeline, monkeypatch):
    """Nothing is judged or counted then; what takes long is told as it goes on."""
    monkeypatch.setattr(due_together, "_TOGETHER", 2)
    monkeypatch.setattr(due_stored, "CHUNK", 1)
    for _number in range(6):
        f.make_deal(pipeline)
    Rule.objects.filter(pipeline=pipeline, key="follow_up").update(days=9)
    told, tell = [], publication_steps.Steps.taken

    def also_note(steps, number=1):
        tell(steps, number)
        told.append(publication_steps.of(pipeline.pk))

    monkeypatch.setattr(publication_steps.Steps, "taken", also_note)
    for number, deal in enumerate(Deal.objects.filter(pipeline=pipeline)):
        began = timezone.now() - timedelta(days=number)
        Deal.objects.filter(pk=deal.pk).update(awaiting_since=began, last_buyer_activity_at=began)
    publishing.publish(Pipeline.objects.get(pk=pipeline.pk), by=pipeline.process_owner, note="Later")
    assert len({done for done, _of in told}) > 3 and {of for _done, of in told} == {6}
    assert told[-1] == (6, 6)


@pytest.mark.django_db
def test_a_publication_that_fails_leaves_no_progress_behind(pipeline, monkeypatch):
    def fail(steps, number=1):
        raise RuntimeError("the power is gone")

    monkeypatch.setattr(publication_steps.Steps, "taken", fail)
    with pytest.raises(RuntimeError):
        publishing.publish(changed(pipeline), by=pipeline.process_owner, note="More evidence is asked")
    assert publication_steps.of(pipeline.pk) is None
    assert Pipeline.objects.get(pk=pipeline.pk).version.number == 1


@pytest.mark.django_db
def test_only_who_may_publish_is_told(pipeline, rep):
    client = Client()
    client.force_login(rep)
    assert client.get(address(pipeline)).status_code in (302, 403)


@pytest.mark.django_db(transaction=True)
def test_the_page_shows_it_before_the_answer_is_there(open_page, watched):
    admin = f.make_admin()
    pipeline = changed(f.make_pipeline("New business", owner=admin))
    watched.append(lambda publication: time.sleep(2.5))
    page = open_page(reverse("admin:pipeline_pipeline_publish", args=[pipeline.pk]), user=admin)
    page.get_by_label("Note to the team").fill("More evidence is asked of every budget")
    shown = []
    page.expose_function("shown", lambda text: shown.append(text))
    page.evaluate(
        "const place = document.querySelector('#progress');"
        "new MutationObserver(() => shown(place.innerText)).observe(place, {childList: true})"
    )
    page.get_by_role("button", name="Publish version 2").click()
    page.get_by_text("Version 2 of “New business” is in force from now on.").wait_for()
    assert "every live deal is judged and counted" in shown[0]
    assert "%" not in shown[0], "nothing is counted yet, so no share is told"
    assert page.complaints == []
