"""The panels of the learning page, in their order."""

from . import gates, losses, objections, wins

PANELS = [gates.PANEL, objections.PANEL, losses.PANEL, wins.PANEL]
