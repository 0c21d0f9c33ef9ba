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
}
