"""What the figures of the flow mean: conversion, winning, time, losing, waiting."""

from django.utils.translation import gettext_lazy as _

from .meaning import Definition

FLOW = {
    "lead_to_opportunity": Definition(
        _("Lead to opportunity"),
        _(
            "Deals begun in the period that are qualified by now, divided by all deals begun in the period. "
            "Qualified means: reached the stage that qualifies, or a later one. Healthy between 10 and 20%."
        ),
        10,
        20,
    ),
    "win_rate": Definition(
        _("Win rate"),
        _(
            "Of the deals that qualified in the period and have ended, those that were won. Archived deals "
            "and deals disqualified later stay in the denominator; deals still open stand apart. Healthy "
            "between 20 and 30%."
        ),
        20,
        30,
    ),
    "close_rate": Definition(
        _("Close rate"),
        _(
            "Won, divided by won and lost, of the deals that closed in the period; a win closes on the day it"
            " was signed. Who was disqualified or fell silent decided nothing and is left out."
        ),
    ),
    "cycle": Definition(
        _("Cycle length"),
        _(
            "Whole days from a deal's creation to its win, of deals won in the period: the median, and the "
            "mean beside it."
        ),
    ),
    "deal_value": Definition(
        _("Average deal value"),
        _("Money of the deals won in the period, divided by their number."),
    ),
    "stage_conversion": Definition(
        _("Stage conversion"),
        _(
            "Of the deals that first reached a stage in the period and are decided there, those that went on "
            "to a later stage or were won. Each deal counts once for a stage, however often it comes back; a "
            "stage that was jumped over counts as reached; an imported deal counts from the stage it landed "
            "in; what was undone counts for nothing. Deals still under way, moves back and exceptions stand "
            "apart. The one figure of all stages leaves out those that do not count as pipeline."
        ),
    ),
    "forecast_accuracy": Definition(
        _("Forecast accuracy"),
        _(
            "One minus the difference between what was won and what was forecast on the month's first day, "
            "divided by that forecast, over the whole months that ended in the period. Healthy from 90%."
        ),
        90,
    ),
    "velocity": Definition(
        _("Velocity"),
        _(
            "Deals that qualified in the period, times the average deal value, times the win rate, divided by"
            " the mean cycle length: money a day."
        ),
    ),
    "stage_win_rate": Definition(
        _("Win rate by stage"),
        _(
            "Of the deals that first reached the stage in the period and have ended, those that were won. "
            "Deals still open stand apart."
        ),
    ),
    "time_in_stage": Definition(
        _("Time in stage"),
        _(
            "Days from entering a stage to leaving it for a later one or a win, of stays that ended in the "
            "period; the days a deal was paused are taken out. A second visit is a stay of its own, a stage "
            "that was jumped over has none. Stays that ended otherwise stand apart. Business days by the "
            "calendar of the team chosen, else the organisation's."
        ),
    ),
    "loss_reasons": Definition(
        _("Loss reasons"),
        _(
            "Deals lost in the period, by the reason chosen, without those disqualified. Went silent: "
            "qualified deals that were archived in the period."
        ),
    ),
    "competitors": Definition(
        _("Competitors"),
        _(
            "Deals that ended in the period and in which the competitor was noted: won against them, lost to "
            "them, and how many open deals they are in now."
        ),
    ),
    "waiting_us": Definition(
        _("Waiting on us"),
        _(
            "Days in the period on which an approval of our side was asked for and not decided, by the stage "
            "that asks for it; whole days, each approval by itself."
        ),
    ),
    "waiting_buyer": Definition(
        _("Waiting on the buyer"),
        _(
            "Whole days from a message that expects an answer to the buyer's next act, or to the deal's end, "
            "or until now, for messages of the period, by the stage the deal stood in. Several messages "
            "without an answer are one wait, from the first."
        ),
    ),
    "activities": Definition(
        _("Activities by stage"),
        _("What was put on record in the period, by the stage the deal stood in at that moment."),
    ),
    "sources": Definition(
        _("Lead sources"),
        _(
            "Deals begun in the period by where they came from: how many of them are qualified by now, and "
            "how many won."
        ),
    ),
    "pivot": Definition(
        _("Win and loss"),
        _(
            "Deals that closed in the period, won, lost, disqualified or archived, by one dimension at a "
            "time: the parts add up to the same whole."
        ),
    ),
}
