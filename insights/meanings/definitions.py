"""What each figure means, once: printed below its panel and in docs/metrics.md (a test holds the two together)."""

from django.utils.translation import gettext_lazy as _

from .meaning import Definition
from .meanings_of_flow import FLOW
from .meanings_of_learning import LEARNING

DEFINITIONS = FLOW | LEARNING
DEFINITIONS |= {
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
            "step missing or past; fewer than two contacts who took part, past the qualifying stage; expected "
            "close past; a gate behind it broken; no economic buyer although an earlier stage asks for one; its "
            "champion or economic buyer left the company and nobody took the part; an "
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
    "waits": Definition(
        _("What waits"),
        _(
            "Exceptions somebody asked for, approvals asked of this person, archives that wait for a manager, and "
            "rules that are held back; the oldest first, whatever the filters."
        ),
    ),
    "follow_ups": Definition(
        _("Follow-ups"),
        _(
            "Tasks that rules made and that were due in the period, of whoever had to do them: on time (done by the "
            "day they were due), late (done after it), missed (still open after it). What a buyer's reply cancelled is "
            "counted apart; due are on time, late and missed."
        ),
    ),
    "own_hand": Definition(
        _("Buyer's own hand"),
        _(
            "Of the confirmations recorded in the period that opened their criterion, those that rest on something the "
            "buyer made: a document, an accepted invitation, or their own answer by link. By the owner of the deal."
        ),
    ),
    "adherence": Definition(
        _("Keeping to the process"),
        _(
            "Gates passed in the period and the share that needed no exception, by who owned the deal then. Now: open "
            "deals with a live exception, open deals whose next step is missing or past, tasks past their day. Two "
            "gates in a day: days on which one deal passed more than one gate."
        ),
    ),
    "recorded_late": Definition(
        _("Recorded late"),
        _(
            "Acts of the buyer in the period that were put on record more than two business days after they happened."
        ),
    ),
    "one_step": Definition(
        _("One answer away"),
        _("Open deals with nothing open behind them whose next gate waits for one criterion alone."),
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
    "forecast_of_month": Definition(
        _("Forecast of a month"),
        _(
            "Proven deals expected to close in the month, each times the probability it showed, and what was won "
            "of the month already, as the first night of the month wrote it down (or the first one written up to "
            "the 7th). A night that was missed is caught up from how things stand then, won deals included, and marked."
        ),
    ),
    "accuracy": Definition(
        _("Accuracy"),
        _(
            "1 - |won - forecast| / forecast, of several months together by their sums, in per cent and never "
            "below 0. A month for which nothing was forecast is wrong by all that was won of it. 90% is asked."
        ),
    ),
    "lead_time": Definition(
        _("Error by lead time"),
        _(
            "The mean of |won - forecast| over the months, by how many months ahead the night spoke; beside it in"
            " per cent of what was won, and whether the forecasts were too high or too low in sum."
        ),
    ),
    "calibration": Definition(
        _("Calibration"),
        _(
            "By stage that counts as pipeline: the probability that is set, and the share of deals won among those "
            "that reached the stage and have ended, in the last two years (of a part of the deals: in the period). "
            "A stage is called out where ten deals ended and the share lies more than 1.96 standard errors from what "
            "is set."
        ),
    ),
    "newly_qualified": Definition(
        _("Newly qualified"),
        _(
            "Money of deals that came to the stage that qualifies, or past it, for the first time, by the week "
            "they did; not imported ones, not what was undone. Whole weeks from Monday."
        ),
    ),
    "needed": Definition(
        _("Needed a week"),
        _(
            "The target of the month or quarter, divided by its weeks and by the share of deals won among those "
            "that qualified and ended in the last two years."
        ),
    ),
    "commit": Definition(
        _("Commit"),
        _(
            "What is won of the month, and proven deals in the last stage before the win that are expected to "
            "close in it, in full."
        ),
    ),
    "best_case": Definition(
        _("Best case"),
        _(
            "Commit, and every other proven deal expected to close in the month that shows 50% or more, in full."
        ),
    ),
    "pipeline_month": Definition(
        _("Pipeline of a month"),
        _(
            "What is won of the month, and every open deal expected to close in it, proven or claimed, in full."
        ),
    ),
    "weighted": Definition(
        _("Every deal, weighted"),
        _(
            "What is won of the month, and every open deal expected to close in it, proven or claimed, each times"
            " the probability it shows."
        ),
    ),
    "by_history": Definition(
        _("By history"),
        _(
            "What is won of the month, and every open deal's money times its chance to be won in that month: the "
            "share of deals won among those that reached its stage and ended in two years, moved as far as the share "
            "of those that had stayed there as long as this deal stands there lies from it; times the share of such "
            "wins that, as long after reaching it, closed within the days of the month. With few cases both are drawn "
            "toward those of all deals, and these toward the stage's probability and the deal's own expected close."
        ),
    ),
    "call": Definition(
        _("Manager’s own"),
        _(
            "What a manager says the month will bring, beside the figures; the newest word counts, older ones "
            "stay."
        ),
    ),
}
