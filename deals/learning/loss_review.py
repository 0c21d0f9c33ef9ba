"""What a deal that was not won teaches: what happened, what we do otherwise, and whether it should have been won."""

from django.utils.translation import gettext as _

from ..edits import Unfit
from ..input import normalise
from ..models import LossReview, Status
from ..moves import IllegalMove, NotAllowed, may_edit

LONGEST = 4000
LOST = (Status.LOST, Status.ARCHIVED)


def write(deal, *, happened, change, should_have_won, by, now):
    """Keep the review of a deal lost or archived; a later one takes its place.

    Raises NotAllowed, IllegalMove, Unfit.
    """
    if not may_edit(by, deal):
        raise NotAllowed(_("Only those who act on this deal, or a manager of its team, may do this."))
    if deal.status not in LOST:
        raise IllegalMove(_("This deal is neither lost nor archived: there is nothing to review."))
    typed, errors = {"happened": happened, "change": change}, {}
    for name, text in typed.items():
        if flaw := normalise.flaw(text):
            errors[name] = flaw
        elif len(text) > LONGEST:
            errors[name] = _("At most %d characters.") % LONGEST
    if errors:
        raise Unfit(errors)
    said = {name: normalise.clean(text, lines=True) for name, text in typed.items()}
    review, _made = LossReview.objects.update_or_create(
        deal=deal, defaults={**said, "should_have_won": bool(should_have_won), "by": by, "at": now}
    )
    return review
