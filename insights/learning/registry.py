"""The panels of the learning page, in their order."""

from . import gates, losses, objections, versions, wins

PANELS = [gates.PANEL, objections.PANEL, losses.PANEL, wins.PANEL, versions.PANEL]
