"""Whatever letters a name is written in, both engines find it in any case, and find nothing else."""

import pytest
from django.db import connection
from django.db.models import F, Q
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deals.evidence import colleagues
from deals.evidence.judging import House
from deals.models import Company, Contact, Deal
from team import letters

from .. import factories as f

pytestmark = pytest.mark.django_db

NAMES = [
    "École du Nord",
    "Ecole du Nord",
    "Straße 7",
    "Ñandú [S*]",
    "Ñandú [Sa]",
    "Ψάρι (a.b)",
    "Ψάρι axbx",
    "Ж_100%",
]


@pytest.fixture
def companies():
    return [f.make_company(name) for name in NAMES]


@pytest.mark.parametrize(
    "lookup, text, found",
    [
        ("iexact", "éCOLE DU nord", ["École du Nord"]),
        ("iexact", "école du", []),
        ("iexact", "ecole DU nord", ["Ecole du Nord"]),
        ("icontains", "É", ["École du Nord"]),
        ("icontains", "STRAßE", ["Straße 7"]),
        ("icontains", "ñANDÚ [s*", ["Ñandú [S*]"]),
        ("icontains", "ú [s?]", []),
        ("istartswith", "ñandÚ [", ["Ñandú [S*]", "Ñandú [Sa]"]),
        ("istartswith", "Ú", []),
        ("iendswith", "άρι (A.B)", ["Ψάρι (a.b)"]),
        ("iendswith", "ψΆΡΙ", []),
        ("icontains", "ж_", ["Ж_100%"]),
        ("icontains", "ж1", []),
        ("icontains", "ж%", []),
        ("icontains", "é\\", []),
        ("icontains", "é^$|+{}-", []),
        ("iexact", "***:É", []),
        ("icontains", "é" * 5000, []),
    ],
)
def test_a_name_is_found_in_any_case_and_signs_mean_themselves(companies, lookup, text, found):
    asked = Q(**{f"name__{lookup}": text})
    assert [row.name for row in Company.objects.filter(asked).order_by("pk")] == found
    others = [name for name in NAMES if name not in found]
    assert [row.name for row in Company.objects.exclude(asked).order_by("pk")] == others


def test_what_is_written_in_a_to_z_is_asked_for_as_ever(companies):
    with CaptureQueriesContext(connection) as sent:
        list(Company.objects.filter(name__icontains="nord"))
        list(Company.objects.filter(name__iexact=F("domain")))
    assert not any("GLOB" in query["sql"] or "~" in query["sql"] for query in sent)


def test_a_letter_has_no_case_that_is_two_letters():
    assert (letters.cases("é"), letters.cases("ß"), letters.cases("7")) == ("Éé", "ß", "7")
    assert set(letters.cases("ς")) == set("Σσς")


def test_a_company_is_not_made_twice_for_its_accent(client):
    client.force_login(f.make_user())
    f.make_pipeline()
    for name in ("École du Nord", "ÉCOLE du nord"):
        client.post(
            reverse("new_deal"), {"company": name, "contact": "Émile Øre" if name[1] == "c" else "émile ØRE"}
        )
    assert (Deal.objects.count(), Company.objects.count(), Contact.objects.count()) == (2, 1, 1)
    refused = client.post(reverse("new_company"), {"name": "école du nord"})
    assert (refused.status_code, Company.objects.count()) == (422, 1)


@pytest.mark.parametrize(
    "page, query",
    [("deals", "établissements"), ("deals", "éCOLE"), ("companies", "éCOLE"), ("find", "NORD É")],
)
def test_a_search_finds_it_in_any_case(client, page, query):
    user = f.make_user()
    client.force_login(user)
    f.make_deal(owner=user, company=f.make_company("École du Nord"), name="Du Nord Établissements")
    for text, there in ((query, True), (f"{query}ø", False)):
        shown = client.get(reverse(page), {"q": text}).content.decode()
        assert ("École du Nord" in shown or "Établissements" in shown) is there


@pytest.mark.parametrize("name", ["Émile Moreau", "ÉMILE Moreau", "Mara Kessel", "MARA kessel", "Anna"])
def test_one_of_us_is_known_alike_one_by_one_and_all_at_once(name):
    for colleague in ("Émile Moreau", "Mara Kessel"):
        f.make_user(colleague)
    person = f.make_contact(f.make_company(), name, email="")
    assert House.current().is_ours(person) is Contact.objects.filter(colleagues.ours()).exists()
