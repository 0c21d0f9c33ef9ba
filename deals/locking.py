"""The order in which rows are locked: the pipeline first (shared), then the deal alone.

Publishing locks the pipeline exclusively, so a move or an answer is judged by one version from start to end.
"""

from django.db import connection

from pipeline.models import Pipeline
from pipeline.process import process_of

from .models import Deal


def locked_deal(deal_id):
    """(deal, process) with the deal locked until the transaction ends. Deal.DoesNotExist where there is none."""
    pipeline_id = _share_lock_of(deal_id)
    deal = Deal.objects.for_update().get(pk=deal_id)
    if deal.pipeline_id != pipeline_id:
        share_lock(deal.pipeline_id)
    pipeline = Pipeline.objects.select_related("version").get(pk=deal.pipeline_id)
    return deal, process_of(pipeline)


def _share_lock_of(deal_id):
    """Share-lock the pipeline of a deal; returns its id."""
    if connection.vendor != "postgresql":
        return Deal.objects.made().values_list("pipeline_id", flat=True).get(pk=deal_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id FROM pipeline_pipeline p JOIN deals_deal d ON d.pipeline_id = p.id"
            " WHERE d.id = %s AND d.seq > 0 FOR SHARE OF p",
            [deal_id],
        )
        row = cursor.fetchone()
    if row is None:
        raise Deal.DoesNotExist
    return row[0]


def share_lock(pipeline_id):
    """Hold off a publication of this pipeline. SQLite needs none: its transactions take the write lock at once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM pipeline_pipeline WHERE id = %s FOR SHARE", [pipeline_id])
