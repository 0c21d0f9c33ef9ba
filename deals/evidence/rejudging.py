"""Judging stored answers again, where what they are judged by has changed."""

from collections import defaultdict

from pipeline.former import definition_before

from ..models import Answer, Spared
from ..rows import computed
from ..rows.among import Among
from . import sparing, verdicts
from .checks import checks
from .judging import judge

_CHUNK = 500
_WRITTEN = 20_000


def rejudge(answers, process, house):
    """Judge these answers again and store what differs; those to criteria no longer asked stay as they are."""
    answers = answers.filter(criterion__in=process.by_criterion)
    older = _older_definitions(answers, process)
    changed = []
    for answer in answers.select_related("activity", "contact", "person").iterator(chunk_size=_CHUNK):
        definition = older.get(answer.pk) or process.by_criterion[answer.criterion_id]
        verdict = judge(answer, definition, house)
        new = (verdict.opens, verdict.flaw[:200], verdict.holds_until)
        if (answer.opens, answer.flaw, answer.holds_until) != new:
            answer.opens, answer.flaw, answer.holds_until = new
            changed.append(answer)
    Answer.objects.bulk_update(changed, ["opens", "flaw", "holds_until"], batch_size=_CHUNK)


def _older_definitions(answers, process):
    """{answer id: definition} of answers that are still judged as before a publication that spared their deal."""
    if not sparing.criteria(process):
        return {}
    found = {}
    for answer in sparing.kept(answers):
        row = Spared.objects.select_related("version").get(deal=answer.deal_id, criterion=answer.criterion_id)
        found[answer.pk] = definition_before(row.version, answer.criterion_id)
    return found


def rejudge_criterion(definition, house, *, before=None, deals=None):
    """Judge all current answers to one criterion again, at once; those whose older judgement stands stay.

    `before`: the definition they were judged by so far; `deals`: ids of the deals whose answers are meant. Returns how
    many changed.
    """
    answers = sparing.judged_anew(Answer.objects.current().filter(criterion=definition.criterion_id))
    if deals is not None:
        answers = answers.filter(Among("deal_id", deals))
    asked = checks(definition, house)
    if asked is None:
        return _store(_one_by_one(answers, definition, house))
    known = verdicts.known_passed(before, house) if before else frozenset()
    read = answers.filter(verdicts.takes_reading(asked, known))
    written = _store(verdicts.verdicts(read, definition, house, known))
    told = verdicts.told(asked, known, definition, house)
    return written + computed.write(answers, told, _TOLD, _WHICH % definition.criterion_id)


_WHICH = f"given.flaw IS NOT NULL AND {Answer._meta.db_table}.criterion_id = %d"
# What is stored of an answer, from what verdicts.told says of it.
_TOLD = {
    "opens": "given.flaw = ''",
    "flaw": "given.flaw",
    "holds_until": "CASE WHEN given.flaw = '' THEN given.holds_until END",
}


def _store(found):
    groups = defaultdict(list)
    for verdict in found:
        if verdict.differs:
            groups[verdict.now].append(verdict.pk)
    return sum(_write(new, ids) for new, ids in groups.items())


def _one_by_one(answers, definition, house):
    for answer in answers.select_related("activity", "contact", "person").iterator(chunk_size=_CHUNK):
        found = judge(answer, definition, house)
        yield verdicts.Verdict(
            answer.pk,
            answer.deal_id,
            (answer.opens, answer.flaw, answer.holds_until),
            (found.opens, found.flaw[:200], found.holds_until),
        )


def _write(new, ids):
    opens, flaw, until = new
    for start in range(0, len(ids), _WRITTEN):
        rows = Answer.objects.filter(Among("pk", ids[start : start + _WRITTEN]))
        rows.update(opens=opens, flaw=flaw, holds_until=until)
    return len(ids)
