"""How money, dates, people and proof are written wherever they appear."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory

from team import formats
from team.models import Level, User


def render(source, **context):
    return Template("{% load headgate %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (Decimal("86000.00"), "EUR", "€86,000"),
        (Decimal("1234.5"), "USD", "$1,234.50"),
        (86000, "CHF", "CHF 86,000"),
        (Decimal("-500"), "EUR", "−€500"),
        (0, "EUR", "€0"),
        (86000, "", "86,000"),
        (None, "EUR", ""),
    ],
)
def test_money_is_written_with_its_currency_first(amount, currency, written):
    assert formats.money(amount, currency) == written
    assert render("{{ a|money:c }}", a=amount, c=currency) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "€0"),
        (950, "€950"),
        (999, "€999"),
        (999.6, "€1k"),
        (1500, "€1.5k"),
        (9000, "€9k"),
        (86_000, "€86k"),
        (86_500, "€87k"),
        (999_499, "€999k"),
        (999_999, "€1M"),
        (1_440_000, "€1.44M"),
        (5_010_000, "€5.01M"),
        (12_345_678, "€12.3M"),
        (2_500_000_000, "€2.5B"),
        (-86_000, "−€86k"),
        (None, ""),
    ],
)
def test_short_money_fits_on_a_card(amount, written):
    assert formats.money_short(amount, "EUR") == written


@time_machine.travel("2026-11-25T12:00:00Z", tick=False)
def test_a_day_names_its_year_only_when_it_is_another_one():
    assert formats.day(date(2026, 11, 30)) == "Mon 30 Nov"
    assert formats.day(date(2027, 1, 15)) == "Fri 15 Jan 2027"
    assert formats.day_short(date(2026, 11, 30)) == "30 Nov"
    assert formats.day_short(date(2027, 1, 15)) == "15 Jan 2027"
    assert (
        formats.day_near(date(2026, 11, 30)) == "Mon 30" and formats.day_near(date(2026, 10, 30)) == "30 Oct"
    )
    assert formats.day_near(date(2025, 11, 30)) == "30 Nov 2025"
    assert formats.day(None) == formats.day_short(None) == formats.moment(None) == ""


@time_machine.travel("2026-11-25T12:00:00Z", tick=False)
def test_a_moment_says_today_and_yesterday():
    utc = ZoneInfo("UTC")
    assert formats.moment(datetime(2026, 11, 25, 9, 5, tzinfo=utc)) == "today, 09:05"
    assert formats.moment(datetime(2026, 11, 24, 15, 20, tzinfo=utc)) == "yesterday, 15:20"
    assert formats.moment(datetime(2026, 11, 20, 15, 20, tzinfo=utc)) == "Fri 20 Nov, 15:20"


def test_days_and_initials():
    assert [formats.days(n) for n in (0, 1, 9)] == ["0 days", "1 day", "9 days"]
    names = ["Mara Kessel", "Mara", "Jo van der Berg", "李 小龙", "", "  ", "(x) Ada Nor"]
    assert [formats.initials(name) for name in names] == ["MK", "M", "JB", "李小", "", "", "AN"]


def test_pips_are_solid_hatched_and_hollow_and_say_so():
    html = render("{% pips 2 1 4 %}")
    assert html.count('<i class="on">') == 2
    assert html.count('<i class="ex">') == 1
    assert html.count("<i></i>") == 1
    assert 'aria-label="2 of 4 exit criteria confirmed, 1 claimed"' in html


def test_a_bar_draws_proven_and_claimed_by_attributes_never_by_style():
    html = render('{% proven_bar 655000 235000 "EUR" %}')
    assert 'aria-label="€655k proven, €235k claimed"' in html
    assert '<rect class="b-on" x="0" width="73.60%"' in html
    assert '<rect class="b-cl" x="73.60%" width="26.40%"' in html
    assert "style" not in html


@pytest.mark.parametrize(("proven", "claimed", "parts"), [(5, 0, ["on"]), (0, 5, ["cl"]), (0, 0, ["idle"])])
def test_a_bar_of_one_kind_has_one_part_and_no_gap(proven, claimed, parts):
    html = render("{% proven_bar p c %}", p=proven, c=claimed)
    assert [part for part in ("on", "cl", "idle") if f"b-{part}" in html] == parts
    assert "<line" not in html


@pytest.mark.parametrize(("gone", "whole"), [(0, 14), (8, 14), (20, 14), (3, 0)])
def test_a_fuse_never_leaves_its_frame(gone, whole):
    html = render("{% fuse g w %}", g=gone, w=whole)
    assert "-" not in html.split('width="')[2].split('"')[0]
    assert "%" in html


def test_an_icon_is_for_the_eye_only_and_inherits_its_colour():
    html = render('{% icon "move" "s" %}')
    assert html.startswith('<svg class="i s" viewBox="0 0 24 24" aria-hidden="true">')
    assert "stroke=" not in html
    assert "xmlns" not in html


def test_what_people_typed_is_escaped_in_every_tag():
    evil = '"><script>x</script>'
    for source in (
        "{% avatar e %}",
        "{% pips 1 0 1 e %}",
        "{% fuse 1 2 e %}",
        '{% include "parts/empty.html" with title=e text=e %}',
        '{% include "parts/note.html" with title=e text=e %}',
    ):
        assert "<script>" not in render(source, e=evil)


def test_navigation_shows_what_exists_and_what_this_person_may_open():
    def labels(level, path="/"):
        request = RequestFactory().get(path)
        return [str(link["label"]) for link in links(User(level=level), request)]

    def links(user, request):
        template = Template("{% load headgate %}{% nav_items as links %}")
        context = Context({"user": user, "request": request})
        template.render(context)
        return context["links"]

    assert "Admin" in labels(Level.ADMIN)
    assert "Admin" not in labels(Level.MANAGER)
    assert "Import" not in labels(Level.REP)


@pytest.mark.parametrize(
    "path, page",
    [("/dashboard/targets/", "Dashboard"), ("/audit/kept/", "Dashboard"), ("/import/", "Import")],
)
def test_navigation_says_to_which_page_of_the_bar_an_address_belongs(path, page):
    context = Context({"user": User(level=Level.MANAGER), "request": RequestFactory().get(path)})
    Template("{% load headgate %}{% nav_items as links %}").render(context)
    assert [link["label"] for link in context["links"] if link["current"]] == [page]


def test_demo_logins_show_in_demo_mode_only(settings):
    source = "{% demo_logins as demo %}{% if demo %}{{ demo.password }}{% endif %}"
    for mode, shown in (("demo", "headgate-demo"), ("production", ""), ("test", "")):
        settings.MODE = mode
        assert render(source, user=AnonymousUser()) == shown
