"""A pipeline from a ready-made process or a file, and back into a file."""

import pytest
from django.urls import reverse

from pipeline.documents import read
from pipeline.loading import TEMPLATES, load
from pipeline.models import Pipeline

from .. import factories as f
from ..admin_process import current, draft, page_of, said, save

pytestmark = pytest.mark.django_db


def new_pipeline(client, button, **typed):
    return client.post(reverse("admin:pipeline_pipeline_new"), {button: "1", **typed}, follow=True)


def test_at_least_five_templates_are_offered(client, admin):
    page = client.get(reverse("admin:pipeline_pipeline_new")).content.decode()
    assert page.count('name="template"') >= 5 and "B2B sale, seven stages" in page


def test_a_template_becomes_a_pipeline_of_ones_own_name_twice_over(client, admin):
    for name in ("New business", "Public sector"):
        response = new_pipeline(
            client, "from_template", template="smb-four-stages", name=name, process_owner=admin.pk
        )
        assert f"“{name}” is ready and in force." in said(response)[0]
    made = Pipeline.objects.get(slug="public-sector")
    assert made.stages.count() == 4 and made.version.number == 1 and made.process_owner == admin
    save(client, page_of(made.stages.first()), name="First talk")
    assert [
        current(Pipeline.objects.get(slug=slug)).entry.name for slug in ("new-business", "public-sector")
    ] != [
        "First talk",
        "First talk",
    ]


def test_a_name_that_is_taken_is_refused_beside_the_field(client, pipeline, admin):
    response = new_pipeline(
        client, "from_template", template="saas", name="new BUSINESS", process_owner=admin.pk
    )
    assert response.status_code == 422 and "There already is a pipeline called" in response.content.decode()
    assert Pipeline.objects.count() == 1


@pytest.fixture
def shipped(admin):
    return load(read(TEMPLATES / "smb-four-stages.toml"), by=admin, owner=admin)


def test_an_exported_pipeline_comes_in_again_as_another(client, shipped, admin):
    exported = client.get(reverse("admin:pipeline_pipeline_export", args=[shipped.pk]))
    assert exported["Content-Disposition"] == 'attachment; filename="smb-four-stages.toml"'
    file = f.upload("smb-four-stages.toml", exported.content)
    new_pipeline(client, "from_file", file=file, name="Second", process_owner=admin.pk)
    assert Pipeline.objects.get(slug="second").stages.count() == 4


def test_what_timers_cannot_say_is_exported_as_rules(client, pipeline):
    response = client.get(reverse("admin:pipeline_pipeline_export", args=[pipeline.pk]))
    rules = read(response.content.decode()).rules
    assert [(rule.key, rule.window_days) for rule in rules] == [("re_engage", 0)]


def test_a_file_updates_the_pipeline_it_names_only_when_asked_to(client, shipped, admin):
    text = client.get(reverse("admin:pipeline_pipeline_export", args=[shipped.pk])).content
    second = current(shipped).stages[1].name
    changed = text.replace(f'name = "{second}"'.encode(), b'name = "Understand"')
    refused = new_pipeline(client, "from_file", file=f.upload("p.toml", changed), process_owner=admin.pk)
    assert refused.status_code == 422 and current(shipped).stages[1].name == second
    told = new_pipeline(
        client, "from_file", file=f.upload("p.toml", changed), process_owner=admin.pk, update="on"
    )
    assert "The file is the draft of" in said(told)[0] and Pipeline.objects.count() == 1
    assert draft(shipped).stages[1].name == "Understand" and current(shipped).stages[1].name == second


@pytest.mark.parametrize(
    "content", [b"slug = ", b"\xff\xfe\x00", b"", b'slug = "x"\nname = "X"', b"x" * 1_000_001]
)
def test_a_broken_file_says_what_is_wrong_and_loads_nothing(client, admin, content):
    response = new_pipeline(client, "from_file", file=f.upload("p.toml", content), process_owner=admin.pk)
    assert response.status_code == 422 and "errorlist" in response.content.decode()
    assert not Pipeline.objects.exists()
