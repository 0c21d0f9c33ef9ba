"""B12: a deal written through the ORM, past the door."""

from django.db import models
from django.db.models import F

from deals.models import Deal, Status

from .families import family

attack = family("the ORM on deals")


@attack()
def save_a_stale_copy_under_the_same_key(w):
    copy = w.moved(stage_id=w.last)
    models.Model.save(copy)


@attack()
def save_a_new_object_under_the_same_key(w):
    copy = w.new_deal(id=w.deal.pk, stage_id=w.last, token=w.deal.token)
    models.Model.save(copy)


@attack()
def save_a_column_changed_through_dict(w):
    w.moved(stage_id=w.last).save(update_fields=["stage"])


@attack()
def save_the_status_changed_through_dict(w):
    w.moved(status=Status.WON).save(update_fields=["status"])


@attack()
def save_the_seq(w):
    w.moved(seq=7).save(update_fields=["seq"])


@attack()
def set_state_and_save(w):
    deal = w.moved()
    Deal._meta.get_field("stage").set_state(deal, w.last)
    deal.save(update_fields=["stage"])


@attack()
def call_the_ungated_transition_and_save(w):
    deal = w.moved()
    deal.stand_in(w.last)
    deal.save(update_fields=["stage"])


@attack()
def judge_it_oneself_and_save(w):
    from deals.gate import Judgement

    deal = w.moved(judgement=Judgement())
    deal.enter(w.last)
    deal.save(update_fields=["stage"])


@attack()
def unlock_the_field_and_save(w):
    from deals.fields import unlocked

    deal = w.moved()
    with unlocked(deal):
        deal.stage_id = w.last
    deal.save(update_fields=["stage"])


@attack()
def assign_the_stage(w):
    deal = w.moved()
    deal.stage = w.pipeline.stages.get(pk=w.last)
    deal.save(update_fields=["stage"])


@attack()
def update_or_create_with_a_stage(w):
    Deal.objects.update_or_create(pk=w.deal.pk, defaults={"stage_id": w.last})


@attack()
def update_or_create_a_late_deal(w):
    values = {name: value for name, value in w.new_deal().__dict__.items() if not name.startswith("_")}
    values |= {"stage_id": w.last}
    values.pop("id")
    Deal.objects.update_or_create(name="Nobody's", defaults=values)


@attack()
def queryset_update_stage(w):
    Deal.objects.filter(pk=w.deal.pk).update(stage=w.last)


@attack()
def queryset_update_one_stage_further(w):
    Deal.objects.filter(pk=w.deal.pk).update(stage=w.later, seq=F("seq") + 1)


@attack()
def queryset_update_status(w):
    Deal.objects.filter(pk=w.deal.pk).update(status=Status.WON)


@attack()
def queryset_update_seq(w):
    Deal.objects.filter(pk=w.deal.pk).update(seq=F("seq") - 1)


@attack()
def queryset_update_pipeline(w):
    Deal.objects.filter(pk=w.deal.pk).update(pipeline=w.other)


@attack()
def queryset_update_pipeline_and_stage(w):
    Deal.objects.filter(pk=w.deal.pk).update(pipeline=w.other, stage=w.other.stages.get(position=4))


@attack()
def bulk_update_stage(w):
    Deal.objects.bulk_update([w.moved(stage_id=w.last)], ["stage"])


@attack()
def bulk_create_a_late_deal(w):
    Deal.objects.bulk_create([w.new_deal(stage_id=w.last)])


@attack()
def bulk_create_over_the_deal(w):
    copy = w.moved(stage_id=w.last, seq=0)
    Deal.objects.bulk_create(
        [copy], update_conflicts=True, unique_fields=["id"], update_fields=["stage", "status"]
    )


@attack()
def bulk_create_over_the_deal_from_the_entry_stage(w):
    copy = w.moved(stage_id=w.entry, seq=0)
    Deal.objects.bulk_create(
        [copy], update_conflicts=True, unique_fields=["id"], update_fields=["stage", "seq"]
    )


@attack()
def bulk_create_late_ignoring_conflicts(w):
    Deal.objects.bulk_create([w.new_deal(stage_id=w.last)], ignore_conflicts=True)


@attack()
def insert_a_won_deal(w):
    w.new_deal(status=Status.WON).save(force_insert=True)


@attack()
def insert_a_deal_with_a_past(w):
    w.new_deal(seq=3).save(force_insert=True)


@attack()
def insert_a_deal_into_another_pipelines_stage(w):
    w.new_deal(pipeline_id=w.other.pk).save(force_insert=True)


@attack()
def delete_the_deal(w):
    w.deal.delete()


@attack()
def delete_all_deals(w):
    Deal.objects.all().delete()


@attack()
def delete_past_the_collector(w):
    queryset = Deal.objects.filter(pk=w.deal.pk)
    queryset._raw_delete(queryset.db)
