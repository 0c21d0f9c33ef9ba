"""One answer of the board, put together: its columns with totals and cards, the sentence, the filters."""

from dataclasses import dataclass, field
from datetime import date

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.process import process_of
from team.calendar import grace_date, local_date
from team.digits import number_in
from team.models import Organisation, Team
from team.templatetags.headgate import two_part_bar

from ..models import LIVE_STATUSES, Status
from ..overview import board
from ..overview.cards import Card, Day

# Where a card's plain Move form leads besides stages, and from which statuses.
TARGETS = [
    ("return", gettext_lazy("The buyer is back"), [Status.RE_ENGAGING]),
    ("resume", gettext_lazy("Resume"), [Status.PAUSED]),
    ("won", gettext_lazy("Win"), [Status.OPEN]),
    ("paused", gettext_lazy("Pause"), [Status.OPEN, Status.RE_ENGAGING]),
    ("lost", gettext_lazy("Close as lost"), LIVE_STATUSES),
    ("archived", gettext_lazy("Archive"), LIVE_STATUSES),
]


@dataclass
class Column:
    """One column as the page shows it. `stage` is empty for the re-engage column."""

    key: object
    stage: object
    total: board.Total
    url: str
    stages: tuple
    cards: list = field(default_factory=list)
    more: int = 0
    after: str = ""
    folds: bool = False
    _options: dict = field(default_factory=dict)

    @property
    def id(self):
        return self.stage.stage_id if self.stage else "re"

    def options(self, status):
        """The targets of a plain Move form, made once for all cards of that status; the next stage first."""
        if status not in self._options:
            words = [(word, label) for word, label, statuses in TARGETS if status in statuses]
            found = (self._stage_options() if status == Status.OPEN else []) + words
            self._options[status] = format_html_join("", '<option value="{}">{}</option>', found)
        return self._options[status]

    def _stage_options(self):
        own = self.stages.index(self.stage)
        return [(stage.stage_id, stage.name) for stage in (*self.stages[own + 1 :], *self.stages[:own])]

    def idle_bar(self):
        return two_part_bar(1, "idle", "none", _("Outside the pipeline"))


class Page:
    """Everything one answer of the board is made from."""

    def __init__(self, user, pipelines, pipeline, asked):
        self.user, self.pipelines, self.pipeline = user, pipelines, pipeline
        self.process = process_of(pipeline)
        self.organisation = Organisation.current()
        self.today = local_date(timezone.now(), self.organisation)
        self.grace = grace_date(self.today, self.organisation)
        self.day = Day(self.process, self.organisation, self.today, user)
        who = asked.get("who") if asked.get("who") in board.SCOPES else "team"
        self.scope = board.Scope(user, pipeline, who, number_in(asked.get("owner")))

    @cached_property
    def totals(self):
        return board.totals(self.scope, self.today, self.grace)

    @property
    def lacks_team(self):
        """Nobody can own a deal yet, and this person can mend it. Asked of an empty board alone."""
        return self.user.is_admin and not Team.objects.exists()

    @cached_property
    def blocked_count(self):
        return board.blocked_count(self.scope)

    @cached_property
    def version(self):
        return board.version(self.scope)

    @cached_property
    def counted(self):
        """Totals of the columns that make the header's sentence."""
        return [self.totals.of(stage.stage_id) for stage in self.process.stages if stage.counts_as_pipeline]

    @property
    def proven(self):
        return sum(total.proven for total in self.counted)

    @property
    def open_money(self):
        return sum(total.open for total in self.counted)

    @property
    def any_paused(self):
        """Some column names paused money; the others then keep its line free, so that cards start level."""
        return any(total.paused for key, total in self.totals.columns.items() if key != board.RE_ENGAGE)

    @property
    def currency(self):
        return self.organisation.currency

    @property
    def owners(self):
        """(name, id, deals) of everybody who owns one of these deals, by name."""
        return sorted((name, pk, count) for (pk, name), count in self.totals.owners.items())

    @property
    def owner_name(self):
        return next((name for name, pk, _count in self.owners if pk == self.scope.owner), "")

    @property
    def url(self):
        return reverse("board_of", args=[self.pipeline.slug])

    @property
    def query(self):
        """The filters as they stand in the address, for links that keep them."""
        asked = QueryDict(mutable=True)
        if self.scope.who != "team":
            asked["who"] = self.scope.who
        if self.scope.owner:
            asked["owner"] = self.scope.owner
        return asked.urlencode()

    @cached_property
    def columns(self):
        found = [self.column(stage.stage_id) for stage in self.process.stages]
        for column in found:
            if column.stage.counts_as_pipeline:
                break
            column.folds = True
        return [*found, self.column(board.RE_ENGAGE)]

    def column(self, key):
        stage = None if key == board.RE_ENGAGE else self.process.stage(key)
        place = [self.pipeline.slug] + ([key] if stage else [])
        url = reverse("board_column" if stage else "board_silent", args=place)
        return Column(key, stage, self.totals.of(key), url, self.process.stages)

    def filled(self, columns, after=None, shown=0):
        """The columns with their next cards; `after` is the card before them, `shown` how many came before."""
        pages = board.cards(self.scope, {column.key: after for column in columns}, self.today, self.grace)
        names = board.deciders([deal.pk for page in pages.values() for deal in page])
        for column in columns:
            page = pages[column.key]
            column.cards = [self.card(deal, names, column) for deal in page[: board.PAGE]]
            if len(page) > board.PAGE:
                column.more = max(1, column.total.count - shown - board.PAGE)
                column.after = place_after(page[board.PAGE - 1], shown + board.PAGE)
        return columns

    def card(self, deal, names, column):
        return Card(deal, self.day, names.get(deal.pk, ""), column.options(deal.status))


def place_after(deal, shown):
    """Where a column's next page starts, for the address: the last card's date and id, and how many are shown."""
    day = deal.next_step_on.isoformat() if deal.next_step_on else "none"
    return f"{day}_{deal.pk}_{shown}"


def read_place(text):
    """((date or None, id), shown) of such a word; 404 for anything else."""
    try:
        day, deal_id, shown = text.split("_")
        return (None if day == "none" else date.fromisoformat(day), number_in(deal_id) or 0), number_in(
            shown
        ) or 0
    except ValueError:
        raise Http404 from None
