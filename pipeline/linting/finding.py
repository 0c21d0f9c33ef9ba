"""One thing the linter says: how bad it is, where, what is wrong and how it is mended."""

from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    ERROR = "error", _("Error")
    WARN = "warn", _("Warning")
    HINT = "hint", _("Hint")


ORDER = [Level.ERROR, Level.WARN, Level.HINT]


@dataclass(frozen=True)
class Where:
    """The row a finding is about: ids of draft rows, also where the published process was looked at."""

    stage_id: int | None = None
    criterion_id: int | None = None
    rule_id: int | None = None
    names: tuple = ()

    def __str__(self):
        return ", ".join(self.names)


@dataclass(frozen=True)
class Finding:
    level: Level
    code: str
    text: str
    mend: str
    where: Where = field(default_factory=Where)

    def __str__(self):
        return ": ".join(filter(None, (str(self.where), str(self.text))))

    @property
    def label(self):
        return Level(self.level).label


def by_weight(findings):
    """Errors first, then warnings, then hints; within these as found, from the first stage to the last."""
    return sorted(findings, key=lambda finding: ORDER.index(finding.level))
