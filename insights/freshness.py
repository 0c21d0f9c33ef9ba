"""Whether what a page shows has changed since it was made."""

from django.db.models import Count, F, Max, Sum

from deals.models import Activity, Answer, Approval, Decision, Firing, GateException, Task, Transition
from team.digits import number_in

from .flow import sql
from .models import Target

# What only grows: rows of these that were put on record lately are counted.
GROWING = (Transition, Activity, Answer, Approval, Task)
# Transactions end in any order, so as many numbers before the last are counted as may still come to light.
NEAR = 500
# So many new ones are another word, whoever asks from where.
MOST = 100_000


def version(lens):
    """A word that differs once a deal of the lens moved, was edited, answered, recounted or came, something was put on
    record of one or done, something waits for this person's word or does no longer, or a target is another one. What
    happens to deals that the filters leave out changes nothing."""
    last = [model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in GROWING]
    return _word(lens, [max(number - NEAR, 0) for number in last])


def is_same(lens, since):
    """Whether a page that was made with this word would be made so again. What is counted from grows no further than
    through a day: the word of another day is another one."""
    head, _point, _rest = since.partition(".")
    numbers = head.split("-")
    if len(numbers) != len(GROWING) or None in map(number_in, numbers):
        return False
    return since == _word(lens, list(map(int, numbers)))


def _word(lens, starts):
    """What is counted from where is said first, so that it is counted from there again."""
    found = [_new(model, start) for model, start in zip(GROWING, starts, strict=True)]
    found += [
        Firing.objects.order_by().asked(), Task.objects.order_by().unfinished(),
        Approval.objects.order_by().filter(decision=Decision.PENDING),
    ]  # fmt: skip
    counted = _of_all(found) if lens.is_whole else _of_some(lens, found)
    aims = Target.objects.aggregate(Count("pk"), Sum("amount"), weighed=Sum(F("amount") * F("pk"))).values()
    seen = lens.deals().live().order_by().pulse()
    head = "-".join(map(str, starts))
    said = (head, lens.today, *counted, lens.user.waiting_for_word, *aims, *seen)
    return ".".join(str(number) for number in said)


def _new(model, start):
    return model.objects.order_by().filter(pk__gt=start)[:MOST]


def _of_all(found):
    told = GateException.objects.aggregate(Max("pk"), Max("decided_at"))
    return [*(rows.count() for rows in found), *told.values()]


def _of_some(lens, found):
    """The same of the deals of the lens. These are looked for once, for the rows of all tables: one statement."""
    deals, of_deals = lens.deals().order_by().values_list("id").query.sql_with_params()
    told = GateException.objects.order_by().values_list("deal_id", "id", "decided_at")
    told, params = told.query.sql_with_params()
    parts = [f"SELECT -1 AS part, told.* FROM ({told}) told"]  # noqa: S608  our own querysets
    for number, rows in enumerate(found):
        text, given = rows.values_list("deal_id").query.sql_with_params()
        parts.append(f"SELECT {number}, r.deal_id, NULL, NULL FROM ({text}) r")  # noqa: S608
        params += given
    text = (
        "SELECT part, COUNT(*), COUNT(d.id), MAX(CASE WHEN d.id IS NOT NULL THEN r.id END),"  # noqa: S608
        f" MAX(CASE WHEN d.id IS NOT NULL THEN decided_at END) FROM ({' UNION ALL '.join(parts)}) r"
        f" LEFT JOIN ({deals}) d ON d.id = r.deal_id GROUP BY part"
    )
    known = {part: rest for part, *rest in sql.Asked(text, [*params, *of_deals]).rows()}
    none = (0, 0, None, None)
    counts = [known.get(number, none)[:2] for number in range(len(found))]
    # As many as are read of what is new, whosever they are, are another word.
    new = [MOST if of_any >= MOST else of_these for of_any, of_these in counts[: len(GROWING)]]
    return [*new, *(of_these for _any, of_these in counts[len(GROWING) :]), *known.get(-1, none)[2:]]
