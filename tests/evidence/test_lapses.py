"""A proof that ran out overnight makes its deal claimed, without anybody touching it."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from automations import tick
from deals.models import Deal
from pipeline.models import Pipeline
from pipeline.publishing import publish

from .. import factories as f

pytestmark = pytest.mark.django_db


def in_days(days):
    return timezone.now() + timedelta(days=days)


def test_the_day_before_the_budget_lapses_nothing_changes_and_the_day_after_the_deal_is_claimed():
    pipeline = f.make_pipeline()
    pipeline.rules.update(is_on=False)  # nobody archives it for its silence meanwhile
    publish(pipeline, by=f.make_admin())
    deal = f.make_deal(Pipeline.objects.get(pk=pipeline.pk), stage="Discover")
    assert tick.run(in_days(90)).recounted == 0
    assert f.fresh(deal).open_before == 0
    assert tick.run(in_days(91)).recounted == 1
    assert f.fresh(deal).open_before == 1


def test_a_second_tick_finds_nothing_left_to_do():
    f.make_deal(f.make_pipeline(), stage="Discover")
    tick.run(in_days(91))
    assert tick.run(in_days(91)).recounted == 0


def test_the_lapsed_deal_counts_as_claimed_even_before_the_tick():
    deal = f.next_step(f.make_deal(f.make_pipeline(), stage="Discover"), days=120)
    day = f.today() + timedelta(days=91)
    assert not Deal.objects.proven(day, day).filter(pk=deal.pk).exists()


def test_closed_deals_are_left_alone():
    from deals import moves

    deal = f.make_deal(f.make_pipeline(), stage="Discover")
    moves.archive(deal.pk, seen_seq=deal.seq, by=None)
    assert tick.run(in_days(91)).recounted == 0


def test_the_command_runs_a_tick_at_a_given_time(capsys):
    f.make_deal(f.make_pipeline(), stage="Discover")
    call_command("run_automations", at=in_days(91).isoformat())
    assert "1 deal recounted" in capsys.readouterr().out


@pytest.mark.parametrize("options", [{"at": "yesterday"}, {"at": "2026-13-01"}, {"every": 0.0}])
def test_a_time_that_is_none_is_named(options):
    with pytest.raises(CommandError, match="--(at|every)"):
        call_command("run_automations", **options)


def test_an_imported_deals_silence_counts_from_its_import():
    from deals.clocks import face
    from deals.moves import create_many
    from pipeline.process import process_of
    from team.models import Organisation

    pipeline, now = f.make_pipeline(), timezone.now()
    process, rep = process_of(pipeline), f.make_user()
    long_ago = now - timedelta(days=900)
    columns = {
        "name": "Old one",
        "company": f.make_company(),
        "owner": rep,
        "team": rep.teams.get(),
        "at": long_ago,
    }
    (deal,) = create_many(process, [columns], by=None, now=now, batch="b")
    marks = face(deal, process, Organisation.current())
    # nothing was sent: the archive's days run first, then the attempt, then the archive
    assert [(mark.key, (mark.day - f.today()).days) for mark in marks] == [("re_engage", 30), ("archive", 30)]
