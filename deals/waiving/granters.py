"""Who may decide on an exception: a second person, with the right to, and with nothing of their own in the deal."""

from datetime import timedelta

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from team.models import Level, User

from ..models import Deal, Transition

OWNER_DAYS = 30


def why_not(user, deal, asker, now, owners=None):
    """Why this person may not decide, in words; empty where they may. `owners`: recent_owners, where known."""
    if not (user.is_admin or (user.is_manager and deal.team_id in user.team_ids)):
        return _("A manager of the team or an admin decides on an exception.")
    if user.pk == asker.pk:
        return _("Nobody grants their own exception: a second person decides.")
    if user.pk in (deal.owner_id, deal.next_owner_id):
        return _("You act on this deal yourself: a second person decides.")
    if user.pk in (recent_owners(deal, now) if owners is None else owners):
        return _("You owned this deal within the last %d days: somebody else decides.") % OWNER_DAYS
    return ""


def recent_owners(deal, now):
    """Ids of those who owned the deal within the last 30 days, as far as its ledger knows: the row before counts."""
    since = now - timedelta(days=OWNER_DAYS)
    rows = deal.transitions.order_by("-seq")
    earlier = rows.filter(recorded_at__lt=since).values_list("owner_id", flat=True)[:1]
    return {*rows.filter(recorded_at__gte=since).values_list("owner_id", flat=True), *earlier}


def recent_owners_of(deals, now):
    """{deal id: the same} of several deals."""
    since, ids = now - timedelta(days=OWNER_DAYS), [deal.pk for deal in deals]
    found = {pk: set() for pk in ids}
    rows = Transition.objects.order_by().filter(deal__in=ids)
    earlier = rows.filter(deal=OuterRef("pk"), recorded_at__lt=since).order_by("-seq").values("owner_id")[:1]
    before = Deal.objects.filter(pk__in=ids).annotate(earlier=Subquery(earlier)).exclude(earlier=None)
    for pk, owner_id in [
        *rows.filter(recorded_at__gte=since).values_list("deal_id", "owner_id"),
        *before.values_list("pk", "earlier"),
    ]:
        found[pk].add(owner_id)
    return found


def of(deal, asker, now):
    """The managers of the team who may decide, by name; admins where there is none."""
    barred = {asker.pk, deal.owner_id, deal.next_owner_id, *recent_owners(deal, now)}
    people = User.objects.active().exclude(pk__in=barred).order_by("name", "pk")
    managers = people.filter(level=Level.MANAGER, teams=deal.team_id)
    return list(managers) or list(people.filter(Q(level=Level.ADMIN)))
