"""An admin's pages of a process, as a browser sends them."""

import re

from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from pipeline.drafting import process_of_draft
from pipeline.models import Criterion, Pipeline
from pipeline.process import process_of

from .forms_of import form_of

NOTE = "Agreed in the quarterly review"


def page_of(row):
    return reverse(f"admin:pipeline_{row._meta.model_name}_change", args=[row.pk])


def save(client, url, rows=None, **typed):
    """Open the page, type this into the form the page shows, save.

    `rows` is what is typed into the criteria of a stage: {slug: {field: value}}; without a slug, into a new one.
    """
    shown = form_of(client.get(url), "_form")
    for slug, fields in (rows or {}).items():
        typed |= {f"{row_in(shown, slug)}{name}": value for name, value in fields.items()}
    return post(client, url, {**shown, "_save": "Save", **typed})


def post(client, url, data):
    """The answer; what was saved leads to another page, which is asked for as soon as the test looks at it."""
    answer = client.post(url, {name: value for name, value in data.items() if value is not None})
    if answer.status_code != 302:
        return answer
    return SimpleLazyObject(lambda: client.get(answer.url, follow=True))


def said(response):
    return [str(message) for message in response.context["messages"]]


def row_in(shown, slug):
    """The prefix of a criterion's fields in the form of its stage; that of the empty row without a slug."""
    if not slug:
        return f"criteria-{int(shown['criteria-TOTAL_FORMS']) - 1}-"
    ids = {value: name for name, value in shown.items() if re.fullmatch(r"criteria-\d+-id", name) and value}
    return ids[str(Criterion.objects.get(slug=slug, pk__in=ids).pk)].removesuffix("id")


def current(pipeline):
    return process_of(Pipeline.objects.select_related("version").get(pk=pipeline.pk))


def draft(pipeline):
    """The process as it would be if it were published now."""
    return process_of_draft(Pipeline.objects.select_related("version").get(pk=pipeline.pk))


def publish_page(pipeline, query=""):
    return reverse("admin:pipeline_pipeline_publish", args=[pipeline.pk]) + query


def put_in_force(client, pipeline, **typed):
    """Open the publish page, say why, publish."""
    page = publish_page(pipeline)
    return post(client, page, {**form_of(client.get(page), "publish_form"), "note": NOTE, **typed})


def add_stage(client, pipeline, **typed):
    from . import factories as f

    url = reverse("admin:pipeline_stage_add") + f"?pipeline={pipeline.pk}"
    known = {
        "name": "Legal review",
        "buyer_action": "Sent us their contract terms",
        "owner_role": f.make_role().pk,
    }
    return save(client, url, **{name: str(value) for name, value in {**known, **typed}.items()})
