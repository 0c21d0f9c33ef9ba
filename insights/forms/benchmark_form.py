"""A benchmark as it is typed: what, where, between what, and who is asked."""

from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from deals.input import parsing

from ..benchmarks import METRICS, offered_people, offered_places
from ..models import Benchmark

MOST = Decimal(10) ** 11
FIELDS = ("metric", "place", "low", "high", "asks")


class Form:
    """`typed` is what came or what is set; `errors` {field: words}. Of one that stands only band and person change."""

    def __init__(self, user, pipelines, benchmark=None, posted=None):
        self.user, self.benchmark = user, benchmark
        self.places = offered_places(pipelines)
        self.people = list(offered_people(user))
        self.errors = {}
        self.typed = (
            {name: posted.get(name, "")[:60] for name in FIELDS} if posted is not None else self._set()
        )

    def _set(self):
        row = self.benchmark
        if row is None:
            return dict.fromkeys(FIELDS, "") | {"asks": str(self.user.pk)}
        return {
            "metric": row.metric,
            "low": _written(row.low),
            "high": _written(row.high),
            "asks": str(row.asks_id),
        }

    @transaction.atomic
    def save(self):
        """Whether it was saved; else `errors` says why."""
        metric, pipeline, stage = self._what()
        low, high, asks = self._number("low"), self._number("high"), self._person()
        if not self.errors and low is None and high is None:
            self.errors["low"] = _("Say from where, up to where, or both.")
        if not self.errors and low is not None and high is not None and low > high:
            self.errors["high"] = _("This lies below “at least”.")
        if self.errors:
            return False
        band = {"low": low, "high": high, "asks": asks}
        if self.benchmark:
            # Another band is another question: a figure outside it is asked about anew. The same one is not.
            row = Benchmark.objects.filter(pk=self.benchmark.pk)
            row.exclude(**band).update(**band, outside_since=None, checked_on=None)
            return True
        _row, made = Benchmark.objects.get_or_create(
            metric=metric, pipeline_id=pipeline, stage_id=stage, defaults=band
        )
        if not made:
            self.errors["metric"] = _("There is a benchmark for this figure there already.")
        return made

    def _what(self):
        if self.benchmark:
            return self.benchmark.metric, self.benchmark.pipeline_id, self.benchmark.stage_id
        metric = METRICS.get(self.typed["metric"])
        if metric is None:
            self.errors["metric"] = _("Choose a figure.")
        if self.typed["place"] not in dict(self.places):
            self.errors["place"] = _("Choose a pipeline or a stage.")
            return self.typed["metric"], None, None
        pipeline, _dash, stage = self.typed["place"].partition("-")
        if metric and metric.of_stage and not stage:
            self.errors["place"] = _("This figure belongs to a stage: choose one.")
        if metric and not metric.of_stage and stage:
            self.errors["place"] = _("This figure belongs to a whole pipeline: choose one.")
        return self.typed["metric"], int(pipeline), int(stage) if stage else None

    def _number(self, name):
        if not self.typed[name].strip():
            return None
        try:
            return parsing.number(self.typed[name], minimum=0, maximum=MOST)
        except parsing.ParseError as error:
            self.errors[name] = str(error)
            return None

    def _person(self):
        found = next((person for person in self.people if str(person.pk) == self.typed["asks"]), None)
        if found is None:
            self.errors["asks"] = _("Choose who looks into it.")
        return found


def _written(value):
    return "" if value is None else f"{value.normalize():f}"
