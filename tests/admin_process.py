"""An admin's pages of a process, as a browser sends them."""

from django.urls import reverse

from pipeline.drafting import process_of_draft
from pipeline.models import Criterion, Pipeline
from pipeline.process import process_of

from .forms_of import form_of

NOTE = "Agreed in the quarterly review"


def page_of(row):
    return reverse(f"admin:pipeline_{row._meta.model_name}_change", args=[row.pk])


def save(client, url, **typed):
    """Open the page, type this into the form the page shows, save."""
    return post(client, url, {**form_of(client.get(url), "_form"), "_save": "Save", **typed})


def post(client, url, data):
    return client.post(url, {name: value for name, value in data.items() if value is not None}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def row_of(client, stage, slug):
    """The prefix of a criterion's fields on the page of its stage."""
    data = form_of(client.get(page_of(stage)), "_form")
    pk = str(Criterion.objects.get(stage=stage, slug=slug).pk)
    return next(name[: -len("id")] for name, value in data.items() if name.endswith("-id") and value == pk)


def new_row(client, stage):
    total = int(form_of(client.get(page_of(stage)), "_form")["criteria-TOTAL_FORMS"])
    return f"criteria-{total - 1}-"


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
