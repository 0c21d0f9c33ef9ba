"""Why a deal counts as claimed: one cause for each, the first that applies, so that the parts add up to the whole."""

from django.db.models import BooleanField, Case, CharField, ExpressionWrapper, Q, Value, When
from django.utils.translation import gettext_lazy as _

from deals.overview import erosion

EXCEPTION, NO_STEP, IMPORTED, TOO_OLD, GATE = "exception", "no_step", "imported", "too_old", "gate"
WORDS = {
    NO_STEP: _("next step missing or past"),
    IMPORTED: _("imported, not confirmed"),
    TOO_OLD: _("proof too old or contested"),
    EXCEPTION: _("exception"),
    GATE: _("an earlier gate is open"),
}


def cause(lens):
    """The cause as an expression over open deals with `is_proven`; empty text where the deal is proven."""
    eroded = ExpressionWrapper(Q(erosion.eroded(lens.today)), BooleanField())
    return Case(
        When(is_proven=True, then=Value("")),
        When(exception_until__isnull=False, then=Value(EXCEPTION)),
        When(
            Q(next_step_on__lt=lens.grace) | Q(next_step_on__isnull=True) | Q(next_step=""),
            then=Value(NO_STEP),
        ),
        When(import_batch__isnull=False, open_before__gt=0, then=Value(IMPORTED)),
        When(Q(holds_until__lt=lens.today) | Q(eroded), then=Value(TOO_OLD)),
        default=Value(GATE),
        output_field=CharField(),
    )
