"""What the demo company needs beyond its deals, made once these stand."""

from . import demo_forecast, demo_learning, demo_standings

MAKERS = [demo_standings.make, demo_forecast.make, demo_learning.make]


def build(world):
    """Call each maker of MAKERS with the World, in order."""
    for make in MAKERS:
        make(world)
