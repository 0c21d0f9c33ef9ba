"""What a gate's dialog shows: the conversation first, then one tap per open criterion."""

from .asks import Ask
from .sheet import Sheet, gate_sheet
from .talks import Talks

__all__ = ["Ask", "Sheet", "Talks", "gate_sheet"]
