"""What each figure means, once: printed below its panel and in docs/metrics.md (a test holds the two together)."""

from django.utils.translation import gettext_lazy as _

from .meaning import Definition
from .meanings_of_flow import FLOW

DEFINITIONS = FLOW | {
    "proven": Definition(
        _("Proven"),
        _(
            "Money of open deals in a stage that counts as pipeline where every criterion of every earlier stage "
            "holds, a next step is dated today or later (two business days of grace) and no exception is live."
        ),
    ),
    "claimed": Definition(
        _("Claimed"),
        _(
            "The rest of the pipeline's money, each deal with the first cause that applies: exception, next step "
            "missing or past, imported and not confirmed, proof too old or contested, an earlier gate open."
        ),
    ),
    "pipeline_value": Definition(
        _("Pipeline value"),
        _("Money of open deals in stages that count as pipeline, in the organisation's currency."),
    ),
    "bridge": Definition(
        _("What changed"),
        _(
            "The proven pipeline as last week's Monday began (or the first night on record), and now. Each deal that "
            "was proven then or is now is in one part, with the difference it makes: new (not live then), newly "
            "proven, amounts up and down (proven at both ends), date past (next step missing or past), re-engaging, "
            "lost or archived, won, and other causes. The parts add up to the difference."
        ),
    ),
    "slipped": Definition(
        _("Slipped"),
        _(
            "Live deals whose expected close lay within the quarter as last week's Monday began and lies after it now. "
            "They stay in the pipeline and are in no part of the bridge for it."
        ),
    ),
    "pushed": Definition(
        _("Pushed"),
        _("How often a later expected close took the place of an earlier one since last week's Monday."),
    ),
    "at_risk": Definition(
        _("At risk"),
        _(
            "Open deals in stages that count as pipeline with any of these: the buyer silent past the threshold; next "
            "step missing or past; fewer than two contacts who took part, from the qualifying stage on; expected "
            "close past; a gate behind it broken; no economic buyer although an earlier stage asks for one; an "
            "exception that expires within 7 days or has; an approval of our own side late; nothing in the buyer's "
            "own hand for 45 days (a mail, form, accepted invitation, confirmation or document); expected close "
            "pushed twice or more. The largest come first."
        ),
    ),
    "phantom": Definition(
        _("Phantom pipeline"),
        _(
            "Money of open deals in stages that count as pipeline whose buyer has done nothing for as many calendar "
            "days as their pipeline's rule waits before it re-engages (14 without such a rule), and named no day to "
            "come back."
        ),
    ),
    "target": Definition(
        _("Target"),
        _(
            "What is to be won in the month or quarter, summed over its months. A team without a target has the sum of "
            "its people's, all together without one the sum of the teams'; who is in several teams counts in the "
            "first."
        ),
    ),
    "won": Definition(
        _("Won"),
        _(
            "Money of deals that are won, each in the period its signature is dated in; a deal that was reopened, or "
            "whose win was undone, is not won."
        ),
    ),
    "proven_weighted": Definition(
        _("Proven, weighted"),
        _(
            "Proven deals expected to close in the month or quarter, each times the probability it shows: its stage's, "
            "or the deal's own. Nothing once the period is over."
        ),
    ),
    "gap": Definition(
        _("Gap"),
        _(
            "What is missing of the target after what is won and what is proven and weighted; never below zero."
        ),
    ),
}
