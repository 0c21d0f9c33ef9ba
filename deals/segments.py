"""Which pipeline a deal belongs to, by its segment: amount range and deal type."""

from pipeline.models import Pipeline
from pipeline.models.fields import lines


def proposed(amount=None, deal_type="", pipelines=None):
    """The first pipeline in use whose segment fits; else the first that names no segment; else the first; or None.

    A deal without an amount fits only pipelines that name no amount.
    """
    pipelines = list(Pipeline.objects.active() if pipelines is None else pipelines)
    fitting = [pipeline for pipeline in pipelines if _fits(pipeline, amount, deal_type)]
    special = [pipeline for pipeline in fitting if _is_special(pipeline)]
    return next(iter(special or fitting or pipelines), None)


def _is_special(pipeline):
    return (
        pipeline.amount_min is not None or pipeline.amount_max is not None or bool(lines(pipeline.deal_types))
    )


def _fits(pipeline, amount, deal_type):
    types = {name.casefold() for name in lines(pipeline.deal_types)}
    if types and deal_type.strip().casefold() not in types:
        return False
    if amount is None:
        return pipeline.amount_min is None and pipeline.amount_max is None
    low, high = pipeline.amount_min, pipeline.amount_max
    return (low is None or amount >= low) and (high is None or amount <= high)
