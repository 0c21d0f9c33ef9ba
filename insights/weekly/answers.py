"""The answers of a Monday as a mail tells them: a sentence each, and what stands behind it as rows."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from team import formats

from ..panels import changed, decide, enough, headline, leak, make_it, talk

# So many rows of each; the bridge and the weeks have fewer, and stand there whole.
ROWS = 12
PANELS = (headline, make_it, changed, talk, leak, enough, decide)


@dataclass(frozen=True)
class Row:
    cells: list
    # The page of the deal, where the row is one.
    link: str = ""


@dataclass(frozen=True)
class Answer:
    title: str
    words: str
    head: tuple
    rows: list
    more: int
    link: str

    @property
    def lines(self):
        """[(the row as one line, its link)]; what is nothing is left out."""
        return [
            (
                ", ".join(f"{name}: {cell}" for name, cell in zip(self.head, row.cells, strict=True) if cell),
                row.link,
            )
            for row in self.rows
        ]


def of(lens):
    """[Answer] in the order of the page; an answer that has neither words nor rows is left out."""
    found = [_answer(panel, lens) for panel in PANELS]
    return [answer for answer in found if answer.words or answer.rows]


def link(path):
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else ""


def _answer(panel, lens):
    data = panel.of(lens)
    said = _WORDS.get(panel)
    head, rows = _deals(data, lens) if panel is talk else _table(panel.table(data), lens)
    page = link(reverse("dashboard"))
    return Answer(
        title=panel.PANEL.title, words=said(data, lens.currency) if said else "", head=head, rows=rows[:ROWS],
        more=max(0, len(rows) - ROWS), link=page and f"{page}#p-{panel.PANEL.key}",
    )  # fmt: skip


def _table(table, lens):
    return table.head, [Row([_cell(value, lens.currency) for value in row]) for row in table.rows]


def _cell(value, currency):
    if value is None:
        return ""
    if isinstance(value, date):
        return formats.day_short(value)
    return formats.money(round(value), currency) if isinstance(value, Decimal) else str(value)


def _deals(data, lens):
    """Whom to ask about what, the largest deal first."""
    head = (_("Deal"), _("Money"), _("Owner"), _("Why"), _("Still open"), _("Ask"))
    rows = [
        Row(
            [row.deal.name, _cell(row.deal.amount_base, lens.currency), row.deal.owner.name, "; ".join(row.why),
             row.open, row.ask],
            link(reverse("deal", args=[row.deal.pk])),
        )
        for row in data.rows
    ]  # fmt: skip
    return head, rows


def _changed(data, currency):
    if not data.since or not (data.start or data.parts):
        return ""
    moved = formats.money_short(data.moved, currency)
    said = _("As much as then.")
    if data.difference:
        said = (_("Up %s.") if data.difference > 0 else _("Down %s.")) % moved
    rest = _("%(came)s came in, %(went)s fell out or was won.") % {
        "came": formats.money_short(data.came, currency), "went": formats.money_short(data.went, currency),
    }  # fmt: skip
    return f"{said} {rest}"


def _talk(data, currency):
    if not data.count:
        return _("No open deal is at risk.")
    words = ngettext("%(n)d deal is at risk, %(money)s.", "%(n)d deals are at risk, %(money)s.", data.count)
    return words % {"n": data.count, "money": formats.money_short(data.money, currency)}


def _leak(data, _currency):
    if data.worst:
        said = _("%(stage)s leaks most: %(share)d%% move on.")
        return said % {"stage": data.worst.step.name, "share": data.worst.share}
    return _("Every deal that was decided moved on.") if data.is_tight else ""


def _enough(data, _currency):
    if data.needed is None:
        return data.words
    return f"{_('Too little comes in:') if data.is_short else _('Enough comes in:')} {data.words}"


def _waits(data, _currency):
    return "" if data.count else _("Nothing waits for your word.")


_WORDS = {
    make_it: lambda data, _currency: f"{data.words} {data.until}.",
    changed: _changed, talk: _talk, leak: _leak, enough: _enough, decide: _waits,
}  # fmt: skip
