"""What is known of a deal, put together from its answers: the card "In short", and the pack that is handed over."""

from django.utils.translation import gettext_lazy as _

from pipeline.vocabulary import DealFact, Kind

from .evidence.facts import ANSWERED_BY

# What one wants to know first: its name, and the slugs whose answer says it. The first that is answered does.
SHORT = [
    (_("Problem"), ["top_three_pains", "problem_stated", "topic_named"]),
    (_("Cost of it"), ["problem_cost", "value_agreed", "value_named"]),
    (_("Measure"), ["success_metric"]),
    (_("Money"), ["budget_access", "budget_named", "funds_released"]),
    (_("Who decides"), ["economic_buyer", "economic_buyer_named", "decider_named", "decider_spoken_to"]),
    (_("How they choose"), ["decision_criteria", "shortlisted", "decision_process", "alternatives_named"]),
    (_("Why us"), ["value_sentence"]),
    (_("Decision by"), ["decision_date", "review_date", "signing_date"]),
]


def _held(page):
    """{slug: finding} of what this stage and earlier ones asked and an answer holds. Next steps are no facts."""
    found = [*page.before, *page.here]
    return {
        f.definition.slug: f for f in found if f.holds and f.answer and f.definition.kind != Kind.NEXT_STEP
    }


def short(page):
    """[(name, answer)] of the card: what was answered of the first things one wants to know."""
    held = _held(page)
    chosen = [(name, next((held[slug] for slug in slugs if slug in held), None)) for name, slugs in SHORT]
    return [(name, finding.answer) for name, finding in chosen if finding]


class Pack:
    """Everything a colleague needs who takes the customer over. `page` is the deal's own."""

    def __init__(self, page):
        self.page, self.deal = page, page.deal
        self._left = held = _held(page)
        # What the gate takes for goals: their own words on the deal, or an answer that says where they want to be.
        self.lacks_goals = not page.deal.goals and not any(s in held for s in ANSWERED_BY[DealFact.GOALS])
        self.measures = self._take(DealFact.SUCCESS_METRIC)
        self.pains = self._take(DealFact.PAINS)
        self.goals = self._take(DealFact.GOALS)
        self.rest = list(self._left.values())

    def _take(self, fact):
        return [self._left.pop(slug) for slug in ANSWERED_BY[fact] if slug in self._left]

    @property
    def missing(self):
        """Names of the parts nobody wrote down."""
        parts = [
            (_("goals"), not self.lacks_goals),
            (_("a measure of success"), self.measures),
            (_("pains"), self.pains),
            (_("people"), self.page.people),
            (_("promises"), self.deal.commitments),
        ]
        return [str(name) for name, held in parts if not held]
