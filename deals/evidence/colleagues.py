"""Who is one of us, said in SQL: what House.is_ours says of one contact, for all contacts of a query."""

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower, Trim

from team.models import Organisation, User


def ours(path=""):
    """Condition over rows whose contact is reached by `path`, which ends in "__" where it is not empty."""
    email, name = f"{path}email", f"{path}name"
    nowhere = Q(**{email: ""})  # then an address may stand where the name belongs
    return (
        (~nowhere & (_has_account(email) | _in_our_domains(email)))
        | (nowhere & Q(**{f"{name}__contains": "@"}) & (_has_account(name) | _in_our_domains(name)))
        | (nowhere & ~Q(**{f"{name}__contains": "@"}) & _is_called_like_us(name))
    )


def _has_account(column):
    """By lower case, which is what the index on users' addresses holds."""
    users = User.objects.order_by().annotate(address=Lower("email"))
    return Q(Exists(users.filter(address=Lower(Trim(OuterRef(column))))))


def _in_our_domains(column):
    found = Q(pk__in=[])
    for domain in sorted(Organisation.current().own_domain_set()):
        found |= Q(**{f"{column}__iendswith": f"@{domain}"}) | Q(**{f"{column}__iendswith": f".{domain}"})
    return found


def _is_called_like_us(column):
    users = User.objects.active().order_by().annotate(lower_name=Lower("name"))
    return Q(Exists(users.filter(lower_name=Lower(Trim(OuterRef(column))))))
