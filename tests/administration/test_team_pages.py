"""The profile, the look, the pages around signing in, and how an admin keeps the people."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.template.loader import render_to_string
from django.test import RequestFactory

from config import errors
from team.models import Level, Organisation, User
from tests.factories import PASSWORD, make_admin, make_manager, make_user

STYLE = re.compile(r"<[^>]+\sstyle=|<script(?![^>]+src=)|<[^>]+\son\w+=")


@pytest.fixture
def rep(db, client):
    user = make_user(email="mara@seller.example", password=PASSWORD)
    client.force_login(user)
    return user


def test_the_profile_keeps_name_look_and_keys(client, rep):
    response = client.post("/profile/", {"name": "Mara K. Kessel", "theme": "dark"})
    assert response.status_code == 302
    rep.refresh_from_db()
    assert (rep.name, rep.theme, rep.letter_keys) == ("Mara K. Kessel", "dark", False)
    page = client.get("/profile/").content.decode()
    assert 'data-theme="dark"' in page
    assert "data-letter-keys" not in page
    assert "Profile saved." in page


@pytest.mark.parametrize("sent", [{"name": "", "theme": "dark"}, {"name": "x" * 121, "theme": "dark"},
                                  {"name": "Mara", "theme": "neon"}])  # fmt: skip
def test_a_profile_that_cannot_be_saved_says_why_and_changes_nothing(client, rep, sent):
    response = client.post("/profile/", sent)
    assert response.status_code == 422
    assert b'class="err"' in response.content
    assert User.objects.values_list("name", "theme").get(pk=rep.pk) == ("Mara Kessel", "system")


def test_nobody_raises_their_own_level_through_the_profile(client, rep):
    client.post(
        "/profile/", {"name": "Mara", "theme": "light", "level": "admin", "is_active": "", "teams": []}
    )
    rep.refresh_from_db()
    assert rep.level == Level.REP
    assert rep.is_active
    assert rep.teams.count() == 1


def test_nobody_adds_a_second_address_to_sign_in_with(client, rep):
    response = client.post("/accounts/email/", {"action_add": "", "email": "boss@seller.example"})
    assert response["Location"] == "/profile/"
    assert not EmailAddress.objects.exists()
    assert not mail.outbox


def test_one_press_changes_the_look_and_comes_back(client, rep):
    response = client.post("/profile/theme/", {"theme": "dark", "next": "/deals/?q=mill"})
    assert response["Location"] == "/deals/?q=mill"
    rep.refresh_from_db()
    assert rep.theme == "dark"


@pytest.mark.parametrize("elsewhere", ["//evil", "https:evil", "/\\evil", "%2f%2fevil", "team.views"])
def test_the_way_back_leads_to_a_page_of_ours(client, rep, elsewhere):
    changed = client.post("/profile/theme/", {"theme": "dark", "next": elsewhere})
    client.logout()
    signed_in = client.post("/accounts/login/", {"login": rep.email, "password": PASSWORD, "next": elsewhere})
    assert [changed["Location"], signed_in["Location"]] == ["/", "/"]


def test_with_htmx_the_look_changes_without_leaving_the_page(client, rep):
    response = client.post("/profile/theme/", {"theme": "dark"}, headers={"hx-request": "true"})
    assert response.status_code == 200
    assert '"theme": "dark"' in response["HX-Trigger"]
    assert b'value="light"' in response.content


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "javascript:alert(1)", ""])
def test_changing_the_look_never_leads_elsewhere(client, rep, target):
    assert client.post("/profile/theme/", {"theme": "dark", "next": target})["Location"] == "/"


def test_a_look_nobody_offers_is_refused_and_changes_nothing(client, rep):
    assert client.post("/profile/theme/", {"theme": "neon"}).status_code == 400
    assert client.get("/profile/theme/").status_code == 405
    rep.refresh_from_db()
    assert rep.theme == "system"


def test_signing_out_works_by_button_only(client, rep):
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/profile/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/profile/").status_code == 302


def test_there_is_no_sign_up(client, db):
    page = client.get("/accounts/signup/").content.decode()
    assert "There is no sign-up here" in page
    assert "<input" not in page


def test_a_wrong_password_keeps_the_address_and_does_not_say_who_exists(client, rep):
    client.logout()
    page = client.post(
        "/accounts/login/", {"login": rep.email, "password": "not-the-password"}
    ).content.decode()
    assert 'role="alert"' in page
    assert f'value="{rep.email}"' in page


def test_a_closed_person_does_not_get_in(client, rep):
    client.logout()
    User.objects.filter(pk=rep.pk).update(is_active=False)
    client.post("/accounts/login/", {"login": rep.email, "password": PASSWORD})
    assert client.get("/profile/").status_code == 302
    assert "This account is closed" in client.get("/accounts/inactive/").content.decode()


def test_a_forgotten_password_is_set_by_a_link_in_the_mail(client, rep):
    client.logout()
    client.post("/accounts/password/reset/", {"email": rep.email})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[0].body)[1]
    page = client.get(link, follow=True)
    form = page.request["PATH_INFO"]
    assert "Choose a new password" in page.content.decode()
    client.post(form, {"password1": "a-quite-new-password", "password2": "a-quite-new-password"})
    assert client.login(email=rep.email, password="a-quite-new-password")
    client.logout()
    assert "This link no longer works" in client.get(link, follow=True).content.decode()


def test_asking_for_a_link_reads_the_same_for_an_unknown_address(client, rep):
    client.logout()
    known = client.post("/accounts/password/reset/", {"email": rep.email}, follow=True)
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@seller.example"}, follow=True)
    assert known.status_code == unknown.status_code
    assert known.content == unknown.content


OPEN_PAGES = ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/",
              "/accounts/password/reset/key/1-x/", "/accounts/signup/", "/accounts/inactive/"]  # fmt: skip
OWN_PAGES = ["/profile/", "/accounts/password/change/", "/accounts/logout/", "/accounts/email/",
             "/accounts/reauthenticate/"]  # fmt: skip


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_no_page_before_signing_in_carries_inline_style_or_script(client, db, path):
    page = client.get(path, follow=True).content.decode()
    assert not STYLE.search(page)
    assert "Headgate" in page


@pytest.mark.parametrize("path", OWN_PAGES)
def test_no_page_of_ones_own_carries_inline_style_or_script(client, rep, path):
    page = client.get(path, follow=True).content.decode()
    assert not STYLE.search(page)
    assert "Headgate" in page


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_error_pages_need_no_database_and_say_what_to_do(status):
    page = errors.page(RequestFactory().get("/x/"), status, "It says why.").content.decode()
    assert f">{status}<" in page
    assert "Go to the pipeline" in page
    assert not STYLE.search(page)
    assert "Oops" not in page


def test_the_plain_page_of_a_crash_renders_without_anything():
    assert "This broke on our side" in render_to_string("500.html")


# ---- how an admin keeps the people


@pytest.fixture
def admin(db, client):
    user = make_admin()
    client.force_login(user)
    return user


def person(user, **changes):
    sent = {"name": user.name, "email": user.email, "level": user.level, "is_active": "on",
            "teams": list(user.teams.values_list("pk", flat=True)), "roles": []}  # fmt: skip
    return {name: value for name, value in {**sent, **changes}.items() if value is not None}


@pytest.mark.parametrize("maker", [make_user, make_manager])
def test_reps_and_managers_do_not_enter_the_admin(client, db, maker):
    client.force_login(maker())
    assert client.get("/admin/team/user/").status_code in (302, 403)
    assert client.get("/admin/", follow=False).status_code in (302, 403)


def test_an_admin_adds_a_person_who_sets_their_own_password(client, admin):
    sent = {"name": "Ines Duarvo", "email": "Ines@Seller.example", "level": "rep",
            "usable_password": "false", "teams": [admin.teams.get().pk]}  # fmt: skip
    assert client.post("/admin/team/user/add/", sent).status_code == 302
    ines = User.objects.get(email="ines@seller.example")
    assert not ines.has_usable_password()
    client.logout()
    client.post("/accounts/password/reset/", {"email": "ines@seller.example"})
    assert mail.outbox[0].to == ["ines@seller.example"]


def test_one_address_belongs_to_one_person_however_it_is_written(client, admin):
    make_user(email="mara@seller.example")
    sent = {"name": "Mara", "email": "MARA@seller.example", "level": "rep", "usable_password": "false"}
    assert client.post("/admin/team/user/add/", sent).status_code == 422
    assert User.objects.filter(email__iexact="mara@seller.example").count() == 1


@pytest.mark.parametrize("change", [{"level": "rep"}, {"is_active": None}])
def test_the_last_admin_stays_admin(client, admin, change):
    page = client.post(f"/admin/team/user/{admin.pk}/change/", person(admin, **change))
    assert "Somebody must stay admin" in page.content.decode()
    admin.refresh_from_db()
    assert admin.is_admin


def test_a_second_admin_may_step_down(client, admin):
    other = make_admin("Ada Nor")
    assert client.post(f"/admin/team/user/{other.pk}/change/", person(other, level="rep")).status_code == 302
    other.refresh_from_db()
    assert other.level == Level.REP


def test_people_are_closed_not_deleted(client, admin):
    other = make_user()
    assert client.post(f"/admin/team/user/{other.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(
        "/admin/team/user/", {"action": "delete_selected", "_selected_action": [other.pk], "post": "yes"}
    )
    assert User.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "Mars/Olympus"), ("holiday_country", "ZZ"), ("holiday_region", "XX"), ("currency", "eur"),
     ("working_days", ["0", "8"]), ("working_days", [])],
)  # fmt: skip
def test_an_organisation_that_cannot_be_counted_with_is_refused(client, admin, field, value):
    sent = {"name": "We", "currency": "EUR", "time_zone": "Europe/Berlin", "working_days": list("12345"),
            "holiday_country": "DE", "holiday_region": "BE", "grace_days": "2", "exception_days": "14",
            "exceptions_per_rep": "2", "pause_days": "90", "archive_share": "10"}  # fmt: skip
    path = f"/admin/team/organisation/{Organisation.current().pk}/change/"
    assert client.post(path, {**sent, field: value}).status_code == 422
    assert Organisation.objects.get().name == "Our company"
    assert client.post(path, sent).status_code == 302
    assert Organisation.objects.get().time_zone == "Europe/Berlin"


@pytest.mark.parametrize("path", ["", "team/user/", "team/user/add/", "team/team/", "team/role/add/",
                                  "team/organisation/"])  # fmt: skip
def test_no_admin_page_of_people_carries_inline_style_or_script(client, admin, path):
    page = client.get(f"/admin/{path}", follow=True)
    assert page.status_code == 200
    assert not STYLE.search(page.content.decode())
