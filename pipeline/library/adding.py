"""Criteria of the library become criteria of a stage's draft."""

from django.db import transaction

from ..loading import criterion_values
from ..models import Criterion, Pipeline
from ..ordering import next_position


@transaction.atomic
def add(stage, documents):
    """Put them behind what the stage asks. Returns the criteria added; one the stage asks already stays as it is.

    One that was retired comes back as the library has it. Publishing is another step.
    """
    Pipeline.objects.select_for_update().get(pk=stage.pipeline_id)
    known = {criterion.slug: criterion for criterion in stage.criteria.all()}
    added = [document for document in documents if _is_missing(known.get(document.slug))]
    return [_add(stage, known.get(document.slug) or Criterion(stage=stage), document) for document in added]


def _is_missing(criterion):
    return criterion is None or criterion.retired_at is not None


def _add(stage, criterion, document):
    for name, value in criterion_values(document).items():
        setattr(criterion, name, value)
    criterion.position, criterion.retired_at = next_position(stage.criteria), None
    criterion.save()
    return criterion
