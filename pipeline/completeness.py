"""What a draft still lacks before it can be published, all of it at once, in words."""

from django.utils.translation import gettext as _

from . import retiring
from .models import Criterion
from .rule_checks import problems
from .rules import in_words
from .vocabulary import Evidence, Kind

# A bare statement of ours would open these; every other kind is proven by what it is (a fact on record, a file, a
# decision somebody took). A limit says what the statement is measured against.
LIMITS = ("minimum", "maximum", "min_length", "min_items")
STATED = frozenset({Kind.TEXT, Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.CHOICE, Kind.YES_NO})


def problems_of(pipeline):
    """What keeps the draft from being published."""
    found = []
    if pipeline.process_owner_id is None:
        found.append(_("The pipeline has no process owner."))
    stages = list(pipeline.stages.current())
    if not stages:
        found.append(_("The pipeline has no stage."))
    found += [_("%s: no buyer action.") % stage.name for stage in stages if not stage.buyer_action.strip()]
    words = _("%(stage)s: nothing says how “%(label)s” is verified. Write it down, or ask for evidence.")
    found += [words % {"stage": c.stage.name, "label": c.label} for c in unverified(pipeline)]
    return found + _unfit_rules(pipeline) + retiring.problems(pipeline)


def _unfit_rules(pipeline):
    """Rules that could not do what they say, such as a mail without a text."""
    rules = pipeline.rules.filter(is_on=True, stage__retired_at__isnull=True)
    running = rules.exclude(key__startswith="former-").select_related("person", "endpoint")
    return [f"{in_words(rule)}: {problem}" for rule in running for _column, problem in problems(rule)]


def unverified(pipeline):
    """Criteria that somebody's bare word would open: no evidence, no limit, no method written down."""
    criteria = Criterion.objects.filter(
        stage__pipeline=pipeline,
        stage__retired_at__isnull=True,
        retired_at__isnull=True,
        kind__in=STATED,
        evidence=Evidence.NONE,
        **{f"{name}__isnull": True for name in LIMITS},
    )
    asked = criteria.select_related("stage").order_by("stage__position", "position", "id")
    return [criterion for criterion in asked if not criterion.verification.strip()]


def open_gates(pipeline):
    """Stages of the draft that would ask nothing on leaving."""
    asking = Criterion.objects.filter(
        stage__pipeline=pipeline, retired_at__isnull=True, side="exit"
    ).values_list("stage_id", flat=True)
    return list(pipeline.stages.current().exclude(pk__in=asking))
