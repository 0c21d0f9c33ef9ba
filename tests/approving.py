"""A deal that waits for approvals of ours and of theirs, and the people it takes."""

from django.urls import reverse

from pipeline.process import process_of
from pipeline.vocabulary import Kind

from . import factories as f

OURS = {"roles": "Legal", "needs_buyer": False, "evidence": "none"}
STAGES = {
    "Negotiate": [("ours", Kind.APPROVAL, OURS), ("theirs", Kind.APPROVAL, {}), ("signed", Kind.TEXT, {})],
    "Close": [],
}


class Room:
    """A rep with a deal, and somebody of legal who is in no team."""

    def __init__(self):
        self.rep, self.hugo = f.make_user(), f.make_user("Hugo Lenzmar", team=None)
        self.hugo.roles.add(f.make_role("Legal"))
        self.deal = f.make_deal(f.make_pipeline(stages=STAGES), owner=self.rep, name="Three plants")
        self.lena = f.make_contact(self.deal.company)
        self.call = f.log_call(self.deal, self.lena)
        self.ours, self.theirs, self.signed = process_of(self.deal.pipeline).criteria_of_all()
        self.page = reverse("approvals", args=[self.deal.pk])
