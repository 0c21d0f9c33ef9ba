"""No sweep archives more than a set share of a pipeline by itself: then it holds them and asks a manager."""

from datetime import timedelta
from threading import Lock

from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from deals.models import ClocksToFollow, Deal, Kind
from pipeline.models import Pipeline
from pipeline.vocabulary import RuleAction
from team.models import Organisation

from . import holds
from .claiming import due_deals
from .models import Hold, HoldReason

# A handful is never too many.
FEW = 10
# A manager's word for so many deals counts so long.
GRANTED_FOR = timedelta(days=1)


class Share:
    """What this sweep may archive; asked once for each process, by whichever lane comes to it first."""

    def __init__(self, now):
        self.now, self.words, self._may, self._asking = now, [], {}, Lock()

    def within(self, acts):
        """(the acts that may be, the archives that are held)."""
        known, may, held = {}, [], []
        for act in acts:
            obeyed = act.deal.pipeline_id, act.deal.version_token  # other timers: another number of deals
            if act.moves == Kind.ARCHIVE and obeyed not in known:
                known[obeyed] = self._allowed(obeyed)
            (may if act.moves != Kind.ARCHIVE or known[obeyed] else held).append(act)
        return may, held

    def _allowed(self, obeyed):
        """Not while clocks follow the process: how many it is is known afterwards, and asked then."""
        with self._asking:
            if obeyed not in self._may:
                if ClocksToFollow.objects.filter(pipeline=obeyed[0]).exists():
                    return False
                self._may[obeyed] = self._asked(Pipeline.objects.get(pk=obeyed[0]))
            return self._may[obeyed]

    def _asked(self, pipeline):
        """Whether the share is kept; else a hold is there from now on."""
        archives = due_deals(self.now).filter(pipeline=pipeline, next_due_rule__action=RuleAction.ARCHIVE)
        found = archives.aggregate(count=Count("pk"), money=Sum("amount_base"))
        live = Deal.objects.made().live().filter(pipeline=pipeline).count()
        limit = max(FEW, live * Organisation.current().archive_share // 100)
        if found["count"] <= limit or self._released(pipeline, found["count"]):
            return True
        details = {"count": found["count"], "live": live, "money": str(found["money"] or 0)}
        holds.hold(HoldReason.MASS, self.now, pipeline=pipeline, details=details)
        self.words.append(_("%(count)d of %(live)d deals would be archived at once in %(pipeline)s") % {
            **details, "pipeline": pipeline.name,
        })  # fmt: skip
        return False

    def _released(self, pipeline, count):
        """A manager let as many go a short while ago."""
        since = self.now - GRANTED_FOR
        released = Hold.objects.filter(reason=HoldReason.MASS, pipeline=pipeline, released_at__gte=since)
        return any(hold.details.get("count", 0) >= count for hold in released)
