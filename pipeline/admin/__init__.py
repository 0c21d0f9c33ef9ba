"""The process, as admins edit it. Saving a page changes the draft alone."""

from .criteria import CriterionAdmin
from .pipelines import PipelineAdmin
from .stages import StageAdmin
from .versions import VersionAdmin

__all__ = ["CriterionAdmin", "PipelineAdmin", "StageAdmin", "VersionAdmin"]
