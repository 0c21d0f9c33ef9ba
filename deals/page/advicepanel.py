"""What a deal's page shows of what people say to each other: a manager's advice, a hand-over, the review of a loss."""

from functools import cached_property

from .. import new_owner
from ..learning import coaching


class OnAdvice:
    """Part of DealPage, which has deal, user, process, open_before and asked_here."""

    @cached_property
    def coaching(self):
        """Read with the deal."""
        return coaching.shown(self.deal.coaching_rows, self.process)

    @cached_property
    def advice(self):
        """{criterion id: advice that is not taken up yet}"""
        return coaching.open_on(self.coaching)

    @property
    def may_advise(self):
        return self.deal.is_live and coaching.may_advise(self.user, self.deal)

    @property
    def to_advise_on(self):
        return [*self.open_before, *self.asked_here]

    @property
    def handover(self):
        """What waits for the new owner to accept; None where nothing does."""
        return new_owner.shown(self.deal.handed_over)

    @property
    def loss_review(self):
        return getattr(self.deal, "loss_review", None)
