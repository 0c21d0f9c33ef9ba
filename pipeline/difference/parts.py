"""A snapshot taken apart: stages and criteria by id, their order, timers by where they run."""

from functools import cached_property

from team.models import Role


class Parts:
    def __init__(self, snapshot):
        self.snapshot = snapshot
        self.stages = {stage["id"]: stage for stage in snapshot.get("stages", [])}
        self.order = list(self.stages)
        self.index = {pk: number for number, pk in enumerate(self.order)}
        self.criteria = {c["id"]: c for stage in self.stages.values() for c in stage.get("criteria", [])}

    @cached_property
    def timers(self):
        """{(stage id or None, key): rule} of those that mean something."""
        known = [rule for rule in self.snapshot.get("rules", []) if not rule["key"].startswith("former-")]
        return {
            (rule.get("stage_id"), rule["key"]): rule
            for rule in known
            if rule.get("stage_id") is None or rule["stage_id"] in self.stages
        }

    @cached_property
    def roles(self):
        return dict(Role.objects.values_list("pk", "name"))

    def criteria_of(self, stage_id):
        return [c["id"] for c in self.stages[stage_id].get("criteria", [])]

    def name(self, stage_id):
        return self.stages[stage_id]["name"]

    def asked_before(self, criterion):
        """Ids of the stages a deal cannot stand in before it has answered this."""
        at = self.index[criterion["stage_id"]]
        return set(self.order[at if criterion.get("side") == "entry" else at + 1 :])


def moved(old, new):
    """Ids in both lists that changed places with others: as few as explain the new order."""
    common = [pk for pk in new if pk in set(old)]
    place = {pk: number for number, pk in enumerate(old)}
    stay = set(_longest_rising([place[pk] for pk in common]))
    return [pk for pk in common if place[pk] not in stay]


def _longest_rising(numbers):
    best = []
    for at, number in enumerate(numbers):
        before = max((best[i] for i in range(at) if numbers[i] < number), key=len, default=[])
        best.append([*before, number])
    return max(best, key=len, default=[])


def neighbour_words(order, pk, name):
    """("before", name of the next) or ("last", ""), for a sentence."""
    at = order.index(pk)
    return ("before", name(order[at + 1])) if at + 1 < len(order) else ("last", "")
