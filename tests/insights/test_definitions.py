"""What the page says a figure means is what the documentation says."""

from pathlib import Path

import pytest

from insights.meanings.definitions import DEFINITIONS
from insights.registry import ELSEWHERE, PANELS

FOLDER = Path(__file__).resolve().parents[2] / "docs"
DOCS = "".join((FOLDER / name).read_text() for name in ("metrics.md", "reviews.md"))


@pytest.mark.parametrize("key", DEFINITIONS)
def test_each_figure_is_documented_in_the_words_of_its_page(key):
    definition = DEFINITIONS[key]
    assert f"**{definition.name}.** {definition.says}" in DOCS


def test_each_panel_says_what_its_figures_mean():
    for panel in [*PANELS, *ELSEWHERE]:
        assert panel.defines and set(panel.defines) <= set(DEFINITIONS), panel.key
