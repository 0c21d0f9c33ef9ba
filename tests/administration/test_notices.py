"""Notices: a bell with a number for everybody, and a page on which each is read."""

from datetime import timedelta

import pytest
from django.utils import timezone

from team.notices import Notice, tell

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


def told(user, text="Your exception was granted.", url="/deals/", key=None, days_ago=0):
    moment = timezone.now() - timedelta(days=days_ago)
    tell([user], text, key=key or text, url=url, now=moment)
    return Notice.objects.get(user=user, text=text)


def page_of(client, user, path="/notices/"):
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_the_bell_shows_how_many_are_unread_on_every_page(client):
    user = f.make_user()
    assert "Notices: nothing unread" in page_of(client, user, "/profile/")
    told(user)
    told(user, "A deal was handed to you.")
    assert "Notices: 2 unread" in page_of(client, user, "/profile/")


def test_the_bell_costs_no_statement_of_its_own(client, django_assert_num_queries):
    user = f.make_user()
    client.force_login(user)
    client.get("/profile/")
    with django_assert_num_queries(5):  # session, person with the bell's number, organisation, teams, roles
        client.get("/profile/")


def test_the_same_thing_is_said_once():
    user = f.make_user()
    told(user, key="review:1")
    tell([user], "Said again", key="review:1")
    assert user.notices.count() == 1


def test_unread_ones_come_first_and_the_newest_of_them_before_the_others(client):
    user = f.make_user()
    read = told(user, "Read long ago", days_ago=1)
    Notice.objects.filter(pk=read.pk).update(read_at=timezone.now())
    told(user, "Older", days_ago=9)
    told(user, "Newer", days_ago=2)
    page = page_of(client, user)
    assert page.index("Newer") < page.index("Older") < page.index("Read long ago")


def test_opening_one_marks_it_as_read_and_leads_to_its_page(client):
    user = f.make_user()
    notice = told(user)
    client.force_login(user)
    response = client.post(f"/notices/{notice.pk}/read/", {"open": "1"})
    assert response["Location"] == "/deals/"
    notice.refresh_from_db()
    assert notice.read_at is not None and "nothing unread" in page_of(client, user)


def test_marking_one_leaves_the_others_and_marking_all_leaves_none(client):
    user = f.make_user()
    first = told(user)
    told(user, "Second")
    told(user, "Third")
    client.force_login(user)
    assert client.post(f"/notices/{first.pk}/read/")["Location"] == "/notices/"
    assert user.notices.filter(read_at__isnull=True).count() == 2
    answer = client.post("/notices/read/", follow=True)
    assert "2 notices marked as read." in answer.content.decode()
    assert user.notices.filter(read_at__isnull=True).count() == 0


def test_reading_again_keeps_the_first_time(client):
    user = f.make_user()
    notice = told(user)
    client.force_login(user)
    client.post(f"/notices/{notice.pk}/read/")
    notice.refresh_from_db()
    first = notice.read_at
    client.post(f"/notices/{notice.pk}/read/")
    notice.refresh_from_db()
    assert notice.read_at == first


def test_somebody_elses_notice_is_not_there_and_stays_unread(client):
    notice = told(f.make_user())
    client.force_login(f.make_admin())
    before = fingerprint()
    assert client.post(f"/notices/{notice.pk}/read/").status_code == 404
    assert client.post("/notices/read/").status_code == 302
    assert fingerprint() == before
    notice.refresh_from_db()
    assert notice.read_at is None


def test_looking_changes_nothing_and_marking_needs_a_post(client):
    user = f.make_user()
    notice = told(user)
    page_of(client, user)
    assert client.get(f"/notices/{notice.pk}/read/").status_code == 405
    assert client.get("/notices/read/").status_code == 405
    notice.refresh_from_db()
    assert notice.read_at is None


@pytest.mark.parametrize("url", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_a_notice_never_leads_out_of_the_house(client, url):
    user = f.make_user()
    notice = told(user, url=url)
    client.force_login(user)
    assert client.post(f"/notices/{notice.pk}/read/", {"open": "1"})["Location"] == "/notices/"


def test_many_are_shown_page_by_page(client):
    user = f.make_user()
    for number in range(35):
        told(user, f"Notice {number}", days_ago=number)
    page = page_of(client, user)
    assert "Notice 29" in page and "Notice 30" not in page and "Page 1 of 2" in page
    assert "Notice 30" in page_of(client, user, "/notices/?page=2")


def test_nothing_to_tell_says_what_will_stand_here(client):
    assert "Nothing to tell you" in page_of(client, f.make_user())


def test_a_closed_account_is_signed_out_at_once(client):
    user = f.make_user()
    page_of(client, user)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert "/accounts/login/" in client.get("/notices/")["Location"]
