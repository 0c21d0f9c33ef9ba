"""What insights keep: targets, the forecast as it was, audits as they were, and what counts as normal."""

from .audits import Audit, AuditRow
from .flow import Reached, Stay
from .forecasts import ForecastDay, ForecastRow, ManagerCall, StageRecord, Target
from .standings import Standing, StandingNight
from .watching import Benchmark

__all__ = [
    "Audit",
    "AuditRow",
    "Benchmark",
    "ForecastDay",
    "ForecastRow",
    "ManagerCall",
    "Reached",
    "StageRecord",
    "Standing",
    "StandingNight",
    "Stay",
    "Target",
]
