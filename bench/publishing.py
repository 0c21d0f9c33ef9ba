"""What a publication costs at so many live deals: the effect shown before it, and the publication itself.

The live deals of the company are copied with all their answers, by INSERT ... SELECT and with the guard lifted: what
is measured is judging and counting, and a ledger of a hundred thousand deals takes an hour to make. Answers of one
deal lie together, as they do where deals are answered one by one.
"""

from functools import partial
from itertools import cycle

from django.db import connection
from django.utils import timezone

from deals import guard
from deals.models import Activity, Answer, Deal, Stakeholder, StakeholderRole
from deals.models.machine import LIVE_STATUSES
from deals.publishing.effect import effect as effect_of
from deals.publishing.timer_effect import changed_timers
from deals.timers import due_following
from pipeline import retiring
from pipeline.models import Criterion, Pipeline, Rule, Stage
from pipeline.ordering import DOWN, next_position, put_before, swap
from pipeline.publishing import publish
from pipeline.restoring import restore
from team.models import User

from . import bulk, measure
from .company import PROCESS
from .progress import Watched

LIVE = 100_000
_LIVE = ", ".join(f"'{status}'" for status in LIVE_STATUSES)
_APART = 10_000_000  # between the ids of one copy and the next
# Tables to copy, with the columns that point to other copied rows.
_COPIED = [
    (Deal, ["id"]),
    (Activity, ["id", "deal_id"]),
    (Stakeholder, ["id", "deal_id"]),
    (StakeholderRole, ["id", "stakeholder_id"]),
    (Answer, ["id", "deal_id", "activity_id"]),
]
_OF_LIVE = {
    Deal: "id IN (SELECT id FROM copied)",
    StakeholderRole: "stakeholder_id IN (SELECT s.id FROM deals_stakeholder s JOIN copied c ON c.id = s.deal_id)",
}


def publish_changes(runs, live=LIVE):
    """Each change is looked at, published, looked at again the other way round and published back."""
    grow(live)
    head = User.objects.get(email="admin@seller.example")
    found = []
    for name, edits in CHANGES.items():
        looks, acts, told, clocks = [], [], [], []
        for edit, _run in zip(cycle(edits), range(2 * max(1, runs // 5)), strict=False):
            edit()
            pipeline = _pipeline()
            looks.append(measure.timed(partial(look, pipeline)))
            with Watched(pipeline.pk) as watched:
                acts.append(measure.timed(partial(publish, pipeline, by=head, note="Measured once more")))
            told.append(watched.in_words())
            if due_following.left().exists():
                clocks.append(measure.timed(partial(due_following.go_on, seconds=3600)))
            print(
                f"  {name}: looked at in {looks[-1][0] / 1000:.1f} s, published in {acts[-1][0] / 1000:.1f} s,"
                f" {told[-1]}" + (f", clocks {clocks[-1][0] / 1000:.1f} s" if clocks else ""),
                flush=True,
            )
        number = Deal.objects.live().count()
        found.append(measure.result(f"effect, {name}", looks, note=f"{number:,} live deals"))
        found.append(measure.result(f"publish, {name}", acts, note="; ".join(told)))
        if clocks:
            found.append(measure.result(f"clocks that follow, {name}", clocks))
    return found


def look(pipeline):
    """What the page before publishing shows: deals that change sides, and deals whose clocks change."""
    effect_of(pipeline)
    return [
        (timer.more, timer.fewer) for timer in changed_timers(pipeline, Deal.objects.made(), timezone.now())
    ]


def _pipeline():
    return Pipeline.objects.select_related("version").get(slug=PROCESS)


def _change(slug, **columns):
    def edit():
        Criterion.objects.filter(stage__pipeline__slug=PROCESS, slug=slug).update(**columns)

    return edit


def _first(kind):
    return (
        Criterion.objects.filter(stage__pipeline__slug=PROCESS, kind=kind, retired_at__isnull=True)
        .order_by("stage__position", "position")
        .first()
        .slug
    )


def _added():
    stage = _pipeline().stages.current()[1]
    Criterion.objects.update_or_create(
        stage=stage,
        slug="bench",
        defaults={"label": "The buyer agreed to be measured", "kind": "yes_no", "retired_at": None},
    )


def _dropped():
    Criterion.objects.filter(slug="bench").update(retired_at=timezone.now())


def _timer(key, days):
    return lambda: Rule.objects.filter(pipeline=_pipeline(), key=key, stage=None).update(days=days)


def _stage_added():
    """As the third stage, with a criterion."""
    pipeline = _pipeline()
    third = pipeline.stages.current()[2]
    stage, made = Stage.objects.get_or_create(
        pipeline=pipeline,
        slug="bench",
        defaults={
            "name": "Measured", "position": next_position(pipeline.stages), "owner_role": third.owner_role,
            "buyer_action": "Agreed to be measured",
        },
    )  # fmt: skip
    if made:
        Criterion.objects.create(
            stage=stage, slug="bench-stage", label="The buyer was measured twice", kind="yes_no"
        )
    else:
        retiring.bring_back(stage)
    put_before(pipeline.stages.current(), stage.pk, third.pk)


def _stage_gone():
    retiring.retire(Stage.objects.get(pipeline__slug=PROCESS, slug="bench"))


def _places_changed():
    stages = _pipeline().stages.current()
    swap(stages, stages[2].pk, DOWN)


def _several():
    for edit in (_change(_first("text"), min_length=90), _change(_first("money"), minimum=80_000), _added):
        edit()
    _timer("archive", 45)()


def _rolled_back():
    pipeline = _pipeline()
    restore(pipeline, pipeline.versions.get(number=pipeline.version.number - 1).snapshot)


CHANGES = {
    "a limit": [
        lambda: _change(_first("money"), minimum=80_000)(),
        lambda: _change(_first("money"), minimum=None)(),
    ],
    "more evidence": [
        lambda: _change(_first("text"), evidence="file")(),
        lambda: _change(_first("text"), evidence="words")(),
    ],
    "a longer text": [
        lambda: _change(_first("text"), min_length=90)(),
        lambda: _change(_first("text"), min_length=10)(),
    ],
    "a new criterion": [_added, _dropped],
    "days of the follow-up": [_timer("follow_up", 6), _timer("follow_up", 5)],
    "days of the archive": [_timer("archive", 45), _timer("archive", 30)],
    "a new stage": [_stage_added, _stage_gone],
    "two stages change places": [_places_changed, _places_changed],
    "several changes, and roll back": [_several, _rolled_back],
}


def grow(live, copied=tuple(_COPIED)):
    """Double the live deals until there are so many, with what hangs on them or without."""
    bulk.widen()
    for name in guard.names():
        guard.remove(name)
    bulk.run(f"CREATE TABLE live AS SELECT id FROM deals_deal WHERE status IN ({_LIVE})")
    offset = _APART
    while (missing := live - Deal.objects.live().count()) > 0:
        bulk.run(f"CREATE TABLE copied AS SELECT id FROM live ORDER BY id LIMIT {missing}")
        for model, columns in copied:
            _copy(model, columns, offset)
        bulk.run(f"INSERT INTO live SELECT id + {offset} FROM copied")
        bulk.run("DROP TABLE copied")
        offset *= 2
    bulk.run("DROP TABLE live")
    guard.install()
    bulk.follow_ids(*(model for model, _columns in copied))
    bulk.analyse()
    bulk.narrow()


def _copy(model, shifted, offset):
    names = [field.column for field in model._meta.concrete_fields]
    values = [f"{name} + {offset}" if name in shifted else _fresh(name) for name in names]
    where = _OF_LIVE.get(model, "deal_id IN (SELECT id FROM copied)")
    bulk.run(
        f"INSERT INTO {model._meta.db_table} ({', '.join(names)})"
        f" SELECT {', '.join(values)} FROM {model._meta.db_table} WHERE {where}"
        f" ORDER BY {', '.join([*shifted[1:2], 'id'])}"
    )


def _fresh(name):
    if name != "token":
        return name
    return "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
