"""I4: what every advance rested on, evaluated again as far as the rows it names still tell."""

from copy import copy

from pipeline.models import CriterionDefinition, ProcessVersion
from pipeline.vocabulary import Kind as CriterionKind
from pipeline.vocabulary import Side

from ..gate import State, digest_of
from ..models import Answer, Contact, Deal, GateException, Kind
from .findings import Finding

GATED = (Kind.ADVANCE, Kind.EXCEPTION, Kind.WIN)
_MET = {State.HOLDS, State.EXEMPT}
_CHUNK = 900


class Gates:
    """What is the same for all deals, read once: definitions, versions, and who was merged into whom."""

    def __init__(self):
        self.definitions = CriterionDefinition.objects.select_related("version").in_bulk()
        self.versions = ProcessVersion.objects.defer("snapshot").in_bulk()
        self.former = {}
        for old, new in Contact.objects.exclude(merged_into=None).values_list("pk", "merged_into_id"):
            self.former.setdefault(new, []).append(old)
        self._asked = {}

    def asked(self, version_id, stage_id, side=None):
        """Criteria a version asks of one stage, or of one side of it."""
        if version_id not in self._asked:
            self._asked[version_id] = self._in_force(self.versions[version_id])
        found = self._asked[version_id].get(stage_id, [])
        return [d for d in found if side is None or d.side == side]

    def _in_force(self, version):
        """{stage id: definitions} as that version had them. One ends at the very moment a later version began."""
        by_stage = {}
        for definition in self.definitions.values():
            own = definition.version
            if own.pipeline_id != version.pipeline_id or own.number > version.number:
                continue
            if definition.valid_until is None or definition.valid_until > version.published_at:
                by_stage.setdefault(definition.stage_id, []).append(definition)
        return by_stage

    def names_of(self, contact_id):
        """A contact, and everybody who was merged into them."""
        found = [contact_id]
        for name in found:
            found += self.former.get(name, [])
        return found


class Block:
    """The advances of one block of deals, with the answers their snapshots name."""

    def __init__(self, gates, rows):
        self.gates = gates
        self.rows = [row for row in rows if row.kind in GATED]
        ids = {item["a"] for row in self.rows for item in row.snapshot if item["a"]}
        deals = {row.deal_id for row in self.rows}
        self.answers = _in_chunks(Answer.objects, ids)
        self.deals = _in_chunks(Deal.objects.only("token", "landed_in"), deals)
        self.excused = set(GateException.objects.filter(deal__in=deals).values_list("deal_id", flat=True))

    def findings(self):
        for row in self.rows:
            for text in (*self._items(row), *self._left_out(row)):
                yield Finding("I4", text, row.deal_id, row.seq)

    def _items(self, row):
        for item in row.snapshot:
            definition = self.gates.definitions.get(item["d"])
            if definition is None or definition.criterion_id != item["c"]:
                yield f"rests on definition {item['d']} of criterion {item['c']}, which is not there"
                continue
            if item["s"] not in _MET and not self._waived(row, item):
                yield f"passed although “{definition.label}” was {item['s']}"
            if item["a"]:
                yield from self._answer(row, item, definition)

    def _waived(self, row, item):
        return item["s"] == State.WAIVED and row.kind != Kind.WIN and row.deal_id in self.excused

    def _answer(self, row, item, definition):
        answer = self.answers.get(item["a"])
        if answer is None:
            yield f"rests on answer {item['a']} to “{definition.label}”, which is not there"
        elif (answer.deal_id, answer.criterion_id) != (row.deal_id, item["c"]):
            yield f"rests on answer {item['a']}, which is another deal's or to another criterion"
        elif item["h"] not in self._digests(self.deals[row.deal_id], answer):
            yield f"answer {item['a']} to “{definition.label}” is not what it was when the gate opened"

    def _digests(self, deal, answer):
        """Of the answer as it is, and as it was before the people it names were merged into others."""
        for contact in self.gates.names_of(answer.contact_id):
            for person in self.gates.names_of(answer.person_id):
                former = copy(answer)
                former.contact_id, former.person_id = contact, person
                yield digest_of(deal, former)

    def _left_out(self, row):
        """Criteria of the stages passed that its snapshot does not mention."""
        seen = {item["c"] for item in row.snapshot}
        asked = self._asked(row)
        with_step = any(d.kind == CriterionKind.NEXT_STEP for d in asked if d.criterion_id in seen)
        for definition in asked:
            stepped = with_step and definition.kind == CriterionKind.NEXT_STEP
            if definition.criterion_id not in seen and not stepped:
                yield f"passed without asking “{definition.label}”"

    def _asked(self, row):
        gates, version = self.gates, row.version_id
        if version not in gates.versions:
            return []
        found = gates.asked(version, row.from_stage_id, Side.EXIT)
        for stage_id in row.passed:
            found = found + gates.asked(version, stage_id)
        if row.kind != Kind.WIN:
            found = found + gates.asked(version, row.to_stage_id, Side.ENTRY)
        return found


def _in_chunks(rows, ids):
    ids, found = sorted(ids), {}
    for start in range(0, len(ids), _CHUNK):
        found.update(rows.in_bulk(ids[start : start + _CHUNK]))
    return found
