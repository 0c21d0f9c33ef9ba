"""Between what a manager is shown and what they start: deals that came to fail meanwhile are not acted on unseen."""

import re
import uuid
from decimal import Decimal

import pytest

from deals.models import BulkItem, BulkRun, Deal

from .. import factories as f
from ..fingerprint import fingerprint
from .test_audit import lose_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def deals(boss):
    """One that fails, one that holds."""
    pipeline = f.make_pipeline(stages=f.SIMPLE, owner=boss)
    made = [
        f.next_step(f.make_deal(pipeline, stage="Discover", amount=Decimal(money))) for money in (1000, 2000)
    ]
    lose_answer(made[0], "problem")
    return made


def shown(client, action="archive"):
    """What the page that asks has in its form."""
    page = client.post("/audit/act/", {"action": action, "all": "1"}).content.decode()
    form = page[page.index('action="/audit/act/start/"') :].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)) | {
        "reason": "Not proven"
    }


def test_what_was_shown_is_done(client, deals):
    assert client.post("/audit/act/start/", shown(client)).status_code in (302, 303)
    assert [f.fresh(deal).status for deal in deals] == ["archived", "open"]


@pytest.mark.parametrize("action", ["archive", "back"])
def test_where_others_fail_by_now_it_is_shown_anew_and_nothing_happens(client, deals, action):
    form = shown(client, action)
    lose_answer(deals[1], "problem")
    before = fingerprint()
    answer = client.post("/audit/act/start/", form)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Meanwhile other deals are meant: look again." in page
    assert 'value="Not proven"' in page and deals[1].name in page and "2 deals" in page
    assert fingerprint() == before and not BulkRun.objects.exists()
    again = dict(re.findall(r'name="(shown|token)" value="([^"]*)"', page))
    assert client.post("/audit/act/start/", form | again).status_code in (302, 303)
    assert BulkItem.objects.count() == 2


def test_as_many_deals_that_are_others_are_noticed_as_well(client, deals):
    form = shown(client)
    lose_answer(deals[1], "problem")
    Deal.objects.filter(pk=deals[0].pk).update(counts_as_pipeline=False)
    assert client.post("/audit/act/start/", form).status_code == 409 and not BulkRun.objects.exists()


def test_the_same_form_sent_again_after_all_is_done_shows_its_run(client, deals):
    form = shown(client)
    first, second = (client.post("/audit/act/start/", form) for _time in range(2))
    assert second.status_code == first.status_code and second["Location"] == first["Location"]
    assert BulkRun.objects.count() == 1


def test_somebody_elses_run_is_not_gone_on_with(client, deals):
    form = shown(client) | {"token": str(uuid.uuid4())}
    client.post("/audit/act/start/", form)
    lose_answer(deals[1], "problem")
    client.force_login(f.make_admin("Karl Ost"))
    answer = client.post("/audit/act/start/", {**form, "shown": ""})
    assert answer.status_code == 404 and f.fresh(deals[1]).status == "open"
