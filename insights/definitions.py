"""What each figure means, once: printed below its panel and in docs/metrics.md (a test holds the two together)."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Definition:
    """`says` is the formula in words. `low` to `high` is the healthy band, in the figure's own unit; None: none."""

    name: str
    says: str
    low: int | None = None
    high: int | None = None


DEFINITIONS = {
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
