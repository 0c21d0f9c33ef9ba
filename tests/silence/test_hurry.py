"""With a Redis, mail leaves at once; a Redis that is away or does not answer costs a page next to nothing. Row F2."""

import importlib
import json
import os
import signal
import sys
from datetime import timedelta

import pytest
from django.urls import reverse

from automations.models import Tick
from deals.models import ClocksToFollow
from outbox import calling, queue
from outbox.models import Mail
from team.models import Organisation

from .. import factories as f
from ..engines import ROOT, wait_until
from ..evidence.test_recaps import ASKED, form

pytestmark = pytest.mark.django_db(transaction=True)

# A browser of the rep who is named, in a process with the settings of a web server.
POST = """
import json, os
from django.test import Client
from team.models import User
browser = Client(SERVER_NAME="localhost")
browser.force_login(User.objects.get(pk=os.environ["WHO"]))
for data in json.loads(os.environ["POSTS"]):
    print(browser.post(os.environ["PAGE"], data).status_code)
"""


# A publication for whose transaction one deal is too many.
PUBLISH = """
import os
from deals.models import ClocksToFollow
from deals.timers import due_following
from pipeline.models import Pipeline
from pipeline.publishing import publish
due_following.MOST = 0
pipeline = Pipeline.objects.get(pk=os.environ["PIPELINE"])
pipeline.rules.update(days=45)
publish(pipeline, by=pipeline.process_owner, note="Later")
"""


@pytest.fixture
def send_recaps():
    """What the pages answer to somebody who sends so many recaps, and what the server said of it."""
    Organisation.current()
    Organisation.objects.update(own_domains="seller.example")
    rep = f.make_user("Mara Kessel")
    deal = f.make_deal(f.make_pipeline(stages=ASKED), rep)
    f.log_call(deal, f.make_contact(deal.company, "Lena Vossberg", "lena@buyer.example"))
    f.walk_to(f.fresh(deal), "Discover")

    def send(engines, times=1, **environment):
        posts = json.dumps([form(deal, "budget")] * times)
        page = reverse("recap", args=[deal.pk])
        return engines.run(POST, WHO=str(rep.pk), PAGE=page, POSTS=posts, **environment)

    return send


def waiting():
    return Mail.objects.filter(sent_at=None, given_up_at=None).count()


def test_a_recap_leaves_at_once_without_waiting_for_a_tick(engines, send_recaps):
    engines.worker()
    ticks = engines.noted("tick-SUCCESS")
    assert send_recaps(engines).stdout.split() == ["303"]
    wait_until(lambda: not waiting(), engines.log)
    assert Mail.objects.get().message_id in engines.mails()
    assert engines.noted("tick-SUCCESS") == ticks


def test_the_clocks_that_follow_a_publication_do_so_without_waiting_for_a_tick(engines):
    engines.worker()
    ticks, pipeline = engines.noted("tick-SUCCESS"), f.make_pipeline()
    deal = f.make_deal(pipeline)
    before = deal.next_due_at
    engines.run(PUBLISH, PIPELINE=str(pipeline.pk))
    wait_until(lambda: not ClocksToFollow.objects.exists(), engines.log)
    assert f.fresh(deal).next_due_at == before + timedelta(days=15)
    assert engines.noted("tick-SUCCESS") == ticks


def test_without_redis_pages_answer_as_ever_and_the_mail_waits_for_a_tick(engines, send_recaps):
    sent = send_recaps(engines, times=3, REDIS_URL="unix:///nowhere/redis")
    assert sent.stdout.split() == ["303"] * 3
    assert waiting() == 1, "of a recap that is sent again, the former mail is withdrawn"
    assert sent.stderr.count("Redis does not answer") == 1, "asked once, then not again for a minute"


def test_a_redis_that_hangs_keeps_one_page_waiting_for_a_moment_and_no_other(engines, send_recaps):
    os.kill(engines.server.pid, signal.SIGSTOP)
    try:
        sent = send_recaps(engines, times=3)
    finally:
        os.kill(engines.server.pid, signal.SIGCONT)
    assert sent.stdout.split() == ["303"] * 3
    assert waiting() == 1
    assert sent.stderr.count("Redis does not answer") == 1


@pytest.mark.django_db(transaction=False)
def test_of_many_mails_in_one_transaction_whoever_sends_hears_once_and_of_undone_ones_never(
    django_capture_on_commit_callbacks, monkeypatch
):
    heard = []

    def sender():
        heard.append(Mail.objects.count())

    monkeypatch.setattr(calling, "senders", [sender])
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(3):
            queue.put(
                key=str(number), to="lena@buyer.example", subject="Hello", body="Hello", now=f.timezone.now()
            )
    assert heard == [3]


def test_make_run_with_a_redis_keeps_one_worker_with_its_beat_which_ends_when_told(engines, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "scripts")
    run = importlib.import_module("run")
    command = [sys.executable, *run.scheduler_command(engines.environment)[1:]]
    assert command[1:3] == ["-m", "celery"] and "--beat" in command
    assert "run_automations" in run.scheduler_command({})
    engines.kill_worker()
    engines.call()
    started = engines.start(*command)
    wait_until(lambda: Tick.objects.exists(), engines.log)
    assert list((engines.folder / "var").glob("beat-schedule*"))
    run.signal_group(started, signal.SIGTERM)  # as it stops its children
    wait_until(lambda: started.poll() is not None, engines.log)
    assert started.returncode == 0
