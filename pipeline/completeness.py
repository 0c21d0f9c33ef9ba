"""What a draft still lacks before it can be published, all of it at once, in words."""

from django.utils.translation import gettext as _

from . import retiring
from .drafted import Drafted
from .models import Criterion
from .rule_checks import problems
from .rules import in_words
from .vocabulary import Evidence, Kind

# A bare statement of ours would open these; every other kind is proven by what it is (a fact on record, a file, a
# decision somebody took). A limit says what the statement is measured against.
LIMITS = ("minimum", "maximum", "min_length", "min_items")
STATED = frozenset({Kind.TEXT, Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.CHOICE, Kind.YES_NO})


def problems_of(pipeline, drafted=None):
    """What keeps the draft from being published."""
    drafted, found = drafted or Drafted(pipeline), []
    if pipeline.process_owner_id is None:
        found.append(_("The pipeline has no process owner."))
    stages = drafted.stages
    if not stages:
        found.append(_("The pipeline has no stage."))
    found += [_("%s: no buyer action.") % stage.name for stage in stages if not stage.buyer_action.strip()]
    words = _("%(stage)s: nothing says how “%(label)s” is verified. Write it down, or ask for evidence.")
    bare = filter(_is_unverified, drafted.criteria)
    found += [words % {"stage": criterion.stage.name, "label": criterion.label} for criterion in bare]
    found += _unfit_rules(drafted)
    return found + (retiring.problems(pipeline) if drafted.has_retired else [])


def _unfit_rules(drafted):
    """Rules that could not do what they say, such as a mail without a text."""
    running = [r for r in drafted.rules_in_use if r.is_on and not r.key.startswith("former-")]
    return [f"{in_words(rule)}: {problem}" for rule in running for _column, problem in problems(rule)]


def _is_unverified(criterion):
    """Somebody's bare word would open it: no evidence, no limit, no method written down."""
    limited = any(getattr(criterion, name) is not None for name in LIMITS)
    bare = criterion.kind in STATED and criterion.evidence == Evidence.NONE and not limited
    return bare and not criterion.verification.strip()


def open_gates(pipeline):
    """Stages of the draft that would ask nothing on leaving."""
    asking = Criterion.objects.filter(
        stage__pipeline=pipeline, retired_at__isnull=True, side="exit"
    ).values_list("stage_id", flat=True)
    return list(pipeline.stages.current().exclude(pk__in=asking))
