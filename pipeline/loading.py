"""Process documents into draft rows, and draft rows into documents."""

from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from outbox.models import Endpoint
from team.models import Role, User

from .documents import CriterionDocument, LostDocument, ProcessDocument, ProcessError, StageDocument
from .models import Criterion, Pipeline, Rule, Stage
from .models.fields import lines, words
from .publishing import IncompleteProcess
from .publishing import publish as publish_draft
from .restoring import drop_criterion, drop_rule
from .rule_documents import process_rows, process_said, stage_rows, stage_said
from .rules import RuleValues

TEMPLATES = Path(__file__).parent / "processes"
# What a rule names by something else than its id.
NAMED = {
    "person": (
        User,
        "email__iexact",
        gettext_lazy("Nobody who works here has the address “%s”, which a rule names."),
    ),
    "endpoint": (
        Endpoint,
        "name",
        gettext_lazy("There is no webhook “%s”, which a rule names; add it first."),
    ),
}
LINES = (
    "we_do",
    "buyer_needs",
    "questions",
    "tools",
    "choices",
    "deal_types",
    "buyer_profile",
    "buying_journey",
)
WORDS = ("roles", "activity_kinds", "deal_fields")
STAGE_COLUMNS = (
    "name", "objective", "buyer_action", "probability", "target_days", "qualifies", "counts_as_pipeline",
    "journey_step", "we_do", "buyer_needs", "questions", "tools",
)  # fmt: skip
PIPELINE_COLUMNS = (
    "name", "use_when", "review_every_days", "amount_min", "amount_max", "deal_types", "buyer_profile",
    "buying_journey",
)  # fmt: skip


@transaction.atomic
def load(document, *, by, owner=None, publish=True, note="", now=None) -> Pipeline:
    """Make the draft of the pipeline of this slug say what the document says, and publish it.

    Loading the same document again changes nothing. What the document no longer names is retired, or deleted where
    it was never published; a published stage is not, since its deals need somewhere to go. Raises ProcessError.
    """
    now, role = now or timezone.now(), cache(_role)
    pipeline = _pipeline(document, owner)
    stages = _stages(pipeline, document, role)
    _criteria(pipeline, stages, document, role, now)
    _rules(pipeline, stages, document, role)
    if publish:
        _publish(pipeline, by, note, now)
    return Pipeline.objects.get(pk=pipeline.pk)


def document_of(pipeline) -> ProcessDocument:
    """The draft as a document."""
    common, rules = process_said(_rows(pipeline))
    stages = [(stage, stage_said(_rows(pipeline, stage), common)) for stage in pipeline.stages.current()]
    return ProcessDocument(
        slug=pipeline.slug,
        timers=common,
        rules=rules,
        stages=tuple(_stage_document(pipeline, stage, *said) for stage, said in stages),
        lost=LostDocument(
            reasons_lost=tuple(lines(pipeline.lost_reasons)),
            reasons_disqualified=tuple(lines(pipeline.disqualified_reasons)),
        ),
        **{name: _said(pipeline, name) for name in PIPELINE_COLUMNS},
    )


def _pipeline(document, owner):
    pipeline = Pipeline.objects.select_for_update().filter(slug=document.slug).first()
    if Pipeline.objects.filter(name=document.name).exclude(slug=document.slug).exists():
        raise ProcessError(
            [_("Another pipeline is already called “%s”; give this one another name.") % document.name]
        )
    if pipeline is None:
        last = Pipeline.objects.order_by("-position").first()
        pipeline = Pipeline(slug=document.slug, position=last.position + 1 if last else 1)
    for name in PIPELINE_COLUMNS:
        setattr(pipeline, name, _column(name, getattr(document, name)))
    pipeline.lost_reasons = "\n".join(document.lost.reasons_lost)
    pipeline.disqualified_reasons = "\n".join(document.lost.reasons_disqualified)
    pipeline.process_owner = owner or pipeline.process_owner
    pipeline.save()
    return pipeline


def _stages(pipeline, document, role):
    """{slug: Stage} as the document has them."""
    known = {stage.slug: stage for stage in pipeline.stages.all()}
    wanted = [stage.slug for stage in document.stages]
    _drop_stages(stage for slug, stage in known.items() if slug not in wanted and not stage.retired_at)
    # Positions are unique: free them all before the first is given anew.
    if known:
        pipeline.stages.update(position=None)
    stages = {slug: known.get(slug) or Stage(pipeline=pipeline, slug=slug) for slug in wanted}
    for position, each in enumerate(document.stages, 1):
        _fill_stage(stages[each.slug], each, role, position)
    _write(stages.values())
    return stages


def _fill_stage(stage, document, role, position):
    for name in STAGE_COLUMNS:
        setattr(stage, name, _column(name, getattr(document, name)))
    stage.owner_role = role(document.owner_role)
    stage.position, stage.retired_at, stage.retired_to = position, None, None


def _write(rows):
    """New ones, all of one model, together."""
    rows = list(rows)
    new = [row for row in rows if row.pk is None]
    for row in rows:
        if row.pk is not None:
            row.save()
    if new:
        type(new[0]).objects.bulk_create(new)


def _drop_stages(stages):
    published = []
    for stage in stages:
        if stage.definitions.exists():
            published.append(stage.name)
            continue
        stage.rules.all().delete()
        stage.criteria.all().delete()
        stage.delete()
    if published:
        message = _(
            "Stage “%s” is in use but not in the file: retire it first, so that its deals have a place."
        )
        raise ProcessError([message % name for name in published])


def _criteria(pipeline, stages, document, role, now):
    known = {(each.stage_id, each.slug): each for each in Criterion.objects.filter(stage__in=stages.values())}
    rows = []
    for stage_document in document.stages:
        stage = stages[stage_document.slug]
        for position, each in enumerate(stage_document.criteria, 1):
            criterion = known.pop((stage.pk, each.slug), None) or Criterion(stage=stage)
            for name, value in criterion_values(each).items():
                setattr(criterion, name, value)
            criterion.position, criterion.retired_at = position, None
            rows.append(criterion)
            if each.kind == "approval" and not each.needs_buyer:
                [role(name) for name in each.roles]
    _write(rows)
    for criterion in known.values():
        drop_criterion(criterion, now)


def criterion_values(document):
    """{column: value} of a Criterion row that says what the document says."""
    return {name: _column(name, getattr(document, name)) for name in document.__dataclass_fields__}


def _rules(pipeline, stages, document, role):
    named = _Named()
    known = {(rule.stage_id, rule.key): rule for rule in pipeline.rules.all()}
    in_use = {None, *(stage.pk for stage in stages.values())}
    said = {(None, key): values for key, values in process_rows(document).items()}
    for stage in document.stages:
        said |= {(stages[stage.slug].pk, key): values for key, values in stage_rows(document, stage).items()}
    rows = []
    for (stage_id, key), values in said.items():
        rule = known.get((stage_id, key)) or Rule(pipeline=pipeline, stage_id=stage_id, key=key)
        for name in RuleValues.__dataclass_fields__:
            value = getattr(values, name)
            setattr(rule, name, named.row(name, value) if name in NAMED else value)
        rows.append(rule)
        if values.role:
            role(values.role)
    if named.problems:
        raise ProcessError(named.problems)
    _write(rows)
    for (stage_id, key), rule in known.items():
        if stage_id in in_use and (stage_id, key) not in said:
            drop_rule(rule)


class _Named:
    """The people and webhooks that rules name. Unlike roles, nobody can make them up from a file."""

    def __init__(self):
        self.problems = []

    def row(self, column, name):
        if not name:
            return None
        model, key, words = NAMED[column]
        found = model.objects.filter(is_active=True, **{key: name}).first()
        if found is None:
            self.problems.append(words % name)
        return found


def _publish(pipeline, by, note, now):
    try:
        publish_draft(pipeline, by=by, note=note, now=now)
    except IncompleteProcess as error:
        raise ProcessError(error.problems) from error


def _role(name):
    """The role of that name, made where it is missing."""
    slug = slugify(name, allow_unicode=True)[:60]
    role, _made = Role.objects.get_or_create(slug=slug, defaults={"name": name})
    return role


def _stage_document(pipeline, stage, timers, rules):
    """A step that the journey no longer has is left out: no file may name it."""
    criteria = stage.criteria.filter(retired_at__isnull=True)
    if stage.journey_step not in lines(pipeline.buying_journey):
        stage.journey_step = ""
    return StageDocument(
        slug=stage.slug,
        owner_role=stage.owner_role.name,
        timers=timers,
        rules=rules,
        criteria=tuple(_criterion_document(criterion) for criterion in criteria),
        **{name: _said(stage, name) for name in STAGE_COLUMNS},
    )


def _criterion_document(criterion):
    return CriterionDocument(
        **{name: _said(criterion, name) for name in CriterionDocument.__dataclass_fields__}
    )


def _rows(pipeline, stage=None):
    """{key: RuleValues} of the process, or of what is different in a stage."""
    rows = pipeline.rules.filter(stage=stage).exclude(key__startswith="former-")
    return {row.key: _rule_values(row) for row in rows.select_related("person", "endpoint")}


def _rule_values(row):
    values = {name: getattr(row, name) for name in RuleValues.__dataclass_fields__}
    values["person"] = row.person.email if row.person_id else ""
    values["endpoint"] = row.endpoint.name if row.endpoint_id else ""
    return RuleValues(**values)


def _column(name, value):
    if name in LINES:
        return "\n".join(value)
    return ", ".join(value) if name in WORDS else value


def _said(row, name):
    value = getattr(row, name)
    if name in LINES:
        return tuple(lines(value))
    return tuple(words(value)) if name in WORDS else value
