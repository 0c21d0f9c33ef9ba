"""Rules of every kind in the administration: typed, refused beside the field, shown as what they are."""

import pytest

from outbox.models import Endpoint
from pipeline.difference import of_draft
from pipeline.models import Pipeline, Rule
from team.models import User

from .. import factories as f
from ..admin_process import current, draft, page_of, post, put_in_force, save
from ..browser import DESKTOP, PHONE
from ..fingerprint import fingerprint
from ..forms_of import form_of

pytestmark = pytest.mark.django_db
TASK = {"action": "task", "trigger": "stage_entered", "days": "0"}
MAIL = {"action": "mail", "trigger": "no_response", "days": "3", "subject": "Our offer",
        "body": "Dear {first_name},\nall well?"}  # fmt: skip


def add(client, row, **typed):
    """Open the page once, type this into its new rule, save."""
    return post(client, page_of(row), with_rule(form_of(client.get(page_of(row)), "_form"), typed))


def with_rule(shown, typed):
    """The page's form as it is sent with this typed into its new rule."""
    new = f"rules-{int(shown['rules-TOTAL_FORMS']) - 1}-"
    return {**shown, "_save": "Save", **{f"{new}{name}": value for name, value in typed.items()}}


@pytest.fixture
def stage(pipeline):
    return f.stage_of(pipeline, "Propose")


@pytest.fixture
def hook(db):
    return Endpoint.objects.create(name="Ledger", url="https://ledger.example/hook", secret="whsec_eA==")


def test_a_task_for_a_role_on_entering_a_stage(client, pipeline, stage):
    f.make_role("Legal")
    typed = TASK | {"role": "Legal", "title": "Read the terms", "due_days": "2",
                    "purpose": "So that nothing waits"}  # fmt: skip
    assert add(client, stage, **typed).status_code == 200
    rule = stage.rules.get()
    assert (rule.key, rule.trigger, rule.days, rule.role) == ("task", "stage_entered", 0, "Legal")
    assert (rule.title, rule.purpose, rule.due_days) == (typed["title"], typed["purpose"], 2)
    assert draft(pipeline).rule("follow_up", stage.pk).trigger == "no_response"


def test_notice_mail_and_webhook_get_keys_of_their_own(client, pipeline, stage, hook):
    person = f.make_user("Ann Weber")
    add(client, stage, action="notify", trigger="over_target", days="4", person=str(person.pk))
    add(client, stage, action="notify", trigger="close_passed", days="1")
    add(client, pipeline, **MAIL)
    add(client, pipeline, action="webhook", trigger="next_step_passed", days="2", endpoint=str(hook.pk))
    added = Rule.objects.filter(pipeline=pipeline).exclude(key__in=["follow_up", "re_engage", "archive"])
    assert set(added.values_list("key", "stage")) == {
        ("notify", stage.pk), ("notify_2", stage.pk), ("mail", None), ("webhook", None)
    }  # fmt: skip
    assert Rule.objects.get(key="notify").person == person
    assert Rule.objects.get(key="mail").body == MAIL["body"]
    assert Rule.objects.get(key="webhook").endpoint == hook


@pytest.mark.parametrize("of", ["pipeline", "stage"])
def test_rules_that_went_while_their_page_was_open_are_told_of(client, pipeline, stage, of):
    add(client, stage, **TASK)
    add(client, stage, **TASK | {"days": "2"})
    page = page_of({"pipeline": pipeline, "stage": stage}[of])
    shown, before = form_of(client.get(page), "_form"), fingerprint()
    for gone in ("999999", "99999999999999999999", "abc", ""):
        typed = shown | {"_save": "Save"}
        for number, days in enumerate("79"):
            rule = f"rules-{number}"
            typed |= {
                f"{rule}-id": gone,
                f"{rule}-trigger": "no_such",
                f"{rule}-days": days,
                f"{rule}-is_on": "on",
            }
        response = client.post(page, typed)
        assert response.status_code == 422, gone
        assert "A rule that is no longer there" in response.text, gone
    assert fingerprint() == before and stage.rules.count() == 2


def test_what_is_published_obeys_the_draft(client, pipeline, stage, hook):
    add(
        client,
        stage,
        action="webhook",
        trigger="stage_entered",
        days="0",
        endpoint=str(hook.pk),
        is_shadow="on",
    )
    put_in_force(client, pipeline)
    rule = current(pipeline).rule("webhook", stage.pk)
    assert (rule.endpoint, rule.is_shadow, rule.days) == (hook, True, 0)
    assert current(pipeline).rule("webhook", f.stage_of(pipeline, "Close").pk) is None
    assert not of_draft(Pipeline.objects.get(pk=pipeline.pk))


NONSENSE = [
    (TASK | {"action": "archive"}, "trigger", "only follow the buyer"),
    (TASK | {"action": "re_engage", "window_days": "8"}, "trigger", "only follow the buyer"),
    (TASK | {"trigger": "close_passed"}, "days", "At least one day"),
    (TASK | {"trigger": "no_response"}, "days", "At least one day"),
    (TASK | {"days": "-1"}, "days", "greater than or equal to 0"),
    (TASK | {"days": "1000"}, "days", "less than or equal to 999"),
    (MAIL | {"subject": "For {customer}"}, "subject", "{customer} is no field; known are {contact}"),
    (TASK | {"person": "999999"}, "person", "Select a valid choice"),
    (TASK | {"action": "webhook"}, "endpoint", "Choose the webhook"),
    (TASK | {"action": "webhook", "endpoint": "999999"}, "endpoint", "Select a valid choice"),
    (MAIL | {"subject": ""}, "subject", "needs a subject"),
    (MAIL | {"body": ""}, "body", "needs a text"),
    (MAIL | {"body": "Dear {first name}"}, "body", "{first name} is no field"),
    (MAIL | {"body": "x" * 5001}, "body", "at most 5000 characters"),
    (TASK | {"trigger": "full_moon"}, "trigger", "Select a valid choice"),
    (TASK | {"replaces": "archive"}, "replaces", "does the same"),
]


def test_what_makes_no_sense_is_refused_beside_its_field(client, pipeline, stage):
    before, shown = fingerprint(), form_of(client.get(page_of(stage)), "_form")
    for typed, field, words in NONSENSE:
        response = post(client, page_of(stage), with_rule(shown, typed))
        assert response.status_code == 422, typed
        forms = [
            form for inline in response.context["inline_admin_formsets"] for form in inline.formset.forms
        ]
        errors = {
            name: " ".join(told) for form in forms for name, told in getattr(form, "errors", {}).items()
        }
        assert list(errors) == [field], typed
        assert words in errors[field], typed
    assert fingerprint() == before and not stage.rules.exists()


def test_what_an_action_has_no_use_for_is_not_kept(client, pipeline, stage, hook):
    f.make_role("Legal")
    more = {
        "subject": "Hello {nobody}",
        "body": "x",
        "endpoint": str(hook.pk),
        "window_days": "9",
        "asks_above": "5",
    }
    add(client, stage, **TASK | more | {"role": "Legal", "title": "Read"})
    rule = stage.rules.get()
    assert (rule.subject, rule.body, rule.endpoint, rule.window_days, rule.asks_above) == (
        "",
        "",
        None,
        0,
        None,
    )
    assert (rule.role, rule.title) == ("Legal", "Read")


def test_a_rule_stays_what_it_is_since_its_firings_are_told_by_its_key(client, pipeline):
    prefix = "rules-0-"
    response = save(client, page_of(pipeline), **{f"{prefix}action": "notify"})
    assert response.status_code == 422
    assert "switch this one off and add another" in response.content.decode()
    assert Rule.objects.get(pipeline=pipeline, key="follow_up").action == "task"


def test_off_and_shadow_are_seen_where_timers_are_listed(client, pipeline, stage):
    Rule.objects.filter(pipeline=pipeline, key="archive").update(is_shadow=True)
    Rule.objects.filter(pipeline=pipeline, key="re_engage").update(is_on=False)
    html = client.get(page_of(pipeline)).content.decode()
    assert 'Archive after 30 days, in shadow</b> <span class="tagn">shadow</span>' in html
    assert 'Re-engage after 14 days</b> <span class="tagn">off</span>' in html
    assert "Archive after 30 days, in shadow" in client.get(page_of(stage)).content.decode()


def test_rules_that_wait_for_the_same_answer_are_shown_as_a_sequence(client, pipeline, stage):
    add(client, stage, action="notify", trigger="no_response", days="9", business_days="on")
    html = client.get(page_of(stage)).content.decode()
    steps = html.partition("<b>Sequence</b>")[2].partition("</p>")[0]
    assert "When the buyer does not answer" in steps
    assert steps.index("5 business days") < steps.index("9 business days")
    assert "<b>Sequence</b>" not in client.get(page_of(f.stage_of(pipeline, "Close"))).content.decode()


def test_who_left_stays_named_by_the_rule_and_is_offered_to_no_other(client, pipeline, stage):
    person = f.make_user("Ann Weber")
    add(client, stage, **TASK | {"person": str(person.pk)})
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert save(client, page_of(stage), **{"rules-0-title": "Read"}).status_code == 200
    assert stage.rules.get().person == person
    assert add(client, f.stage_of(pipeline, "Close"), **TASK | {"person": str(person.pk)}).status_code == 422


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_rules_are_usable_by_all_and_show_only_what_their_action_uses(open_page, axe, size):
    boss = f.make_admin()
    pipeline = f.make_pipeline(owner=boss)
    stage = f.stage_of(pipeline, "Propose")
    stage.rules.create(pipeline=pipeline, key="notify", trigger="no_response", days=9, action="notify")
    page = open_page(page_of(stage), user=boss, size=size)
    page.locator("details.timers > summary").click()
    page.get_by_text("Add a timer").click()
    new = page.locator("details.new .timer")
    assert not new.get_by_label("Subject of the mail").is_visible()
    new.get_by_label("Then").select_option("mail")
    assert new.get_by_label("Subject of the mail").is_visible()
    assert not new.get_by_label("Webhook").is_visible()
    assert page.complaints == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert list(axe(page)) == []
