"""The dashboard as a pack to print: every panel with its table and what its figures mean."""

from decimal import Decimal

import pytest
from django.utils.html import escape

from insights.meanings.definitions import DEFINITIONS
from insights.registry import PANELS
from insights.templatetags.figures import figure

from .. import factories as f

pytestmark = pytest.mark.django_db


def test_the_pack_has_every_panel_with_its_table_and_meanings(client):
    boss = f.make_admin()
    f.make_deal(f.make_pipeline(stages=f.OPEN_GATES, owner=boss), lead_source="Fair")
    client.force_login(boss)
    page = client.get("/dashboard/print/").content.decode()
    for panel in PANELS:
        assert f'id="p-{panel.key}"' in page
        for name in panel.defines:
            assert f"<b>{escape(DEFINITIONS[name].name)}</b>" in page
    assert "in the pipeline</h1>" in page and "css/printed" in page


def test_the_answers_come_first_and_their_figures_and_meanings_behind(client):
    boss = f.make_admin()
    f.make_deal(f.make_pipeline(stages=f.OPEN_GATES, owner=boss), lead_source="Fair")
    client.force_login(boss)
    page = client.get("/dashboard/print/").content.decode()
    answers, figures, meanings = (page.index(part) for part in ('id="p-', 'id="figures"', 'id="meanings"'))
    assert answers < page.rindex('id="p-') < figures < meanings
    assert (
        figures
        < page.index('class="tab"')
        < page.rindex('class="tab"')
        < meanings
        < page.index('class="means"')
    )


def test_it_says_what_it_is_narrowed_to(client):
    boss = f.make_admin()
    pipeline = f.make_pipeline(stages=f.OPEN_GATES, owner=boss)
    for source in ("Fair", "Web"):
        f.make_deal(pipeline, lead_source=source)
    client.force_login(boss)
    assert "Lead source: Fair" in client.get("/dashboard/print/?source=Fair").content.decode()


def test_the_dashboard_leads_to_it_with_the_same_filters(client):
    client.force_login(f.make_admin())
    assert 'href="/dashboard/print/?period=365"' in client.get("/dashboard/?period=365").content.decode()


def test_managers_panels_are_not_printed_for_a_rep(client):
    client.force_login(f.make_user())
    page = client.get("/dashboard/print/").content.decode()
    for panel in PANELS:
        assert (f'id="p-{panel.key}"' in page) is not panel.managers


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (33953.6, "33,954"),
        (1000, "1,000"),
        (999, 999),
        (71.6, 71.6),
        (Decimal("4005800.40"), "4,005,800"),
        (None, ""),
    ],
)
def test_numbers_of_a_table_are_written_for_readers(value, written):
    assert figure(value) == written
