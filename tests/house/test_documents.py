"""The documents say what is there: nothing to set is left out, nothing is promised that does not exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["base", "dev", "postgresql", "redis"]
SETTINGS = (ROOT / "docs" / "settings.md").read_text()


def test_every_setting_is_documented():
    read = "".join((ROOT / "config" / name).read_text() for name in ("settings.py", "env.py"))
    names = set(re.findall(r'(?:env\.\w+|text)\(\s*"([A-Z_]+)"', read))
    assert len(names) > 10
    assert sorted(name for name in names if f"`{name}`" not in SETTINGS) == []


def test_every_documented_setting_is_read():
    read = "".join(
        path.read_text()
        for folder in ("config", "scripts")
        for path in (ROOT / folder).iterdir()
        if path.suffix in (".py", ".sh")
    )
    rows = [line.split("|")[1] for line in SETTINGS.splitlines() if line.startswith("| `")]
    names = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert sorted(name for name in names if f'"{name}"' not in read and f"${{{name}" not in read) == []


def test_every_dependency_has_its_reason():
    reasons = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text().lower()
    wanted = "".join((ROOT / "requirements" / f"{name}.in").read_text() for name in LOCKS)
    names = re.findall(r"^([A-Za-z][\w-]*)", wanted, re.MULTILINE)
    assert len(names) > 15
    assert [name for name in names if name.lower() not in reasons and name != "psycopg"] == []


def test_locks_have_hashes_and_name_no_index():
    for name in LOCKS:
        lock = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert lock.count("==") <= lock.count("--hash=sha256:")
        assert "://" not in lock


def test_links_between_documents_lead_somewhere():
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())
        assert [target for target in targets if not (document.parent / target).exists()] == [], document.name
