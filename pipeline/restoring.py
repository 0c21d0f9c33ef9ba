"""Making the draft say what a snapshot says: to discard edits, and to go back to an older version."""

from django.db import transaction
from django.utils import timezone

from .models import Criterion, Pipeline, Rule, Stage
from .snapshots import CRITERION_COLUMNS, RULE_COLUMNS, STAGE_COLUMNS


@transaction.atomic
def restore(pipeline, snapshot, now=None):
    """The draft's stages, criteria, timers and reasons become those of the snapshot.

    What the snapshot does not know is retired, or deleted where it never was published. Rows keep their ids, so
    answers and history stay with them. The pipeline's name and owner are as they are.
    """
    now = now or timezone.now()
    pipeline = Pipeline.objects.select_for_update().get(pk=pipeline.pk)
    pipeline.stages.update(position=None)
    for row in snapshot["stages"]:
        _write(Stage(pipeline=pipeline, pk=row["id"]), row, STAGE_COLUMNS, retired_at=None, retired_to=None)
        for asked in row["criteria"]:
            _write(Criterion(pk=asked["id"]), asked, CRITERION_COLUMNS, retired_at=None)
    kept = [row["id"] for row in snapshot["stages"]]
    _rules(pipeline, snapshot.get("rules", []))
    _drop_criteria(pipeline, [asked["id"] for row in snapshot["stages"] for asked in row["criteria"]], now)
    _drop_stages(pipeline, kept, now)
    pipeline.lost_reasons = "\n".join(snapshot.get("lost", []))
    pipeline.disqualified_reasons = "\n".join(snapshot.get("disqualified", []))
    pipeline.save(update_fields=["lost_reasons", "disqualified_reasons"])


def discard(pipeline):
    """Back to what is in force."""
    restore(pipeline, pipeline.version.snapshot)


def _write(row, values, columns, **more):
    """Only columns that the snapshot knows: one that came later keeps what the draft says."""
    known = {name: values[name] for name in columns if name in values and hasattr(row, name)}
    for name, value in known.items():
        field = row._meta.get_field(name.removesuffix("_id"))
        setattr(row, name, value if field.is_relation else field.to_python(value))
    for name, value in more.items():
        setattr(row, name, value)
    row.save(update_fields=[*known, *more])


def _drop_stages(pipeline, kept, now):
    for stage in pipeline.stages.exclude(pk__in=kept):
        if stage.definitions.exists():
            stage.retired_at = stage.retired_at or now
            stage.save(update_fields=["retired_at"])
        else:
            stage.rules.all().delete()
            stage.delete()


def _drop_criteria(pipeline, kept, now):
    for criterion in Criterion.objects.filter(stage__pipeline=pipeline).exclude(pk__in=kept):
        drop_criterion(criterion, now)


def drop_criterion(criterion, now):
    """Out of the draft: gone where it never was published, else retired."""
    if not criterion.definitions.exists():
        criterion.delete()
    elif criterion.retired_at is None:
        criterion.retired_at = now
        criterion.save(update_fields=["retired_at"])


def drop_rule(rule):
    """A published rule stays for the record, under a key that nothing reads."""
    if not rule.definitions.exists():
        rule.delete()
    elif not rule.key.startswith("former-"):
        rule.key, rule.is_on = f"former-{rule.pk}", False
        rule.save(update_fields=["key", "is_on"])


def _rules(pipeline, snapshots):
    """Timers are found by their id; versions from before ids were kept, by where they run."""
    known = {rule.pk: rule for rule in pipeline.rules.all()}
    by_place = {(rule.stage_id, rule.key): rule for rule in known.values()}
    wanted = []
    for values in snapshots:
        rule = known.get(values.get("id")) or by_place.get((values["stage_id"], values["key"]))
        wanted.append((rule, values))
    kept = {rule.pk for rule, _values in wanted if rule}
    for rule in known.values():
        if rule.pk not in kept:
            drop_rule(rule)
    for rule, values in wanted:
        _write_rule(rule or Rule(pipeline=pipeline), values)


def _write_rule(rule, values):
    """Versions from before a column came say what it is without being said."""
    for name in RULE_COLUMNS:
        if name == "pipeline_id":
            continue
        field = rule._meta.get_field(name.removesuffix("_id"))
        value = values[name] if name in values else field.get_default()
        setattr(rule, name, value if field.is_relation else field.to_python(value))
    rule.save()
