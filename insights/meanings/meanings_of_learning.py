"""What the figures of learning, benchmarks and the stalled report mean; docs/reviews.md says the same words."""

from django.utils.translation import gettext_lazy as _

from .meaning import Definition

LEARNING = {
    "refused": Definition(
        _("Refused"),
        _("Moves the gate refused in the period, counted for every criterion that was open, and their deals."),
    ),
    "waived": Definition(
        _("Passed by exception"),
        _("Deals for which an exception that waives the criterion was granted in the period."),
    ),
    "tells_wins": Definition(
        _("Tells a win"),
        _(
            "Of deals won, lost or archived in the period: the share won where the criterion held when the deal first "
            "advanced past it, beside the share won where it advanced without it, by exception or by import. "
            "What winning itself asks is left out. Fewer than 10 deals on either side say nothing; and a "
            "difference is no cause."
        ),
    ),
    "objections": Definition(
        _("Objections"),
        _(
            "Objections raised in the period, by the stage the deal was in: how each stands now, and how its deal "
            "stands now."
        ),
    ),
    "should_have_won": Definition(
        _("Should have won"),
        _("Deals lost or archived in the period whose loss review says that they should have been won."),
    ),
    "days_in_stage": Definition(
        _("Days in a stage"),
        _("All days a won deal was live in the stage, every return counted, from the ledger."),
    ),
    "stalled_win": Definition(
        _("Stalled on the way"),
        _("A won deal that stood in a stage longer than the stage's target days."),
    ),
    "version_change": Definition(
        _("Before and after a version"),
        _(
            "Deals that qualified in the 90 days before a publication beside those of the 90 days after it: how many "
            "of those closed by now were won, and what share of those still open counts as proven today; conversion of "
            "the stages reached in the window, and the cycle of deals won in it. A window that is not over says so; "
            "fewer than 10 deals in a window say nothing."
        ),
    ),
    "benchmark": Definition(
        _("Benchmark"),
        _(
            "A band for a figure of a pipeline or a stage over the last 90 days. Each night the figure is counted over "
            "the deals that whoever looks into it may see; outside the band that person gets one task and one notice, "
            "and none again before the figure was back inside."
        ),
    ),
    "stalled": Definition(
        _("Stalled"),
        _(
            "Open and re-engaging deals that have been in their stage for more whole days than deals won in the last "
            "365 days spent there on average; where fewer than 5 won deals stood in the stage, its target days count."
        ),
    ),
}  # fmt: skip
