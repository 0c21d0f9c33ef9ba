"""Who comes in, who does not, for how long, and what too many tries get."""

import statistics
import time

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from team.models import User

LOGIN = "/accounts/login/"
PASSWORD = "correct-horse-battery"

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep():
    return User.objects.create_user("ren@example.com", PASSWORD, name="Ren Ito")


def sign_in(client, email="ren@example.com", password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def signed_in(client):
    return client.get("/profile/").status_code == 200


def test_a_person_signs_in_with_mail_address_and_password(client, rep):
    assert sign_in(client).status_code == 302
    assert signed_in(client)


def test_case_of_the_mail_address_does_not_matter(client, rep):
    sign_in(client, email="Ren@Example.com")
    assert signed_in(client)


def test_a_wrong_password_and_an_unknown_person_read_the_same(client, rep):
    wrong = sign_in(client, password="not-the-password")
    unknown = sign_in(client, email="nobody@example.com")
    texts = [r.content.decode().replace("nobody@", "ren@") for r in (wrong, unknown)]
    assert [line for line in texts[0].splitlines() if "csrf" not in line] == [
        line for line in texts[1].splitlines() if "csrf" not in line
    ]
    assert not signed_in(client)


class LighterArgon2(Argon2PasswordHasher):
    """A fourth of the work, still several times that of the page."""

    memory_cost = Argon2PasswordHasher.memory_cost // 4


@pytest.mark.engine("sqlite")  # the time is that of hashing, far more than any database takes
def test_a_wrong_password_and_an_unknown_person_take_the_same_time(client, rep, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.LighterArgon2"]
    settings.ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}
    rep.set_password(PASSWORD)
    rep.save(update_fields=["password"])
    known, unknown = [], []
    for _ in range(15):
        known.append(seconds(client, "ren@example.com"))
        unknown.append(seconds(client, "nobody@example.com"))
    assert statistics.median(known) == pytest.approx(statistics.median(unknown), rel=0.1)


def seconds(client, email):
    """Of the processor, not of the clock: other tests run beside this one."""
    start = time.process_time()
    sign_in(client, email=email, password="not-the-password")
    return time.process_time() - start


def test_nobody_makes_an_account_themselves(client):
    sent = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/accounts/signup/", sent)
    assert not User.objects.exists()


def test_the_eleventh_failed_try_from_one_address_waits_an_hour(client, rep):
    for n in range(10):
        assert sign_in(client, email=f"somebody{n}@example.com").status_code == 422
    refused = sign_in(client, email="somebody11@example.com")
    assert refused.status_code == 429
    assert refused["Retry-After"] == "3600"
    assert sign_in(client).status_code == 429
    with time_machine.travel(time.time() + 3700):
        assert sign_in(client).status_code == 302


def test_the_twenty_first_failed_try_at_one_account_in_a_day_is_refused_from_anywhere(client, rep):
    for n in range(20):
        sign_in(client, password="not-the-password", REMOTE_ADDR=f"192.0.2.{n}")
    assert sign_in(client, REMOTE_ADDR="192.0.2.99").status_code == 429
    assert not signed_in(client)


def test_signing_in_often_is_no_failed_try(client, rep):
    for _ in range(15):
        assert sign_in(client).status_code == 302
        client.post("/accounts/logout/")


def test_an_invented_forwarding_address_does_not_help(client, rep):
    for n in range(11):
        last = sign_in(client, email=f"somebody{n}@example.com", headers={"x-forwarded-for": f"192.0.2.{n}"})
    assert last.status_code == 429


def test_behind_one_proxy_the_right_most_address_counts(client, rep, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for n in range(11):
        seen = f"198.51.100.{n}, 192.0.2.1"
        last = sign_in(client, email=f"somebody{n}@example.com", headers={"x-forwarded-for": seen})
    assert last.status_code == 429
    assert sign_in(client, headers={"x-forwarded-for": "192.0.2.1, 192.0.2.2"}).status_code == 302


@pytest.mark.parametrize(
    "target", ["//evil.example", "https:evil.example", r"/\evil.example", "javascript:alert(1)"]
)
def test_after_signing_in_nobody_is_sent_elsewhere(client, rep, target):
    response = client.post(
        f"{LOGIN}?next={target}", {"login": rep.email, "password": PASSWORD, "next": target}
    )
    assert response["Location"] == "/"


def test_the_session_changes_its_name_at_sign_in(client, rep):
    client.get(LOGIN)
    before = client.session.session_key
    sign_in(client)
    assert client.session.session_key != before


def test_a_session_ends_after_twelve_idle_hours(client, rep):
    sign_in(client)
    with time_machine.travel(time.time() + 12 * 3600 + 60):
        assert not signed_in(client)


def test_a_session_in_use_lives_on_but_not_beyond_seven_days(client, rep):
    start = time.time()
    sign_in(client)
    for hours in range(11, 7 * 24, 11):
        with time_machine.travel(start + hours * 3600):
            assert signed_in(client), f"ended after {hours} h"
    with time_machine.travel(start + 7 * 24 * 3600 + 60):
        assert not signed_in(client)


def test_a_deactivated_person_is_out_at_once(client, rep):
    sign_in(client)
    User.objects.filter(pk=rep.pk).update(is_active=False)
    assert not signed_in(client)
    assert not signed_in(client)


def test_a_fragment_asked_for_after_the_session_ended_sends_to_the_login(client):
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/deals/7/?tab=people"}
    response = client.post("/profile/theme/", {"theme": "dark"}, headers=headers)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/accounts/login/?next=/deals/7/%3Ftab%3Dpeople&unsaved=1"


def test_a_page_asked_for_without_a_session_sends_to_the_login(client):
    assert client.get("/profile/")["Location"] == "/accounts/login/?next=/profile/"
    assert client.get("/admin/login/")["Location"].startswith(LOGIN)


@pytest.mark.parametrize(
    ("site", "begins"),
    [("https://crm.example.com", "https://crm.example.com/"), ("", "http://testserver:6666/")],
)
def test_the_link_of_a_forgotten_password_leads_where_the_settings_say_whatever_the_request_is_called(
    client, rep, settings, mailoutbox, site, begins
):
    settings.SITE_URL, settings.ALLOWED_HOSTS = site, ["testserver"]
    client.post("/accounts/password/reset/", {"email": rep.email}, headers={"host": "testserver:6666"})
    (mail,) = mailoutbox
    assert f"{begins}accounts/password/reset/key/" in mail.body
    assert ("http://testserver" in mail.body) is (not site)


def test_who_sends_a_form_after_the_session_ended_is_told_and_comes_back_to_its_page(client):
    answer = client.post("/today/tasks/1/done/", headers={"Referer": "http://testserver/today/?who=me"})
    assert (
        answer.status_code == 302
        and answer["Location"] == "/accounts/login/?next=/today/%3Fwho%3Dme%23kept&unsaved=1"
    )
    page = client.get(answer["Location"]).content.decode()
    assert "What you sent was not saved." in page and 'value="/today/?who=me#kept"' in page
    assert "What you sent" not in client.get("/accounts/login/?next=/today/").content.decode()


@pytest.mark.parametrize(
    "sender", ["https://elsewhere.example/a", "http://testserver//elsewhere.example", "", "http://["]
)
def test_after_the_session_ended_nobody_is_sent_elsewhere(client, sender):
    answer = client.post("/today/tasks/1/done/", headers={"Referer": sender})
    assert answer["Location"] == "/accounts/login/?next=/&unsaved=1"


def test_a_page_that_is_out_of_date_offers_to_open_it_again(client, rep):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(rep)
    answer = strict.post("/deals/new/", {"company": "x"}, headers={"Referer": "http://testserver/deals/new/"})
    assert answer.status_code == 403 and 'href="/deals/new/#kept"' in answer.content.decode()
