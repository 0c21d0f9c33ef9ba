"""What insights keep: targets, the forecast as it was, audits as they were, and what counts as normal."""

from .audits import Audit, AuditRow
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
    "StageRecord",
    "Standing",
    "StandingNight",
    "Target",
]
