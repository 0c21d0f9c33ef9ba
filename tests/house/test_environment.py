"""The environment that `make` makes, on machines whose Python comes in parts."""

import subprocess
import sys
from importlib.metadata import distribution
from zipfile import ZipFile

import pytest

from .test_settings import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import environment


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """The environment would be made here."""
    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(environment, "PYTHON", tmp_path / ".venv" / "bin" / "python")


@pytest.fixture
def wheel(tmp_path):
    """Our own pip, packed as others carry theirs."""
    known = distribution("pip")
    packed = tmp_path / f"pip-{known.version}-py3-none-any.whl"
    with ZipFile(packed, "w") as archive:
        for file in known.files:
            if file.parts[0].startswith("pip") and file.locate().exists():
                archive.write(file.locate(), str(file))
    return packed


def test_a_python_without_pip_of_its_own_is_lent_that_of_another(elsewhere, wheel, monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "carried_pip", lambda name: str(wheel))
    assert environment.make_with_lent_pip()
    where = [environment.PYTHON, "-c", "import pip; print(pip.__file__)"]
    found = subprocess.run(where, capture_output=True, text=True)
    assert found.stdout.startswith(str(tmp_path / ".venv")), found.stderr


def test_where_none_can_lend_one_nothing_is_made(elsewhere, monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "carried_pip", lambda name: "")
    assert not environment.make_with_lent_pip()
    assert not list(tmp_path.iterdir())


def test_the_python_that_is_chosen_is_new_enough_and_makes_environments():
    chosen = subprocess.run(
        ["sh", ROOT / "scripts" / "python.sh"], capture_output=True, text=True
    ).stdout.strip()
    asked = subprocess.run(
        [chosen, "-c", "import sys, venv; print(sys.version_info >= (3, 11))"], capture_output=True
    )
    assert asked.stdout == b"True\n"
