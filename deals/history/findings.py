"""One thing that is not as it should be, in one line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`invariant` names the rule of docs/security-model.md; `deal` and `seq` say where, as far as it is known."""

    invariant: str
    text: str
    deal: int | None = None
    seq: int | None = None

    def __str__(self):
        where = f"deal {self.deal}" if self.deal is not None else ""
        where += f", row {self.seq}" if self.seq is not None else ""
        return f"{self.invariant} {where}: {self.text}" if where else f"{self.invariant} {self.text}"
