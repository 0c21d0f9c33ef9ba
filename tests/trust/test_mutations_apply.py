"""Short form of the mutation run: every line it takes away is still where it says (the run itself is make soak)."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import mutate  # noqa: E402


@pytest.mark.parametrize("mutation", mutate.lines(), ids=lambda mutation: mutation.name)
def test_the_line_a_mutation_takes_away_is_there(mutation):
    assert mutation.old in (ROOT / mutation.file).read_text()
    for name in mutation.tests:
        file, _colons, test = name.partition("::")
        assert f"def {test}(" in (ROOT / file).read_text() if test else (ROOT / file).exists()
