"""The worker and the clock of a Headgate with Redis: `celery -A config worker` and `celery -A config beat`.

Redis carries wake-up calls and nothing else: what is due stands in the database. So a call that is lost costs a
minute, one that comes twice finds nothing to do, and one that waited too long is dropped, as the next is there.
"""

import os
import ssl
from urllib.parse import parse_qsl, urlsplit

from celery import Celery
from kombu.transport.redis import Channel

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

EVERY = 60  # seconds between two ticks
LONGEST_TICK = 900  # it stops itself then, and the next one goes on where it was; 30 s later it is stopped


def broker(url):
    """The address as Celery spells it."""
    if not url:
        raise ImproperlyConfigured(
            "REDIS_URL is not set, and Celery needs it. Without Redis: manage.py run_automations --every 60"
        )
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    return f"redis+socket://{parts.path}?virtual_host={dict(parse_qsl(parts.query)).get('db', 0)}"


# A call that was taken is gone from Redis, and never put back. To keep it there until it is answered, and to say so
# over a connection that broke meanwhile, ends a worker that loses Redis at work (kombu 5.7). No call is worth it.
Channel.do_restore = False

app = Celery("headgate", broker=broker(settings.REDIS_URL))
app.conf.update(
    # Nothing but JSON is read: who can write to Redis can then not run code here.
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    timezone="UTC",
    beat_schedule={
        # A tick that nobody took before the next one comes is not wanted any more: they never pile up.
        "tick": {"task": "automations.tasks.tick", "schedule": EVERY, "options": {"expires": EVERY - 5}}
    },
    beat_schedule_filename=str(settings.DATA_DIR / "beat-schedule"),
    beat_sync_every=1,  # the file is written with every tick; scripts/beating.py looks at its age
    worker_prefetch_multiplier=1,
    worker_max_tasks_per_child=1000,
    worker_hijack_root_logger=False,  # logs go where the settings say, without the secrets of links
    # Late: a worker takes no more calls than it can answer now, and leaves the others to other workers. What one that
    # is killed had begun is done by the next tick; a call that kills whoever takes it is not handed on for ever.
    task_acks_late=True,
    task_reject_on_worker_lost=False,
    task_soft_time_limit=LONGEST_TICK,
    task_time_limit=LONGEST_TICK + 30,
    worker_cancel_long_running_tasks_on_connection_loss=False,  # it will finish; doing it twice does no harm
    # A worker waits for Redis as long as it takes.
    broker_connection_retry=True,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        "ack_emulation": False,  # see above
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
        "socket_keepalive": True,
        # Who sends a call, a web request above all, tries once more and leaves it to the next tick.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
    },
    task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0},
)
if settings.REDIS_URL.startswith("rediss:"):
    app.conf.broker_use_ssl = {"ssl_cert_reqs": ssl.CERT_REQUIRED}
app.set_default()  # also for the threads of a web process
app.autodiscover_tasks()
