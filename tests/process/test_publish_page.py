"""The publish page: what changes, what it does to deals, what is missing, and from when it counts."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from deals.models import Deal
from pipeline.models import Pipeline
from pipeline.publishing import publish
from pipeline.vocabulary import Kind
from team.models import Notice

from .. import factories as f
from ..admin_process import NOTE, current, post, publish_page, put_in_force, said
from ..fingerprint import fingerprint
from ..forms_of import form_of

pytestmark = pytest.mark.django_db


def ask_more(pipeline, stage="Qualify", slug="pain", **columns):
    """A criterion in the draft."""
    return f.add_criterion(f.stage_of(pipeline, stage), slug, Kind.YES_NO, position=9, **columns)


def proven(pipeline, **fields):
    """A deal behind Qualify's gate with a next step: it counts in full."""
    deal = f.make_deal(pipeline, stage="Discover", **fields)
    return f.next_step(deal)


def text_of(response):
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


# ---------------------------------------------------------------- seen before it is done


def test_the_page_says_what_changes_and_what_it_would_do_to_the_deals(client, pipeline):
    deal = proven(pipeline)
    ask_more(pipeline, label="The buyer feels the pain")
    before = fingerprint()
    page = client.get(publish_page(pipeline))
    text = text_of(page)
    assert "Publish version 2 of New business" in text
    assert "asks a new criterion: “The buyer feels the pain”." in text and "asks more" in text
    share = page.context["effect"].claimed
    assert (share.count, share.money) == (1, 86000) and "Discover 1 €86k" in text
    assert deal.name in text_of(client.get("/process/new-business/effect/"))
    assert fingerprint() == before and pipeline.versions.count() == 1


def test_the_effect_of_other_choices_is_shown_before_publishing(client, pipeline):
    proven(pipeline)
    new = ask_more(pipeline)
    shown = form_of(client.get(publish_page(pipeline)), "publish_form")
    chosen = {**shown, f"binding_{new.pk}": "entering", "note": "Not all", "preview": "1"}
    page = post(client, publish_page(pipeline), chosen)
    assert "csrf" not in page.request["QUERY_STRING"] and "Not all" in page.content.decode()
    assert not page.context["effect"].claimed and page.status_code == 200
    assert form_of(page, "publish_form")[f"binding_{new.pk}"] == "entering"
    assert pipeline.versions.count() == 1


def test_publishing_does_what_the_page_had_shown(client, pipeline, admin):
    deal = proven(pipeline)
    ask_more(pipeline)
    response = put_in_force(client, pipeline)
    assert said(response)[0].startswith(
        "Version 2 of “New business” is in force from now on. 1 live deal judged"
    )
    version = current(pipeline).version
    assert (version.note, version.published_by) == (NOTE, admin)
    assert f.fresh(deal).open_before == 1
    assert "Draft: nothing changed." in response.content.decode()


def test_a_tightened_criterion_counts_from_when_the_admin_says(client, pipeline):
    spared = proven(pipeline)
    new = ask_more(pipeline)
    put_in_force(client, pipeline, **{f"binding_{new.pk}": "entering"})
    assert f.fresh(spared).open_before == 0
    assert f.make_deal(pipeline).pk  # a later one is asked
    day = f.today() + timedelta(days=30)
    other = ask_more(pipeline, slug="reach")
    put_in_force(client, pipeline, **{f"binding_{other.pk}": "by", f"binding_{other.pk}_on": day.isoformat()})
    assert f.fresh(spared).open_before == 0
    assert spared.spared.get(criterion=other).until == day


def test_nobody_publishes_nothing(client, pipeline):
    page = client.get(publish_page(pipeline))
    assert "Nothing differs." in text_of(page) and b"Publish version" not in page.content.split(b"<form")[-1]
    post(client, publish_page(pipeline), {"note": NOTE, "when": "now"})
    assert pipeline.versions.count() == 1


# ---------------------------------------------------------------- refused

WRONG = [
    ({"note": ""}, "note", "This field is required."),
    ({"note": "too short"}, "note", "at least 10 characters"),
    ({"note": "x" * 501}, "note", "at most 500 characters"),
    ({"when": "later"}, "when", "not one of the available choices"),
    ({"when": "at"}, "at", "Say when."),
    ({"when": "at", "at": "yesterday"}, "at", "Enter a valid date/time."),
    ({"when": "at", "at": "2020-01-01T10:00"}, "at", "A time to come, within a year."),
    ({"when": "at", "at": "9999-01-01T10:00"}, "at", "A time to come, within a year."),
    ({"binding": "whenever"}, "binding", "not one of the available choices"),
    ({"binding": "by"}, "binding_on", "Say from which day."),
    ({"binding": "by", "binding_on": "2020-01-01"}, "binding_on", "A day to come, within a year."),
    ({"binding": "by", "binding_on": "soon"}, "binding_on", "Enter a valid date."),
]


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_published(client, pipeline):
    proven(pipeline)
    new = ask_more(pipeline)
    shown, before = form_of(client.get(publish_page(pipeline)), "publish_form"), fingerprint()
    for typed, field, words in WRONG:
        named = {name.replace("binding", f"binding_{new.pk}"): value for name, value in typed.items()}
        response = post(client, publish_page(pipeline), {**shown, "note": NOTE, **named})
        assert response.status_code == 422, typed
        errors = response.context["form"].errors[field.replace("binding", f"binding_{new.pk}")]
        assert words in " ".join(errors), typed
        assert named.get("note", NOTE) in response.content.decode(), typed
        assert fingerprint() == before and pipeline.versions.count() == 1, typed


def test_an_incomplete_process_is_refused_with_everything_that_is_missing(client, pipeline):
    """R009, R013"""
    ask_more(pipeline, needs_buyer=False, evidence="none", label="We think so", verification="")
    Pipeline.objects.filter(pk=pipeline.pk).update(process_owner=None)
    pipeline.stages.filter(name="Propose").update(buyer_action=" ")
    missing = [
        "The pipeline has no process owner.",
        "Propose: no buyer action.",
        "Qualify: nothing says how “We think so” is verified. Write it down, or ask for evidence.",
    ]
    page = client.get(publish_page(pipeline))
    assert [words for words in missing if words not in text_of(page)] == []
    response = post(client, publish_page(pipeline), {"note": NOTE, "when": "now"})
    assert response.status_code == 422 and pipeline.versions.count() == 1


def test_a_method_a_limit_or_evidence_says_how_a_criterion_is_verified(client, pipeline):
    """R009"""
    stage = f.stage_of(pipeline, "Qualify")
    ours = {"needs_buyer": False, "evidence": "none"}
    f.add_criterion(stage, "one", Kind.YES_NO, position=7, verification="The register of companies", **ours)
    f.add_criterion(stage, "two", Kind.NUMBER, position=8, minimum=4, **ours)
    f.add_criterion(stage, "three", Kind.YES_NO, position=9, needs_buyer=False, evidence="file")
    assert put_in_force(client, pipeline).status_code == 200 and pipeline.versions.count() == 2


@pytest.mark.parametrize("typed", ["", "yes", "Discovery"])
def test_an_open_gate_is_published_only_when_its_name_is_typed(client, pipeline, typed):
    """B57"""
    f.criterion_of(pipeline, "summary").__class__.objects.filter(slug="summary").update(
        retired_at=timezone.now()
    )
    stage = f.stage_of(pipeline, "Discover")
    response = put_in_force(client, pipeline, **{f"gate_{stage.pk}": typed})
    assert response.status_code == 422 and pipeline.versions.count() == 1
    assert "Type “Discover” to confirm that this gate stands open." in response.content.decode()
    put_in_force(client, pipeline, **{f"gate_{stage.pk}": "discover "})
    assert pipeline.versions.count() == 2


def test_a_draft_that_was_edited_after_it_was_looked_at_is_not_published_unseen(client, pipeline):
    ask_more(pipeline)
    page = publish_page(pipeline)
    data = {**form_of(client.get(page), "publish_form"), "note": NOTE}
    second = ask_more(pipeline, slug="sneaked")
    response = post(client, page, {**data, f"binding_{second.pk}": "now"})
    assert response.status_code == 422 and pipeline.versions.count() == 1
    assert "The draft was edited meanwhile." in text_of(response)
    again = {**form_of(response, "publish_form")}
    assert post(client, page, again).status_code == 200 and pipeline.versions.count() == 2


@pytest.mark.parametrize("level", ["rep", "manager"])
def test_only_an_admin_publishes(client, pipeline, level):
    ask_more(pipeline)
    client.force_login(f.make_user(level=level))
    for url in (publish_page(pipeline), publish_page(pipeline).replace("publish", "discard")):
        assert client.post(url, {"note": NOTE, "when": "now"}).status_code in (302, 403)
    assert pipeline.versions.count() == 1 and pipeline.stages.get(name="Qualify").criteria.count() == 3


# ---------------------------------------------------------------- often, weakened


def test_more_than_five_publications_in_a_quarter_are_warned_of(client, pipeline, admin):
    """R015"""
    for number in range(5):
        ask_more(pipeline, slug=f"more{number}")
        assert "times in the last quarter" not in text_of(client.get(publish_page(pipeline)))
        publish(pipeline, by=admin, note="Once more")
    ask_more(pipeline, slug="sixth")
    assert "Published 5 times in the last quarter." in text_of(client.get(publish_page(pipeline)))
    assert "Published 5 times in the last quarter." in text_of(client.get("/process/new-business/versions/"))


def test_asking_less_is_told_to_every_manager_and_admin_but_who_did_it_with_the_comparison(
    client, pipeline, admin
):
    """B16"""
    manager, other = f.make_manager(), f.make_admin("Jonas Lindvarr")
    f.make_user()  # a rep is told nothing
    budget = f.criterion_of(pipeline, "budget")
    budget.expires_after_days = 365
    budget.save()
    put_in_force(client, pipeline)
    assert current(pipeline).version.weakened == [budget.pk]
    notices = Notice.objects.filter(key__startswith="weakened-")
    assert {notice.user for notice in notices} == {manager, other}
    notice = notices.get(user=manager)
    assert notice.text == "New business, version 2: one criterion asks less than before."
    client.force_login(manager)
    assert "holds, days from “90” to “365”" in text_of(client.get(notice.url))


def test_asking_more_is_told_to_nobody(client, pipeline):
    ask_more(pipeline)
    put_in_force(client, pipeline)
    assert not Notice.objects.filter(key__startswith="weakened-").exists()
    assert Deal.objects.count() == 0
