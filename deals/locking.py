"""The order in which rows are locked: the pipeline first (shared), then the deal alone.

Publishing locks the pipeline exclusively, so a move or an answer is judged by one version from start to end.
"""

from django.db import connection

from pipeline.process import process_of, with_version
from team.models import Organisation
from team.prepared import Prepared

from .models import Deal

_PIPELINE_OF = """SELECT p.id FROM pipeline_pipeline p JOIN deals_deal d ON d.pipeline_id = p.id
    WHERE d.id = %s AND d.seq > 0"""
_for_update = Prepared(lambda pk: Deal.objects.for_update().filter(pk=pk).order_by(), 0)


def locked_deal(deal_id):
    """(deal, process) with the deal locked until the transaction ends. Deal.DoesNotExist where there is none."""
    pipeline_id = _share_lock_of(deal_id)
    deal = _for_update.first(deal_id)
    if deal is None:
        raise Deal.DoesNotExist
    if deal.pipeline_id != pipeline_id:
        share_lock(deal.pipeline_id)
    return deal, process_of(with_version(deal.pipeline_id))


def _share_lock_of(deal_id):
    """Share-lock the pipeline of a deal; returns its id."""
    lock = " FOR SHARE OF p" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(_PIPELINE_OF + lock, [deal_id])
        row = cursor.fetchone()
    if row is None:
        raise Deal.DoesNotExist
    return row[0]


def share_lock(pipeline_id):
    """Hold off a publication of this pipeline. SQLite needs none: its transactions take the write lock at once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM pipeline_pipeline WHERE id = %s FOR SHARE", [pipeline_id])


def lock_address_book():
    """Who makes a company or a person that nobody has waits here, and then looks again. Taken before a pipeline's."""
    list(Organisation.objects.select_for_update().values_list("pk"))
