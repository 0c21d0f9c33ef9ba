"""The house's rules that code cannot break without a test saying so."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Each app may import those to its right.
ORDER = ["config", "api", "insights", "automations", "deals", "pipeline", "team", "outbox"]
APPS = [name for name in ORDER if (ROOT / name).is_dir()]
# Says how an error looks; knows nothing of any app.
SHARED = {"config.errors"}


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def imported(tree):
    """Names of the modules a tree imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("app", APPS)
def test_imports_go_one_way(app):
    above = set(ORDER[: ORDER.index(app)])
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources(app)
        for name in imported(ast.parse(path.read_text()))
        if name.split(".")[0] in above and not allowed(name)
    ]
    assert wrong == []


def allowed(name):
    return name in SHARED or any(name.startswith(f"{shared}.") for shared in SHARED) or name == "config"


# What is one thing in several files: whoever opens a deal's door settles it, and settling may open it again.
CORE = {"deals": {"activities", "answers", "moves", "settle"}}


def room_of(path, app):
    """A folder of an app, or a file beside the folders."""
    parts = path.relative_to(ROOT / app).with_suffix("").parts
    return "core" if parts[0] in CORE.get(app, ()) else parts[0]


def rooms_asked(path, app):
    """The rooms of the same app that a file imports from, wherever in it."""
    here = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*here[: len(here) - node.level + 1], *(node.module or "").split(".")]
            named = [part for part in base if part]
            for alias in node.names if named == [app] else [None]:
                first = named[1] if len(named) > 1 else alias.name
                yield "core" if first in CORE.get(app, ()) else first


@pytest.mark.parametrize("app", APPS)
def test_rooms_of_an_app_import_one_way(app):
    asked = {}
    for path in sources(app):
        asked.setdefault(room_of(path, app), set()).update(rooms_asked(path, app))
    TopologicalSorter({room: others - {room} for room, others in asked.items()}).prepare()


def test_make_lint_looks_for_insecure_calls_in_every_app():
    (line,) = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("PRODUCT :=")]
    assert set(line.split()[2:]) == {*APPS, "manage.py"}
    assert "-m bandit" in (ROOT / "Makefile").read_text()


def assigned_attributes(tree):
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        yield from (target for target in targets if isinstance(target, ast.Attribute))


def test_nothing_outside_the_door_assigns_a_deals_stage_or_status():
    """B02: `deal.stage = ...` stands nowhere; the machine's own module changes them."""
    guarded = {"stage", "stage_id", "status", "seq"}
    found = [
        f"{path.relative_to(ROOT)}:{target.lineno}"
        for path in sources("api", "insights", "deals", "automations", "pipeline", "config")
        if "moves" not in path.parts
        for target in assigned_attributes(ast.parse(path.read_text()))
        if target.attr in guarded and getattr(target.value, "id", "") in {"deal", "moved"}
    ]
    assert found == []


def test_only_the_door_writes_the_ledger():
    writers = {"create", "bulk_create", "get_or_create", "update_or_create", "save"}
    found = []
    for path in sources("api", "insights", "deals", "automations", "pipeline", "team", "config"):
        if "moves" in path.parts:
            continue
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        named = [(node.lineno, ast.unparse(node.func)) for node in calls]
        found += [f"{path.name}:{line}" for line, name in named if name.startswith("Transition.")
                  and name.rpartition(".")[2] in writers]  # fmt: skip
    assert found == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_no_page_carries_script_or_style_in_its_markup(path):
    text = path.read_text()
    assert ' style="' not in text and " onclick=" not in text and "<style" not in text
    assert "<script>" not in text


def test_no_file_has_grown_into_several_rooms():
    long = [
        f"{p.relative_to(ROOT)}: {n}" for p in sources(*APPS) if (n := len(p.read_text().splitlines())) > 320
    ]
    assert long == []
