"""Whatever is opened and whatever is sent, by whom: an answer, and never an error page."""

from datetime import timedelta
from random import Random

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from automations import tick
from insights import choices
from team.models import User

from .doors import PEOPLE
from .wandering import Wanderer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", PEOPLE)
def test_who_opens_and_sends_whatever_there_is_meets_no_error_page(office, as_, who):
    wanderer = Wanderer(as_(who), Random(who))
    for _step in range(25):
        wanderer.step()
    assert wanderer.broken == []
    assert wanderer.sent > 20 and len(wanderer.seen) > 15


def test_a_page_that_breaks_is_noticed(office, as_, monkeypatch):
    monkeypatch.setattr(choices, "of", lambda lens: lens.no_such_thing)
    wanderer = Wanderer(as_("manager"), Random(1), starts=["/dashboard/"])
    wanderer.step()
    assert [(method, url) for method, url, *_rest in wanderer.broken] == [("get", "/dashboard/")]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_weeks_of_wandering_through_the_demo_company_break_no_page_and_no_history(
    time_machine, settings, tmp_path, seed
):
    settings.MEDIA_ROOT = tmp_path
    call_command("demo", verbosity=0)
    random, now = Random(seed), timezone.now()
    for week in range(8):
        time_machine.move_to(now + timedelta(days=5 * week))
        tick.run(timezone.now())
        for who in PEOPLE:
            client = Client()
            client.force_login(User.objects.get(email=f"{who}@demo.example"))
            wanderer = Wanderer(client, random)
            for _step in range(60):
                wanderer.step()
            assert wanderer.broken == []
    call_command("verify_history", strict=True)
