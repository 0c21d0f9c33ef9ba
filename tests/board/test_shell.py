"""The shell in a real browser: look, dialogs, notes, drafts, keys; axe and the policy on its pages."""

import gzip

import pytest
from playwright.sync_api import expect

from tests.browser import DESKTOP, PHONE
from tests.factories import PASSWORD, make_admin, make_user

pytestmark = pytest.mark.django_db(transaction=True)

DIALOG = """<dialog id="gate" aria-labelledby="gt"><div class="dlg"><form hx-post="/swap/" hx-target="#dialog-root"
hx-swap="innerHTML" data-draft="deal-7"><div class="dh"><h1 id="gt">Two things are open</h1></div><div class="db">
<label class="f"><span>Done</span><input class="in" name="done" value="yes"></label>
<label class="f"><span>Words</span><input class="in" name="words"></label></div>
<div class="df"><button class="btn" type="button" data-close>Close</button><button class="btn pri">Save</button></div>
</form></div></dialog>"""
ASK = "htmx.ajax('GET', '/swap/', {target: '#dialog-root', swap: 'innerHTML', source: '.me'})"


def answer(page, status=200, body="", headers=None):
    page.unroute_all()
    page.route("**/swap/", lambda route: route.fulfill(
        status=status, body=body, headers=headers or {}, content_type="text/html"))  # fmt: skip


def open_gate(page, status=422):
    answer(page, status, DIALOG)
    page.locator(".me").focus()
    page.evaluate(ASK)
    page.wait_for_selector("dialog#gate[open]")


def own_complaints(page):
    """What the page itself did wrong; that a refusal is logged as a failed load is the browser's habit."""
    return [line for line in page.complaints if "Failed to load resource" not in line]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_shell_has_no_accessibility_violation_and_keeps_the_policy(open_page, axe, size):
    admin = make_admin()
    for path, user in [
        ("/accounts/login/", None),
        ("/accounts/password/reset/", None),
        ("/no-such-page/", None),
        ("/profile/", admin),
        ("/accounts/password/change/", admin),
        ("/admin/", admin),
        ("/admin/team/user/", admin),
        (f"/admin/team/user/{admin.pk}/change/", admin),
        ("/admin/team/organisation/", admin),
    ]:
        page = open_page(path, user=user, size=size)
        assert own_complaints(page) == [], path  # before axe, which tries inline styles of its own
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_person_signs_in_changes_the_look_and_signs_out(open_page, javascript):
    make_user(email="mara@seller.example", password=PASSWORD)
    page = open_page("/accounts/login/?next=/profile/", javascript=javascript)
    page.get_by_label("E-mail").fill("mara@seller.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Switch to dark").click()
    page.locator("html[data-theme=dark]").wait_for(state="attached")
    page.get_by_role("button", name="Switch to light").click()
    page.locator("html[data-theme=light]").wait_for(state="attached")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")
    assert own_complaints(page) == []


def test_a_button_that_waited_for_its_answer_is_replaced_within_the_policy(open_page):
    page = open_page("/profile/", user=make_user())
    held = []
    page.route("**/theme/", lambda route: held.append(route))
    page.get_by_role("button", name="Switch to dark").click()
    page.locator("[aria-busy=true]").wait_for()
    held.pop().continue_()
    page.get_by_role("button", name="Switch to light").wait_for()
    assert page.locator("[aria-busy], #look[style]").count() == 0 and own_complaints(page) == []


def test_a_refusal_opens_as_a_dialog_on_its_first_empty_field_and_gives_focus_back(open_page):
    page = open_page("/profile/", user=make_user())
    open_gate(page)
    assert page.evaluate("document.activeElement.name") == "words"
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog#gate", state="detached")
    assert page.evaluate("document.activeElement.className") == "me"


def test_what_was_typed_survives_closing_the_dialog_until_it_is_saved(open_page):
    page = open_page("/profile/", user=make_user())
    open_gate(page)
    page.keyboard.type("the pump stops twice a week")
    page.get_by_role("button", name="Close").click()
    open_gate(page)
    assert page.locator("[name=words]").input_value() == "the pump stops twice a week"
    answer(page, 200, "")
    page.get_by_role("button", name="Save").last.click()
    page.wait_for_selector("dialog#gate", state="detached")
    open_gate(page)
    assert page.locator("[name=words]").input_value() == ""


@pytest.mark.parametrize(("status", "words"), [(500, "broke on our side"), (403, "You may not do that"),
                                               (404, "no longer there"), (None, "did not answer")])  # fmt: skip
def test_a_failed_save_says_so_in_the_dialog_and_keeps_the_text(open_page, status, words):
    page = open_page("/profile/", user=make_user())
    open_gate(page)
    page.keyboard.type("all three plants")
    if status:
        answer(page, status)
    else:
        page.unroute_all()
        page.route("**/swap/", lambda route: route.abort())
    page.get_by_role("button", name="Save").last.click()
    note = page.locator("dialog [role=alert]")
    note.wait_for()
    assert words in note.inner_text()
    assert page.locator("[name=words]").input_value() == "all three plants"
    assert page.locator("dialog [role=alert]").count() == 1


def test_a_refused_save_says_who_can_in_the_words_of_the_server(open_page):
    page = open_page("/profile/", user=make_user())
    open_gate(page)
    answer(page, 403, "<h1>No</h1><p data-said>Only managers hand deals over.</p>")
    page.get_by_role("button", name="Save").last.click()
    note = page.locator("dialog [role=alert]")
    note.wait_for()
    assert note.inner_text() == "Not saved. Only managers hand deals over."


def test_trying_again_after_silence_sends_the_same_form(open_page):
    page = open_page("/profile/", user=make_user())
    open_gate(page)
    page.unroute_all()
    page.route("**/swap/", lambda route: route.abort())
    page.get_by_role("button", name="Save").last.click()
    page.get_by_role("button", name="Try again").wait_for()
    answer(page, 200, "")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector("dialog#gate", state="detached")


def test_a_message_goes_by_itself_and_one_with_undo_stays(open_page):
    page = open_page("/profile/", user=make_user())
    page.evaluate("""toasts.innerHTML = '<p class="toast">Saved.</p><p class="toast" data-undo>Moved.</p>';
        document.querySelectorAll('.toast').forEach((toast) => toast.getAnimations().forEach((end) => end.finish()))""")
    expect(page.locator(".toast")).to_have_text(["Moved."])


def test_question_mark_shows_the_keys_unless_single_letters_are_off(open_page):
    page = open_page("/profile/", user=make_user())
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Name").press("?")
    assert not page.locator("#shortcuts").is_visible()
    quiet = open_page("/profile/", user=make_user(letter_keys=False))
    quiet.keyboard.press("?")
    assert not quiet.locator("#shortcuts").is_visible()


def test_the_own_menu_opens_by_keyboard_and_leads_to_the_profile(open_page):
    page = open_page("/profile/", user=make_user())
    page.locator(".me").press("Enter")
    page.locator("#mine").get_by_role("link", name="Profile").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#mine").is_visible()


def test_own_styles_and_scripts_stay_within_their_budget(settings):
    static = settings.BASE_DIR / "static"

    def packed(*names):
        return sum(len(gzip.compress((static / name).read_bytes(), 9)) for name in names)

    assert packed("css/app.css", "css/pages.css") <= 12_000
    assert packed("css/admin.css") <= 4_000
    shared = {"ui.js", "board.js", "print.js", "publish.js"}
    assert packed(*(f"js/{name}" for name in shared)) <= 8_000
    # What one page alone loads besides.
    today = {"today.js", "justnow.js"}
    assert packed("js/ui.js", *(f"js/{name}" for name in today)) <= 8_000
    for path in (static / "js").glob("*.js"):
        assert path.name in shared | today or packed(f"js/{path.name}") <= 2_000, path.name
