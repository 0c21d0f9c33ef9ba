"""Long form of test_each_trigger.py: every trigger, lock, constraint and permission line is taken away in turn."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.soak
@pytest.mark.engine("sqlite", "postgresql")  # what it starts asks the database
def test_whatever_protection_is_taken_away_a_named_test_fails():
    ran = subprocess.run(
        [sys.executable, "scripts/mutate.py"], cwd=ROOT, env=os.environ, text=True, capture_output=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
